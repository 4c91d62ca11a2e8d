/** host:port in text, with IPv6 addresses. */
import { expect, test } from 'vitest';
import { hostPortText, isWildcard, parseHostPort, splitHostPort } from '../../src/base/host-port.js';

test.each([
  ['m1', { host: 'm1', port: undefined }],
  ['m1:2181', { host: 'm1', port: 2181 }],
  ['m1:', { host: 'm1', port: undefined }],
  ['10.0.0.1:0', { host: '10.0.0.1', port: 0 }],
  ['[::1]', { host: '::1', port: undefined }],
  ['[::1]:2181', { host: '::1', port: 2181 }],
  ['[fe80::1%eth0]:2181', { host: 'fe80::1%eth0', port: 2181 }],
  ['::1', { host: '::1', port: undefined }],
  ['2001:db8:0:0:0:0:0:1', { host: '2001:db8:0:0:0:0:0:1', port: undefined }],
  ['', undefined],
  [':2181', undefined],
  ['m1:port', undefined],
  ['m1:65536', undefined],
  ['m1:-1', undefined],
  ['m1:1:2', undefined],
  ['m 1:1', undefined],
  ['[::1', undefined],
  ['[::1]2181', undefined],
])('%s', (text, parsed) => {
  expect(parseHostPort(text)).toEqual(parsed);
});

test('what follows a host is parted at the colons, as in a server line', () => {
  expect(splitHostPort('m1:2888:3888:observer')).toEqual(['m1', '2888', '3888', 'observer']);
  expect(splitHostPort('[::1]:2888:3888')).toEqual(['::1', '2888', '3888']);
  expect(splitHostPort('m1:2888::')).toEqual(['m1', '2888']);
});

test('an IPv6 address is written in brackets, and read again', () => {
  expect(hostPortText('::1', 2181)).toBe('[::1]:2181');
  expect(parseHostPort(hostPortText('::1', 2181))).toEqual({ host: '::1', port: 2181 });
  expect(hostPortText('m1', 2181)).toBe('m1:2181');
});

test('every address of a host', () => {
  expect(['0.0.0.0', '::', '0:0:0:0:0:0:0:0', ''].map(isWildcard)).toEqual([true, true, true, true]);
  expect(['127.0.0.1', '::1', 'm1', '0'].map(isWildcard)).toEqual([false, false, false, false]);
});
