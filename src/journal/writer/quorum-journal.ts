/**
 * A quorum journal as a NameNode opens it: its connections, the writer, the reader, and what is done at format. Writing
 * is in writer.ts and its shell, reading in quorum-reader.ts. Mirrors
 * org.apache.hadoop.hdfs.qjournal.client.QuorumJournalManager.
 */
import { LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../wire/hadoop/rpc/client.js';
import type { EditsRange, LoggerStatus, QuorumJournal, QuorumJournalOptions } from './api.js';
import { LoggerClient } from './logger-client.js';
import { journalName, namespaceInfoProto } from './protos.js';
import { QuorumAsker } from './quorum-asker.js';
import { QuorumReader } from './quorum-reader.js';
import { parseQuorumJournalUri } from './uri.js';
import { WriterShell } from './writer-shell.js';

export function openQuorumJournal(host: Host, options: QuorumJournalOptions): QuorumJournal {
  return new QuorumJournalFace(host, options);
}

class QuorumJournalFace implements QuorumJournal {
  readonly journalId: string;
  readonly #options: QuorumJournalOptions;
  readonly #rpc: RpcClient;
  readonly #asker: QuorumAsker;
  readonly #writer: WriterShell;
  readonly #reader: QuorumReader;

  constructor(host: Host, options: QuorumJournalOptions) {
    const { nodes: endpoints, journalId } = parseQuorumJournalUri(options.uri);
    const { config } = options;
    this.journalId = journalId;
    this.#options = options;
    const { connectTimeoutMs, connectRetries, connectRetriesOnTimeouts, connectRetryIntervalMs } = config;
    this.#rpc = createRpcClient(host, {
      user: options.rpcUser,
      connectTimeoutMs,
      ...(connectRetries === undefined ? {} : { connectRetries }),
      ...(connectRetriesOnTimeouts === undefined ? {} : { connectRetriesOnTimeouts }),
      ...(connectRetryIntervalMs === undefined ? {} : { connectRetryIntervalMs }),
    });
    const nodes = endpoints.map((endpoint) => new LoggerClient(this.#rpc, endpoint));
    this.#asker = new QuorumAsker(host, nodes);
    this.#writer = new WriterShell(host, options, journalId, nodes);
    this.#reader = new QuorumReader({ host, config, journalId, nsInfo: options.nsInfo, nodes, asker: this.#asker });
    if (nodes.length % 2 === 0)
      host.log.warn(
        `Quorum journal URI '${options.uri}' has an even number of Journal Nodes specified. This is not recommended!`,
      );
  }

  async format({ force }: { force: boolean }): Promise<void> {
    await this.#asker.askAll(
      'format',
      { ...this.#name, nsInfo: namespaceInfoProto(this.#options.nsInfo), force },
      'format',
      this.#options.config.operationsTimeoutMs,
      'Could not format one or more JournalNodes',
    );
  }

  async isFormatted(): Promise<boolean> {
    const answers = await this.#asker.askAll(
      'isFormatted',
      this.#name,
      'hasSomeData',
      this.#options.config.operationsTimeoutMs,
      'Unable to check if JNs are ready for formatting',
    );
    return answers.some(({ value }) => value.isFormatted);
  }

  becomeWriter(): Promise<{ epoch: bigint; lastTxid: bigint }> {
    return this.#writer.becomeWriter();
  }

  startSegment(txid: bigint): Promise<void> {
    return this.#writer.startSegment(txid);
  }

  write(bytes: Uint8Array, firstTxid: bigint, count: number): void {
    this.#writer.write(bytes, firstTxid, count);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  finalizeSegment(firstTxid: bigint, lastTxid: bigint): Promise<void> {
    return this.#writer.finalizeSegment(firstTxid, lastTxid);
  }

  purge(minTxid: bigint): void {
    this.#writer.purge(minTxid);
  }

  readEdits(fromTxid: bigint, options: { inProgressOk: boolean; onlyDurable: boolean }): AsyncIterable<EditsRange> {
    return this.#reader.readEdits(fromTxid, options);
  }

  status(): readonly LoggerStatus[] {
    return this.#writer.status();
  }

  close(): Promise<void> {
    this.#writer.close(new LabError('CLOSED', `the quorum journal ${this.journalId} is closed`));
    this.#rpc.close();
    return Promise.resolve();
  }

  get #name(): ReturnType<typeof journalName> {
    return journalName(this.journalId, this.#options.nameServiceId);
  }
}
