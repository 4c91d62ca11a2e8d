/**
 * Stories of a quorum journal: one writer or several, and three JournalNodes, each the real machine with the real
 * driver. Letters, syncs and crashes are in the hands of the trace.
 *
 * | command | what it does |
 * |---|---|
 * | `format jn1 ...` | a NameNode formats these |
 * | `writer W` | a writer comes and wants to be the only one |
 * | `start W TXID`, `write W FIRST-LAST`, `finalize W FIRST-LAST` | what its owner asks of it |
 * | `epoch1 FIRST-LAST` | a beginning: w1 is the writer of epoch 1, and these are on all three, in an open segment |
 * | `hold REQUEST` | requests of this kind do not leave; `let W->jn1` sends what was held on that link |
 * | `break W->jn1` | the connection ends: what is on its way there is lost, and W hears of it |
 * | `restart jn1` | after a crash, a JournalNode comes back with what its disk had synced |
 * | `batch jn1 EPOCH FIRST-LAST` | edits of a writer whom the node has not met |
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/state/journal.js';
import type { JournalEffect, JournalInput, PrepareRecoveryReply } from '../../src/journal/state/types.js';
import type { WriterEffect, WriterInput, WriterRequest } from '../../src/journal/writer/state/types.js';
import { Writer } from '../../src/journal/writer/writer.js';
import { TraceGroup, runTrace } from '../trace.js';
import type { Command } from '../trace.js';
import { JournalDisk, shortName } from './journal-disk.js';
import { nsInfo, writerConfig } from './quorum-fixture.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const NODES = ['jn1', 'jn2', 'jn3'];

/** A request that a JournalNode has not answered yet. */
interface UnderWay {
  readonly writer: string;
  readonly node: number;
  readonly call: number;
  readonly request: WriterRequest;
}

class Quorum {
  readonly group = new TraceGroup();
  readonly #disks = NODES.map(() => new JournalDisk());
  readonly #down = new Set<string>();
  readonly #underWay = new Map<number, UnderWay>();
  #held: { readonly link: string; readonly send: () => void }[] = [];
  #holding: string | undefined;
  #nextCall = 1;

