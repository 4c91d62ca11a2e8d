/**
 * Reading a quorum journal in order: over RPC from the nodes' caches where open segments may be read, else segment by
 * segment over HTTP, going on at another node where one fails. Mirrors QuorumJournalManager#selectInputStreams and
 * RedundantEditLogInputStream.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { OpStream } from '../../wire/edits/segment/op-stream.js';
import type { EditsRange, NamespaceInfo } from './api.js';
import type { QuorumJournalConfig } from './config.js';
import { fetchSegment } from './fetch-segment.js';
import type { LoggerClient } from './logger-client.js';
import type { Answers, QuorumAsker } from './quorum-asker.js';
import { segmentUrl } from './segment-url.js';
import { copiesIn, copiesWith, nextHeld } from './state/selection.js';
import type { Copy } from './state/selection.js';

export interface QuorumReaderOptions {
  readonly host: Host;
  readonly config: QuorumJournalConfig;
  readonly journalId: string;
  readonly nsInfo: NamespaceInfo;
  readonly nodes: readonly LoggerClient[];
  readonly asker: Pick<QuorumAsker, 'ask' | 'askEach'>;
}

type Manifests = Answers<'getEditLogManifest'>;

const WARN_INTERVAL_MS = 5000;

export class QuorumReader {
  readonly #options: QuorumReaderOptions;
  #nextWarningMs = -Infinity;

  constructor(options: QuorumReaderOptions) {
    this.#options = options;
  }

  async *readEdits(
    fromTxid: bigint,
    options: { inProgressOk: boolean; onlyDurable: boolean },
  ): AsyncGenerator<EditsRange, void, undefined> {
    let next = fromTxid;
    if (options.inProgressOk && this.#options.config.inProgressTailing) {
      for (;;) {
        let range: EditsRange | undefined;
        try {
          range = await this.#readOverRpc(next, options.onlyDurable);
        } catch (error) {
          this.#warn(
            `Encountered exception while tailing edits >= ${next} via RPC; falling back to streaming: ` +
              `${messageOf(error)}`,
          );
          break;
        }
        if (range === undefined) return;
        yield range;
        const count = Number(range.lastTxid - range.firstTxid) + 1;
        next = range.lastTxid + 1n;
        if (count < this.#options.config.rpcMaxTxns) return;
      }
    }
    yield* this.#readSegments(next, options);
  }

  #warn(message: string): void {
    const nowMs = this.#options.host.clock.nowMs();
    if (nowMs < this.#nextWarningMs) return;
    this.#nextWarningMs = nowMs + WARN_INTERVAL_MS;
    this.#options.host.log.warn(message);
  }

  async #readOverRpc(fromTxid: bigint, onlyDurable: boolean): Promise<EditsRange | undefined> {
    const { config, journalId, nodes, asker } = this.#options;
    const answers = await asker.ask(
      'getJournaledEdits',
      { jid: { identifier: journalId }, sinceTxId: fromTxid, maxTxns: config.rpcMaxTxns },
      'selectRpcInputStreams',
      config.selectInputStreamsTimeoutMs,
    );
    // A transaction that a majority of all nodes sent is on a majority.
    const sorted = answers
      .filter(({ value }) => value.txnCount >= 0)
      .sort((a, b) => b.value.txnCount - a.value.txnCount || a.node - b.node);
    const majority = Math.floor(nodes.length / 2) + 1;
    const count = onlyDurable ? (sorted[majority - 1]?.value.txnCount ?? 0) : (sorted[0]?.value.txnCount ?? 0);
    if (count === 0) return undefined;
    const lastTxid = fromTxid + BigInt(count) - 1n;
    let failure: unknown;
    for (const { node, value } of sorted) {
      if (value.txnCount < count || value.editLog === undefined) continue;
      try {
        const ops = new OpStream(fromTxid, lastTxid);
        const run = ops.push(value.editLog);
        if (run !== undefined && ops.done) return { ...run, segmentTxid: fromTxid, source: nodes[node]!.address };
        failure = new LabError(
          'CORRUPT',
          `${nodes[node]!.address} announced ${value.txnCount} transactions from ${fromTxid} and sent fewer`,
        );
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async *#readSegments(
    fromTxid: bigint,
    { inProgressOk, onlyDurable }: { inProgressOk: boolean; onlyDurable: boolean },
  ): AsyncGenerator<EditsRange, void, undefined> {
    const { config, journalId, nodes, asker } = this.#options;
    const request = { jid: { identifier: journalId }, sinceTxId: fromTxid, inProgressOk };
    const timeoutMs = config.selectInputStreamsTimeoutMs;
    let answers: Manifests = await asker.ask('getEditLogManifest', request, 'selectStreamingInputStreams', timeoutMs);
    let copies = copiesOf(answers, onlyDurable);
    let askedEach = false;
    let next = fromTxid;
    for (;;) {
      const candidates = copiesWith(copies, next);
      const held = nextHeld(copies, next);
      if (candidates.length === 0 && held === undefined) return;
      const before = next;
      const failures: string[] = [];
      for (const copy of candidates) {
        try {
          for await (const range of this.#readCopy(copy, next)) {
            yield range;
            next = range.lastTxid + 1n;
          }
          break;
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
          failures.push(`${nodes[copy.node]!.address}: ${error.message}`);
          if (next > before) break;
        }
      }
      if (next > before) continue;
      if (!askedEach) {
        // A majority answered, and none of it can go on: a node beyond it may.
        askedEach = true;
        answers = await asker.askEach('getEditLogManifest', request, timeoutMs);
        // Fewer than a majority could make the journal look shorter than it is.
        if (answers.length > nodes.length / 2) {
          copies = copiesOf(answers, onlyDurable);
          continue;
        }
      }
      if (candidates.length === 0) {
        throw new LabError(
          'EDITS_GAP',
          `journal ${journalId}: transactions ${next}-${held! - 1n} are on none of the JournalNodes that answered ` +
            `(${answers.map(({ node }) => nodes[node]!.address).join(', ')})`,
          {
            remedy: 'Bring back the JournalNode that holds them, or bootstrap this NameNode anew from the active one.',
          },
        );
      }
      throw new LabError(
        'QUORUM_LOST',
        `journal ${journalId}: transaction ${next} cannot be read from any JournalNode\n${failures.join('\n')}`,
        {
          remedy:
            'Look at the logs of these JournalNodes; their HTTP port (dfs.journalnode.http-address) must be ' +
            'reachable from here.',
        },
      );
    }
  }

  /** Ends normally only when all of the copy's range has come. */
  async *#readCopy(copy: Copy, fromTxid: bigint): AsyncGenerator<EditsRange, void, undefined> {
    const { host, config, journalId, nsInfo, nodes } = this.#options;
    const node = nodes[copy.node]!;
    const url = segmentUrl(node.httpBase!, journalId, copy.firstTxid, nsInfo);
    const ops = new OpStream(fromTxid, copy.lastTxid);
    for await (const piece of fetchSegment(host, url, {
      connectTimeoutMs: config.httpConnectTimeoutMs,
      idleTimeoutMs: config.httpReadTimeoutMs,
    })) {
      const run = ops.push(piece);
      if (run !== undefined) yield { ...run, segmentTxid: copy.firstTxid, source: node.address };
      if (ops.done) return;
    }
    throw new LabError(
      'CORRUPT',
      `segment ${copy.firstTxid} ends before transaction ${ops.nextTxid} and should hold ${copy.lastTxid}`,
    );
  }
}

function copiesOf(answers: Manifests, onlyDurable: boolean): Copy[] {
  return copiesIn(
    answers.map(({ node, value: { manifest } }) => ({
      node,
      logs: manifest.logs.map((log) => ({
        startTxid: log.startTxId,
        endTxid: log.endTxId,
        isInProgress: log.isInProgress ?? false,
      })),
      // Hadoop sends its INVALID_TXID, a negative number, for none.
      committedTxid:
        manifest.committedTxnId === undefined || BigInt.asIntN(64, manifest.committedTxnId) < 0n
          ? undefined
          : manifest.committedTxnId,
    })),
    onlyDurable,
  );
}
