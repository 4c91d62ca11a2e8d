/**
 * Stories of two ZKFCs and a lock: the election, the controller and the graceful failover of each, driven as a group.
 *
 * | command | what it does |
 * |---|---|
 * | `new` | two ZKFCs, two NameNodes in standby, ZooKeeper formatted; nothing is known of anybody's health |
 * | `elected` | the same some time later: nn1 is active and nn2 standby, as normal-start.trace tells it |
 * | `healthy ID`, `ill ID` | what the health monitor of this ZKFC finds |
 * | `refuse NAMENODE` | it refuses every transition from now on |
 * | `no-answer ID` | the NameNode that it asked to spare itself the fencing does not answer |
 * | `fenced ID`, `not-fenced ID` | its fencing methods end like this |
 * | `failover ID` | `gracefulFailover` is called on this ZKFC |
 * | `cut ID` | its connection to ZooKeeper breaks: what was on its way is lost, what was asked is told to be lost |
 * | `back ID` | it is connected again, with the same session |
 * | `expire ID` | ZooKeeper ends its session |
 * | `unformatted` | nobody ran `hdfs zkfc -formatZK` |
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/base/machine.js';
import { ErrorCode } from '../../src/wire/zookeeper/error-code.js';
import { ActiveStandbyElector } from '../../src/zkfc/elector.js';
import type { ElectorEffect, ElectorInput } from '../../src/zkfc/elector-messages.js';
import { GracefulFailover } from '../../src/zkfc/graceful-failover.js';
import type { GracefulFailoverInput } from '../../src/zkfc/graceful-failover.js';
import { ZKFailoverController } from '../../src/zkfc/zk-failover-controller.js';
import type { ControllerEffect, ControllerInput } from '../../src/zkfc/zk-failover-controller.js';
import { TraceGroup, runTrace, valueText } from '../trace.js';
import type { Command } from '../trace.js';
import { NameNodeStandIn, SESSION_TIMEOUT_MS, ZooKeeperStandIn } from './stand-ins.js';
import type { NameNodeInput, Request, ZooKeeperInput } from './stand-ins.js';

const here = fileURLToPath(new URL('pair/', import.meta.url));

const ANSWERS: Readonly<Record<string, ElectorInput['type']>> = {
  createLock: 'lockCreated',
  statLock: 'lockStat',
  readBreadcrumb: 'breadcrumbRead',
  createBreadcrumb: 'breadcrumbWritten',
  setBreadcrumb: 'breadcrumbWritten',
  deleteBreadcrumb: 'breadcrumbDeleted',
};

const codeText = (code: number): string => Object.entries(ErrorCode).find(([, value]) => value === code)![0];

/** What was on its way, without the numbers that only matter to the machines. */
function letterText(value: ElectorInput | Request): string {
  const { client: _client, timeoutMs: _timeoutMs, code, ...rest } = value as Record<string, unknown> & { type: string };
  return valueText({ ...rest, ...(code === undefined ? {} : { code: codeText(code as number) }) });
}

/** Those that become a message are shown when it is delivered. */
const LETTERS = [
  'fence',
  'findOldActive',
  'askOldActive',
  'becomeActive',
  'becomeStandby',
  'held',
  'quitDone',
  'transitionToActive',
].concat(
  ['transitionToStandby', 'becameActive', 'becameStandby', 'fenced', 'attempted', 'ceded', 'cede', 'readLock'],
  ['openClient', 'closeClient', 'createLock', 'statLock', 'readBreadcrumb', 'createBreadcrumb', 'setBreadcrumb'],
  ['deleteBreadcrumb', 'answer', 'lockRead'],
);

function lineOf(effect: { readonly type: string }): string | undefined {
  if (effect.type === 'log') {
    const { level, message } = effect as Extract<ElectorEffect, { type: 'log' }>;
    return level === 'warn' || level === 'error' ? `says: ${message}` : undefined;
  }
  if (effect.type === 'event') return valueText((effect as { event: { type: string } } & typeof effect).event);
  return LETTERS.includes(effect.type) ? undefined : valueText(effect);
}

class Pair {
  readonly #group = new TraceGroup();
  readonly #zooKeeper = new ZooKeeperStandIn();
  readonly #nameNodes = new Map<string, NameNodeStandIn>();
  /** Of each elector: what it has asked ZooKeeper and not heard of, and how its session began. */
  readonly #asked = new Map<string, Request[]>();
  readonly #connected = new Map<string, ElectorInput>();
  readonly #failovers = new Set<string>();
  readonly #oldActives = new Map<string, string>();

