/** The election's decisions, driven by traces. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../src/wire/zookeeper/error-code.js';
import { ActiveStandbyElector } from '../../src/zkfc/elector.js';
import type { ElectorInput } from '../../src/zkfc/elector-messages.js';
import { TraceGroup, runTrace } from '../trace.js';
import type { Command } from '../trace.js';

const here = fileURLToPath(new URL('elector/', import.meta.url));

/** `lockStat OK owner=0x22`: of client 1 unless `client=` says another. */
function inputOf({ name, args, options }: Command): ElectorInput {
  const client = Number(options['client'] ?? 1);
  const code = ErrorCode[args[0] as keyof typeof ErrorCode];
  switch (name) {
    case 'adopt':
    case 'connected':
      return { type: name, client, session: BigInt(args[0]!), timeoutMs: 10_000 };
    case 'join':
      return { type: name, data: Buffer.from('nn1') };
    case 'quit':
    case 'release':
      return { type: name, needFence: args.includes('needFence') };
    case 'hold':
    case 'becameStandby':
      return { type: name };
    case 'disconnected':
    case 'expired':
    case 'authFailed':
    case 'closed':
    case 'lockDeleted':
    case 'lockChanged':
      return { type: name, client };
    case 'lockCreated':
    case 'breadcrumbWritten':
    case 'breadcrumbDeleted':
      return { type: name, client, code };
    case 'lockStat':
      return { type: name, client, code, owner: BigInt(options['owner'] ?? 0) };
    case 'breadcrumbRead': {
      const data = Buffer.from(options['data'] ?? '');
      return { type: name, client, code, data, version: Number(options['version'] ?? -1) };
    }
    case 'fenced':
    case 'becameActive':
      return { type: name, ok: args[0] === 'ok', reason: options['reason'] ?? '' };
    default:
      throw new Error(`no command ${name}`);
  }
}

function election(): (command: Command) => readonly string[] {
  const group = new TraceGroup();
  let elector: ActiveStandbyElector;
  return (command) => {
    if (command.name === 'new') {
      elector = new ActiveStandbyElector(3, 10_000);
      group.add('elector', elector);
      return [];
    }
    if (!group.common(command)) group.feed('elector', inputOf(command));
    const { phase, state, holdsLock } = elector;
    return [...group.take(), `${phase}, ${state}${holdsLock ? ', holds the lock' : ''}`];
  };
}

describe('elector', () => {
  for (const file of readdirSync(here)) {
    test(file, async () => {
      await expect(runTrace(here + file, election())).toMatchFileSnapshot(here + file);
    });
  }
});

test('what cannot come in a phase is an error, not a guess', () => {
  const elector = new ActiveStandbyElector(3, 10_000);
  elector.step({ type: 'adopt', client: 1, session: 1n, timeoutMs: 10_000 }, 0);
  expect(() => elector.step({ type: 'lockStat', client: 1, code: 0, owner: 1n }, 0)).toThrow(
    'the election takes no lockStat in phase out',
  );
});