  constructor() {
    NODES.forEach((_, node) => this.#start(node));
  }

  execute(command: Command): readonly string[] {
    const { name, args } = command;
    const [who] = args;
    const range = (): [bigint, bigint] => args[1]!.split('-').map(BigInt) as [bigint, bigint];
    switch (name) {
      case 'format':
        for (const node of args) {
          const { blockPoolId: _, ...storage } = nsInfo;
          this.group.feed(node, { type: 'format', call: this.#nextCall++, storage, force: false });
        }
        break;
      case 'writer':
        this.#addWriter(who!);
        this.#want(who!, { type: 'becomeWriter' });
        break;
      case 'start':
        this.#want(who!, { type: 'startSegment', txid: BigInt(args[1]!) });
        break;
      case 'write': {
        const [firstTxid, lastTxid] = range();
        this.#want(who!, { type: 'write', bytes: Buffer.alloc(1), firstTxid, count: Number(lastTxid - firstTxid) + 1 });
        break;
      }
      case 'finalize': {
        const [firstTxid, lastTxid] = range();
        this.#want(who!, { type: 'finalizeSegment', firstTxid, lastTxid });
        break;
      }
      case 'epoch1':
        this.#begin(args[0]!);
        break;
      case 'hold':
        this.#holding = who;
        break;
      case 'let':
        for (const { send } of this.#held.filter(({ link }) => args.includes(link))) send();
        this.#held = this.#held.filter(({ link }) => !args.includes(link));
        break;
      case 'break':
        for (const link of args) this.#break(link);
        break;
      case 'batch': {
        const [firstTxid, lastTxid] = args[2]!.split('-').map(BigInt) as [bigint, bigint];
        const info = { epoch: BigInt(args[1]!), ipcSerialNumber: 0n, committedTxid: undefined };
        const count = Number(lastTxid - firstTxid) + 1;
        const call = this.#nextCall++;
        this.group.feed(who!, {
          type: 'journal',
          call,
          info,
          segmentTxid: 1n,
          firstTxid,
          count,
          bytes: Buffer.alloc(1),
        });
        break;
      }
      case 'restart':
        for (const node of args) this.#start(NODES.indexOf(node));
        break;
      default:
        if (!this.group.common(command)) throw new Error(`no command ${name}`);
        if (name === 'crash') for (const member of args) this.#crashed(member);
    }
    return this.group.take();
  }

  #begin(range: string): void {
    const lines = [`format ${NODES.join(' ')}`, 'writer w1', 'deliver', `start w1 ${range.split('-')[0]}`, 'deliver'];
    for (const line of [...lines, `write w1 ${range}`, 'deliver', `sync ${NODES.join(' ')}`, 'deliver']) {
      const [name, ...args] = line.split(' ');
      this.execute({ name: name!, args, options: {} });
    }
    this.group.say(`w1 writes in epoch 1; ${range} are on all three`);
  }

  #break(link: string): void {
    this.group.common({ name: 'lose', args: [link], options: {} });
    const [writer, node] = link.split('->');
    for (const [number, asked] of this.#underWay)
      if (asked.writer === writer && NODES[asked.node] === node) this.#lost(number);
  }

  #want(writer: string, input: WriterInput): void {
    this.group.feed(writer, input);
  }

  #addWriter(name: string): void {
    const writer = new Writer(NODES, writerConfig);
    this.group.add<WriterInput, WriterEffect>(name, writer, {
      text: writerText,
      carryOut: (effect) => {
        if (effect.type !== 'send') return;
        const { node, call, request } = effect;
        const number = this.#nextCall++;
        this.#underWay.set(number, { writer: name, node, call, request });
        const to = NODES[node]!;
        const send = (): void => this.group.send(name, to, requestText(request), callOf(number, request, node));
        if (this.#down.has(to)) this.#lost(number);
        else if (request.method === this.#holding) this.#held.push({ link: `${name}->${to}`, send });
        else send();
      },
      state: () =>
        NODES.map((address, node) => {
          const { outOfSync, ackedTxid } = writer.status(node);
          return `${address} ${outOfSync ? 'is left out' : `has up to ${ackedTxid}`}`;
        }).join(', '),
    });
  }

  #start(node: number): void {
    const name = NODES[node]!;
    const disk = this.#disks[node]!;
    this.#down.delete(name);
    const journal = new Journal('book', `/${name}/book`, disk.snapshot);
    this.group.add<JournalInput, JournalEffect>(name, journal, {
      text: (effect) => journalText(effect, disk),
      carryOut: (effect) => {
        switch (effect.type) {
          case 'readView':
            return { type: 'viewed', view: disk.view(effect.segmentTxid) };
          case 'download': {
            const source = effect.url.slice('http://'.length);
            if (this.#down.has(source)) return { type: 'notRead', reason: `${source} does not answer` };
            disk.receive(effect.to, effect.segment, this.#disks[NODES.indexOf(source)]!);
            return { type: 'downloaded' };
          }
          case 'reply':
            return this.#answer(effect.call, 'ok', (asked) => answerOf(asked, effect.reply));
          case 'refuse': {
            const { className, message } = effect.refusal;
            const words = message.replace(' ; journal id: book', '');
            return this.#answer(effect.call, `refused: ${words}`, ({ node: at, call, request: { method } }) => ({
              type: 'refused',
              node: at,
              call,
              method,
              failure: { className, message },
            }));
          }
          default:
            return disk.apply(effect, journal.lastWriterEpoch);
        }
      },
      state: () => String(disk),
    });
  }

  #answer(number: number, words: string, answer: (asked: UnderWay) => WriterInput): void {
    const asked = this.#underWay.get(number);
    this.#underWay.delete(number);
    if (asked === undefined || this.#down.has(asked.writer)) return;
    const input = answer(asked);
    const what = input.type === 'refused' ? words : answerText(input);
    this.group.send(NODES[asked.node]!, asked.writer, `${asked.request.method}: ${what}`, input);
  }

  /** The connection ends: the writer hears of it. */
  #lost(number: number): void {
    this.#answer(number, 'no connection', ({ node, call, request: { method } }) => ({
      type: 'refused',
      node,
      call,
      method,
      failure: { className: undefined, message: 'no connection' },
    }));
  }

  #crashed(name: string): void {
    this.#down.add(name);
    this.#held = this.#held.filter(({ link }) => !link.split('->').includes(name));
    this.#holding = undefined;
    const node = NODES.indexOf(name);
    if (node < 0) return;
    this.#disks[node]!.crash();
    for (const [number, asked] of this.#underWay) if (asked.node === node) this.#lost(number);
  }
}

function callOf(call: number, request: WriterRequest, node: number): JournalInput {
  switch (request.method) {
    case 'getJournalState':
      return { type: 'getJournalState', call };
    case 'newEpoch':
      return { type: 'newEpoch', call, storage: nsInfo, epoch: request.epoch };
    case 'prepareRecovery':
      return { type: 'prepareRecovery', call, info: request.info, segmentTxid: request.segmentTxid };
    case 'acceptRecovery': {
      const { info, segment, from } = request;
      return { type: 'acceptRecovery', call, info, segment, url: `http://${NODES[from]}`, fromSelf: from === node };
    }
    case 'startLogSegment':
      return { type: 'startLogSegment', call, info: request.info, txid: request.txid, layoutVersion: -66 };
    case 'finalizeLogSegment': {
      const { info, startTxid, endTxid } = request;
      return { type: 'finalizeLogSegment', call, info, startTxid, endTxid };
    }
    case 'journal': {
      const { info, segmentTxid, firstTxid, lastTxid } = request;
      const count = Number(lastTxid - firstTxid) + 1;
      return { type: 'journal', call, info, segmentTxid, firstTxid, count, bytes: Buffer.alloc(1) };
    }
    case 'heartbeat':
      return { type: 'heartbeat', call, info: request.info };
    case 'purgeLogs':
      return { type: 'purgeLogsOlderThan', call, info: request.info, minTxidToKeep: request.minTxid };
  }
}

