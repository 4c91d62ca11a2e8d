/** dfs.ha.fencing.methods, as users write it. */
import { describe, expect, test } from 'vitest';
import { parseFencingMethods, parseSshArgument } from '../../../src/zkfc/fencing/methods.js';

const texts = (spec: string): string[] => parseFencingMethods(spec).map(({ text }) => text);

describe('parseFencingMethods', () => {
  test('one a line, white space and comments allowed', () => {
    expect(
      texts(`
      # first ask nicely
      sshfence(hdfs:2222)   # then
        shell(/path/to/my/script.sh arg1 arg2)

      org.apache.hadoop.ha.ShellCommandFencer(/bin/true)
      sshfence
    `),
    ).toEqual([
      'org.apache.hadoop.ha.SshFenceByTcpPort(hdfs:2222)',
      'org.apache.hadoop.ha.ShellCommandFencer(/path/to/my/script.sh arg1 arg2)',
      'org.apache.hadoop.ha.ShellCommandFencer(/bin/true)',
      'org.apache.hadoop.ha.SshFenceByTcpPort(null)',
    ]);
  });

  test('brackets within the argument belong to it', () => {
    expect(parseFencingMethods('shell(test "$(id -u)" = 0)')[0]!.argument).toBe('test "$(id -u)" = 0');
  });

  test('lines that end in CR as well', () => {
    expect(texts('sshfence\r\nshell(/bin/true)\r\n')).toHaveLength(2);
  });

  test.each([
    ['com.example.MyFencer(x)', 'Could not find configured fencing method com.example.MyFencer'],
    ['ssh fence', "Unable to parse line: 'ssh fence'"],
    ['shell', "No argument passed to 'shell' fencing method"],
    ['shell()', "Unable to parse line: 'shell()'"],
    ['shell(a\nb)', "Unable to parse line: 'shell(a'"],
    ['shell(a\rb)', "Unable to parse line: 'shell(a\rb)'"],
    ['shell(echo #x)', "Unable to parse line: 'shell(echo'"],
    ['shell(x) y', "Unable to parse line: 'shell(x) y'"],
    ['SHELL(x)', 'Could not find configured fencing method SHELL'],
    ['\u00a0shell(x)', "Unable to parse line: '\u00a0shell(x)'"],
    ['sshfence(a:)', 'Unable to parse user and SSH port: a:'],
    ['sshfence(a:b)', 'Unable to parse user and SSH port: a:b'],
    ['sshfence(a:99999999999)', "Port number '99999999999' invalid"],
  ])("%s is refused in Hadoop's words", (spec, message) => {
    expect(() => parseFencingMethods(spec)).toThrow(expect.objectContaining({ code: 'BAD_FENCING', message }));
  });

  test.each([
    ['shell(a;b)', 'a;b'],
    ['shell(a,b)', 'a,b'],
    ['shell( )', ' '],
    ['shell(a))', 'a)'],
    ['sshfence(hdfs@m1:022)', 'hdfs@m1:022'],
  ])('%s: its argument as it stands', (spec, argument) => {
    expect(parseFencingMethods(spec).map((method) => method.argument)).toEqual([argument]);
  });

  test('nothing configured is no method, which is no error until one is needed', () => {
    expect(parseFencingMethods('  # none yet\n')).toEqual([]);
  });
});

test.each([
  [undefined, { user: undefined, port: 22 }],
  ['hdfs', { user: 'hdfs', port: 22 }],
  [':2222', { user: undefined, port: 2222 }],
  ['hdfs:2222', { user: 'hdfs', port: 2222 }],
])('sshfence(%s)', (argument, expected) => {
  expect(parseSshArgument(argument)).toEqual(expected);
});
