/** What is typed at zkCli.sh and what it answers: zk-cli.txt. test/apache holds the same against ZooKeeper's own. */
import { expect, test } from 'vitest';
import { zkCliOptions } from '../../src/cli/zk-cli.js';
import { splitLine } from '../../src/cli/zk-cli/shell.js';
import { ZK_CLI_LINES } from './zk-cli-lines.js';
import { startZooKeeper, transcript, typeAt } from './zk-fixture.js';

test('every command, as it is typed', async () => {
  let text = '';
  for (const [group, lines] of Object.entries(ZK_CLI_LINES)) {
    const { server, stop } = await startZooKeeper();
    try {
      text += `# ${group}\n\n${transcript(await typeAt(server, lines), server)}\n`;
    } finally {
      await stop();
    }
  }
  await expect(text).toMatchFileSnapshot('zk-cli.txt');
});

test('a server that is not there: the command fails, and what to look at is said', async () => {
  const [answer] = await typeAt('127.16.0.1:1', ['ls /']);
  expect(answer).toEqual({
    line: 'ls /',
    code: 1,
    out: '',
    err:
      'KeeperErrorCode = ConnectionLoss for /\n' +
      '  no server answered at 127.16.0.1:1: does one run there (zkServer.sh status)?\n',
  });
});

test('quit ends with what the command before ended with', async () => {
  const { server, stop } = await startZooKeeper();
  try {
    expect((await typeAt(server, ['help', 'quit'])).map(({ code }) => code)).toEqual([127, 127]);
    expect((await typeAt(server, ['help', 'ls /', 'quit'])).map(({ code }) => code)).toEqual([127, 0, 0]);
  } finally {
    await stop();
  }
});

test.each([
  ['ls /', ['ls', '/']],
  ['  create   /a "two words"  ', ['create', '/a', 'two words']],
  ['set /a \'it "is"\'', ['set', '/a', 'it "is"']],
  ['set /a ""', ['set', '/a', '']],
  ['set /a it"s', ['set', '/a', 'it"s']],
  ['get "open', ['get', 'open']],
  ['   ', []],
  ['"', []],
])('words of the line %j', (line, words) => {
  expect(splitLine(line)).toEqual(words);
});

test.each([
  [['-server', 'h:1', 'ls', '/'], { server: 'h:1', command: ['ls', '/'] }],
  [
    ['-timeout', '5', '-r', '-waitforconnection', 'get', '-s', '/'],
    { timeout: '5', waits: true, command: ['get', '-s', '/'] },
  ],
  [['-unknown', 'ls', '-server', 'x'], { server: undefined, command: ['ls', '-server', 'x'] }],
  [['-client-configuration', 'f'], { clientFile: 'f', command: [] }],
])('options in front of a command: %j', (argv, wanted) => {
  expect(zkCliOptions(argv, () => {})).toMatchObject(wanted);
});

test('an option without its value is told, and passed over', () => {
  const told: string[] = [];
  expect(zkCliOptions(['-server'], (line) => told.push(line))).toMatchObject({ server: undefined, command: [] });
  expect(told).toEqual(['Error: no argument found for option -server']);
});