function answerOf({ node, call, request }: UnderWay, reply: unknown): WriterInput {
  switch (request.method) {
    case 'getJournalState':
      return { type: 'journalState', node, call, ...(reply as { lastPromisedEpoch: bigint }) };
    case 'newEpoch':
      return { type: 'promised', node, call, ...(reply as { lastSegmentTxid: bigint | undefined }) };
    case 'prepareRecovery':
      return { type: 'prepared', node, call, reply: reply as PrepareRecoveryReply };
    default:
      return { type: 'done', node, call };
  }
}

function requestText(request: WriterRequest): string {
  const committed = 'info' in request && request.info.committedTxid;
  const epoch = 'info' in request ? ` epoch ${request.info.epoch}` : '';
  const rest = `${epoch}${typeof committed === 'bigint' ? `, committed ${committed}` : ''}`;
  switch (request.method) {
    case 'newEpoch':
      return `newEpoch ${request.epoch}`;
    case 'prepareRecovery':
      return `prepareRecovery of segment ${request.segmentTxid}${rest}`;
    case 'acceptRecovery': {
      const { startTxid, endTxid } = request.segment;
      return `acceptRecovery ${startTxid}-${endTxid} from ${NODES[request.from]}${rest}`;
    }
    case 'startLogSegment':
      return `startLogSegment ${request.txid}${rest}`;
    case 'finalizeLogSegment':
      return `finalizeLogSegment ${request.startTxid}-${request.endTxid}${rest}`;
    case 'journal':
      return `journal ${request.firstTxid}-${request.lastTxid}${rest}`;
    default:
      return `${request.method}${rest}`;
  }
}

function answerText(input: WriterInput): string {
  switch (input.type) {
    case 'journalState':
      return `promised ${input.lastPromisedEpoch}`;
    case 'promised':
      return `newest segment ${input.lastSegmentTxid ?? 'none'}`;
    case 'prepared': {
      const { segment, acceptedInEpoch, lastWriterEpoch } = input.reply;
      if (segment === undefined) return `nothing, writer ${lastWriterEpoch}`;
      const { startTxid, endTxid, isInProgress } = segment;
      return (
        `${startTxid}-${endTxid} ${isInProgress ? 'in progress' : 'finalized'}, writer ${lastWriterEpoch}` +
        `${acceptedInEpoch === undefined ? '' : `, accepted in ${acceptedInEpoch}`}`
      );
    }
    default:
      return 'ok';
  }
}

function writerText(effect: WriterEffect): string | undefined {
  switch (effect.type) {
    case 'becameWriter':
      return `is the writer of epoch ${effect.epoch}, behind ${effect.lastTxid}`;
    case 'segmentStarted':
      return 'has its segment open';
    case 'segmentFinalized':
      return 'has finalized its segment';
    case 'acknowledged':
      return `takes all up to ${effect.txid} for written`;
    case 'failed':
      return `has failed: ${effect.error.code}`;
    case 'log':
      return effect.level === 'info' ? `says: ${effect.message}` : undefined;
    default:
      return undefined;
  }
}

function journalText(effect: JournalEffect, disk: JournalDisk): string | undefined {
  switch (effect.type) {
    case 'writePromisedEpoch':
    case 'writeWriterEpoch':
      return `${effect.type} ${effect.epoch}`;
    case 'openSegment':
      return `open ${shortName(effect.name)}`;
    case 'append':
      return `append ${effect.firstTxid}-${effect.lastTxid}`;
    case 'written':
      return `${effect.firstTxid}-${effect.lastTxid} count as written`;
    case 'closeSegment':
    case 'format':
      return effect.type;
    case 'rename':
      return `rename ${shortName(effect.from)} to ${shortName(effect.to)}`;
    case 'remove':
    case 'syncFile':
    case 'trimFile':
      return `${effect.type} ${shortName(effect.name)}`;
    case 'writePaxos':
      return `writePaxos ${effect.segmentTxid}-${effect.data.segment.endTxid} in ${effect.data.acceptedInEpoch}`;
    case 'removePaxos':
      return disk.hasPaxos(effect.segmentTxid) ? `removePaxos ${effect.segmentTxid}` : undefined;
    case 'download':
      return `download ${effect.segment.startTxid}-${effect.segment.endTxid} from ${effect.url.slice(7)}`;
    case 'refuse':
      return `refuses: ${effect.refusal.message.replace(' ; journal id: book', '')}`;
    default:
      return undefined;
  }
}

const names = readdirSync(here).filter((name) => name.endsWith('.trace'));

test('there are traces', () => {
  expect(names.length).toBeGreaterThan(10);
});

for (const name of names) {
  test(name, async () => {
    const quorum = new Quorum();
    const path = `${here}${name}`;
    await expect(runTrace(path, (command) => quorum.execute(command))).toMatchFileSnapshot(path);
  });
}