  constructor() {
    this.#group.add('zk', this.#zooKeeper, {
      text: (effect) => lineOf(effect),
      state: () => this.#zooKeeper.state,
      carryOut: (effect) => {
        if (effect.type === 'lockRead')
          this.#group.send('zk', effect.to, `lockRead ${effect.active ?? 'nobody'}`, {
            type: 'lockRead',
            active: effect.active,
          } satisfies GracefulFailoverInput);
        else this.#group.send('zk', effect.to, letterText(effect.input), effect.input);
      },
    });
    for (const number of ['1', '2']) this.#addZkfc(number);
  }

  #addZkfc(number: string): void {
    const nameNode = new NameNodeStandIn();
    this.#nameNodes.set(`nn${number}`, nameNode);
    this.#group.add(`nn${number}`, nameNode, {
      text: (effect) => lineOf(effect),
      state: () => nameNode.state,
      carryOut: (effect) => {
        if (effect.type === 'answer')
          this.#group.send(`nn${number}`, effect.to, nameNode.refuses ? 'it says no' : 'ok', effect.input);
      },
    });
    const controller = new ZKFailoverController(`NameNode nn${number}`, `nn${number}`);
    this.#group.add(`zkfc${number}`, controller, {
      text: (effect) => lineOf(effect),
      state: () => `${controller.health} ${controller.service}`,
      carryOut: (effect) => this.#controlled(number, effect),
    });
    const elector = new ActiveStandbyElector(3, SESSION_TIMEOUT_MS);
    const me = `elector${number}`;
    const asked: Request[] = [];
    this.#asked.set(me, asked);
    const heard = (input: ElectorInput): void => {
      if (input.type === 'connected') this.#connected.set(me, input);
      if (Object.values(ANSWERS).includes(input.type)) asked.shift();
      if (input.type === 'closed') asked.length = 0;
    };
    const machine: Machine<ElectorInput, ElectorEffect> = {
      step: (input, nowMs) => {
        heard(input);
        return elector.step(input, nowMs);
      },
    };
    this.#group.add(me, machine, {
      text: (effect) => lineOf(effect),
      state: () => `${elector.phase} ${elector.state}`,
      carryOut: (effect) => this.#elected(number, effect),
    });
  }

  /** As zk-failover-controller-shell.ts does it, with messages for calls. */
  #controlled(number: string, effect: Exclude<ControllerEffect, { type: 'setTimer' | 'clearTimer' }>): void {
    const ask = (nameNode: string, type: NameNodeInput['type'], answer: NameNodeInput['answer']): void =>
      this.#group.send(`zkfc${number}`, nameNode, type, {
        type,
        from: `zkfc${number}`,
        answer,
      } satisfies NameNodeInput);
    switch (effect.type) {
      case 'join':
        return this.#group.feed(`elector${number}`, { type: 'join', data: Buffer.from(`nn${number}`) });
      case 'quit':
      case 'hold':
      case 'release':
      case 'becameActive':
      case 'becameStandby':
      case 'fenced':
        return this.#group.feed(`elector${number}`, effect);
      case 'transitionToActive':
      case 'transitionToStandby':
        return ask(`nn${number}`, effect.type, 'transitioned');
      case 'findOldActive': {
        const nameNode = effect.data.toString();
        this.#oldActives.set(number, nameNode);
        const found: ControllerInput = { type: 'oldActive', nameNode, target: `NameNode ${nameNode}` };
        return this.#group.feed(`zkfc${number}`, found);
      }
      case 'askOldActive':
        return ask(this.#oldActives.get(number)!, 'transitionToStandby', 'oldActiveAsked');
      case 'attempted':
        if (this.#failovers.has(number))
          this.#group.feed(`failover${number}`, { ...effect, atMs: this.#group.nowMs } satisfies GracefulFailoverInput);
        return;
      case 'ceded':
        return this.#group.send(`zkfc${number}`, `failover${number === '1' ? '2' : '1'}`, 'ceded', { type: 'ceded' });
      default:
    }
  }

  #elected(number: string, effect: Exclude<ElectorEffect, { type: 'setTimer' | 'clearTimer' }>): void {
    const tell = (input: ControllerInput): void => this.#group.feed(`zkfc${number}`, input);
    switch (effect.type) {
      case 'fence':
      case 'becomeActive':
      case 'becomeStandby':
      case 'held':
        return tell(effect);
      case 'quitDone':
        return tell({ type: 'left' });
      case 'enterNeutralMode':
      case 'fatal':
      case 'event':
      case 'log':
        return;
      default:
        if (effect.type in ANSWERS) this.#asked.get(`elector${number}`)!.push(effect);
        this.#group.send(`elector${number}`, 'zk', letterText(effect), {
          type: 'request',
          from: `elector${number}`,
          request: effect,
        } satisfies ZooKeeperInput);
    }
  }

  elect(): readonly string[] {
    for (const [name, ...args] of [['healthy', 'zkfc1'], ['healthy', 'zkfc2'], ['deliver']])
      this.execute({ name: name!, args, options: {} });
    return this.execute({ name: 'show', args: [], options: {} });
  }

  execute(command: Command): readonly string[] {
    const { name, args } = command;
    const number = args[0]?.at(-1) ?? '';
    const group = this.#group;
    switch (name) {
      case 'healthy':
        group.feed(`zkfc${number}`, { type: 'health', state: 'SERVICE_HEALTHY' } satisfies ControllerInput);
        break;
      case 'ill':
        group.feed(`zkfc${number}`, { type: 'health', state: 'SERVICE_NOT_RESPONDING' } satisfies ControllerInput);
        break;
      case 'refuse':
        this.#nameNodes.get(args[0]!)!.refuses = true;
        break;
      case 'no-answer': {
        const reason = 'unable to connect';
        group.feed(`zkfc${number}`, { type: 'oldActiveAsked', obeyed: false, reason } satisfies ControllerInput);
        break;
      }
      case 'fenced':
      case 'not-fenced': {
        const method = name === 'fenced' ? 'shell' : undefined;
        const reason = 'Unable to fence it';
        group.feed(`zkfc${number}`, { type: 'fencingEnded', method, reason } satisfies ControllerInput);
        break;
      }
      case 'failover':
        this.#failover(number);
        break;
      case 'cut':
        this.#cut(`elector${number}`);
        break;
      case 'back':
        group.feed(`elector${number}`, this.#connected.get(`elector${number}`));
        break;
      case 'expire':
        group.feed('zk', { type: 'expire', from: `elector${number}` } satisfies ZooKeeperInput);
        break;
      case 'unformatted':
        this.#zooKeeper.formatted = false;
        break;
      default:
        if (!group.common(command)) throw new Error(`no command ${name}`);
    }
    return group.take();
  }

  /** A loss is told before the disconnection. What is asked again meanwhile waits for the session to be back. */
  #cut(elector: string): void {
    this.#group.common({ name: 'lose', args: [`${elector}->zk`, `zk->${elector}`], options: {} });
    for (const { type, client } of [...this.#asked.get(elector)!]) {
      const lost = { type: ANSWERS[type]!, client, code: ErrorCode.CONNECTIONLOSS };
      this.#group.feed(elector, { ...lost, owner: 0n, data: Buffer.alloc(0), version: -1 });
    }
    const { client } = this.#connected.get(elector) as Extract<ElectorInput, { type: 'connected' }>;
    this.#group.feed(elector, { type: 'disconnected', client } satisfies ElectorInput);
  }

  #failover(number: string): void {
    const other = number === '1' ? '2' : '1';
    const me = `failover${number}`;
    this.#failovers.add(number);
    const machine = new GracefulFailover({
      nameNode: `nn${number}`,
      target: `NameNode nn${number}`,
      others: [`nn${other}`],
      cedeForMs: 10_000,
      attemptWithinMs: 70_000,
    });
    let state = 'under way';
    this.#group.add(me, machine, {
      text: (effect) => lineOf(effect),
      state: () => state,
      carryOut: (effect) => {
        if (effect.type === 'done' || effect.type === 'refuse') state = effect.type;
        if (effect.type === 'readLock')
          this.#group.send(me, 'zk', 'readLock', { type: 'readLock', from: me } satisfies ZooKeeperInput);
        if (effect.type === 'cede') {
          const cede: ControllerInput = { type: 'cede', call: 1, forMs: effect.forMs, by: 'hdfs' };
          this.#group.send(me, `zkfc${other}`, `cedeActive ${effect.forMs}`, cede);
        }
      },
    });
    this.#group.feed(me, {
      type: 'start',
      health: 'SERVICE_HEALTHY',
      service: 'STANDBY',
    } satisfies GracefulFailoverInput);
  }
}

describe('two ZKFCs', () => {
  for (const file of readdirSync(here)) {
    test(file, async () => {
      let pair: Pair;
      const execute = (command: Command): readonly string[] => {
        if (command.name !== 'new' && command.name !== 'elected') return pair.execute(command);
        pair = new Pair();
        return command.name === 'new' ? [] : pair.elect();
      };
      await expect(runTrace(here + file, execute)).toMatchFileSnapshot(here + file);
    });
  }
});
