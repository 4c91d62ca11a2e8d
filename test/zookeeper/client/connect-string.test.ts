/** Connect strings and paths. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConnectString } from '../../../src/zookeeper/client/connect-string.js';
import { validatePath } from '../../../src/zookeeper/client/path.js';

describe('parseConnectString', () => {
  test.each([
    ['m1:2181', [{ host: 'm1', port: 2181 }], ''],
    [
      'm1:2181,m2:2182 , m3',
      [
        { host: 'm1', port: 2181 },
        { host: 'm2', port: 2182 },
        { host: 'm3', port: 2181 },
      ],
      '',
    ],
    [
      'm1:2181,m2:2181/app/a',
      [
        { host: 'm1', port: 2181 },
        { host: 'm2', port: 2181 },
      ],
      '/app/a',
    ],
    ['m1/', [{ host: 'm1', port: 2181 }], ''],
    [
      '[::1]:2183,[fe80::1]',
      [
        { host: '::1', port: 2183 },
        { host: 'fe80::1', port: 2181 },
      ],
      '',
    ],
  ])('%s', (text, servers, chroot) => {
    expect(parseConnectString(text)).toEqual({ servers, chroot });
  });

  test.each(['', ',', '/chroot', 'm1:port', 'm1:0', 'm1:70000', ':2181', 'm1:2181/a//b'])('"%s" is refused', (text) => {
    expect(() => parseConnectString(text)).toThrow();
  });
});

describe('validatePath', () => {
  test.each(['/', '/a', '/a/b.c', '/a/...', '/a/.b', '/ä/日本', '/a/b..'])('%s is fine', (path) => {
    expect(() => validatePath(path)).not.toThrow();
  });

  test.each(['', 'a', '/a/', '/a//b', '/a/./b', '/..', '/a/.', '/a\0b', '/a\u0001', '/\ud83d\ude00'])(
    '%j is refused',
    (path) => {
      expect(() => validatePath(path)).toThrow(expect.objectContaining({ code: 'BAD_PATH' }));
    },
  );

  test('a sequential node may end with a slash: its number follows', () => {
    expect(() => validatePath('/queue/', true)).not.toThrow();
  });

  test('what is accepted has no empty and no relative name', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '.', '..', '', 'b'), { maxLength: 5 }), (names) => {
        const path = `/${names.join('/')}`;
        let accepted = true;
        try {
          validatePath(path);
        } catch {
          accepted = false;
        }
        expect(accepted).toBe(path === '/' || names.every((name) => name === 'a' || name === 'b'));
      }),
    );
  });
});
