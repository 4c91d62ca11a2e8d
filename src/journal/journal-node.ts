/**
 * A JournalNode: journals by id, their RPC port and their HTTP port. Journals that lie on disk are opened at the start,
 * so that a damaged directory is known at once; others on the first call that names them. Mirrors
 * org.apache.hadoop.hdfs.qjournal.server.{JournalNode,JournalNodeRpcServer,JournalNodeHttpServer}.
 */
import { hasCode, messageOf } from '../base/errors.js';
import { hostPortText, parseHostPort } from '../base/host-port.js';
import { HADOOP_VERSION } from '../base/versions.js';
import type { Host } from '../host/host.js';
import type { RunningRole } from '../host/role.js';
import { interQJournalProtocol } from '../wire/hadoop/protocols/inter-qjournal.js';
import { qjournalProtocol } from '../wire/hadoop/protocols/qjournal.js';
import { bindProtocol, createRpcServer } from '../wire/hadoop/rpc/server.js';
import type { RpcServer } from '../wire/hadoop/rpc/server.js';
import { jmxResponse } from '../wire/http/jmx.js';
import { createHttpServer } from '../wire/http/server.js';
import type { HttpRequest, HttpResponse, HttpServer } from '../wire/http/server.js';
import { journalNodeBeans } from './beans.js';
import type { JournalNodeConfig } from './config.js';
import { JournalShell } from './journal-shell.js';
import { interQJournalHandlers, qjournalHandlers } from './rpc-handlers.js';
import type { JournalService } from './rpc-handlers.js';
import { serveSegment } from './segment-servlet.js';
import { illegalArgument, ioException } from './state/refusal.js';
import { isJournalId } from './names.js';
import { fetchSegment } from './writer/fetch-segment.js';

const STOP_LIMIT_MS = 3000;
/** A call may name any journal; no cluster has so many. */
const MAX_JOURNALS = 256;

/** Rejects LabError ADDRESS_IN_USE, LOCKED, CORRUPT, DISK_FAILED, naming the address or directory. */
export async function startJournalNode(host: Host, config: JournalNodeConfig): Promise<RunningRole> {
  const node = new JournalNode(host, config);
  try {
    await node.start();
  } catch (error) {
    await node.stop();
    throw error;
  }
  return { kind: 'journalnode', stop: () => node.stop() };
}

class JournalNode implements JournalService {
  readonly #host: Host;
  readonly #config: JournalNodeConfig;
  readonly #journals = new Map<string, JournalShell>();
  readonly #opening = new Map<string, Promise<JournalShell>>();
  #rpc: RpcServer | undefined;
  #http: HttpServer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(host: Host, config: JournalNodeConfig) {
    this.#host = host;
    this.#config = config;
  }

  async start(): Promise<void> {
    const lying = new Map<string, string[]>();
    for (const directory of new Set([this.#config.editsDir, ...Object.values(this.#config.editsDirs)])) {
      await this.#host.disk.makeDirectory(directory);
      for (const journalId of await this.#journalsBelow(directory)) {
        const begun = await this.#host.disk.stat(`${directory}/${journalId}/current`);
        if (begun !== undefined) lying.set(journalId, [...(lying.get(journalId) ?? []), directory]);
      }
    }
    // Of a journal that lies in two (or that two names of one directory lead to) only a call says which one is meant.
    for (const [journalId, directories] of lying)
      if (directories.length === 1) await this.#open(journalId, directories[0]!);
    this.#http = await createHttpServer(this.#host, this.#config.http, (request) => this.#serve(request));
    this.#rpc = await createRpcServer(this.#host, this.#config.rpc, {
      protocols: [
        bindProtocol(qjournalProtocol, qjournalHandlers(this)),
        bindProtocol(interQJournalProtocol, interQJournalHandlers(this)),
      ],
    });
    const { host, port } = this.#rpc.endpoint;
    this.#host.emit({ type: 'RoleStarted', kind: 'journalnode', address: host, port });
    this.#host.log.info(
      `JournalNode serves RPC at ${hostPortText(host, port)}, segments at ${this.httpUrl}, edits in ` +
        this.#config.editsDir,
    );
  }

  async #journalsBelow(directory: string): Promise<string[]> {
    return ((await this.#host.disk.list(directory)) ?? []).filter(isJournalId);
  }

  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      await this.#rpc?.close();
      await this.#http?.close();
      await Promise.allSettled(this.#opening.values());
      // A segment on its way from a silent peer must not hold up the end; the lock goes with the process.
      const journals = [...this.#journals.values()];
      await Promise.race([
        Promise.all(journals.map((journal) => journal.close())),
        new Promise<void>((resolve) => {
          this.#host.clock.after(STOP_LIMIT_MS, resolve);
        }),
      ]);
    })();
    return this.#stopping;
  }

  // --- journals

  openJournal(journalId: string): JournalShell | undefined {
    return this.#journals.get(journalId);
  }

  journal(journalId: string, nameServiceId: string | undefined): Promise<JournalShell> {
    const open = this.#journals.get(journalId);
    if (open !== undefined) return Promise.resolve(open);
    if (!isJournalId(journalId)) return Promise.reject(illegalArgument(`bad journal id: ${journalId}`));
    if (this.#journals.size + this.#opening.size >= MAX_JOURNALS)
      return Promise.reject(ioException(`this JournalNode serves ${MAX_JOURNALS} journals already`));
    const own =
      nameServiceId !== undefined && Object.hasOwn(this.#config.editsDirs, nameServiceId)
        ? this.#config.editsDirs[nameServiceId]
        : undefined;
    return this.#open(journalId, own ?? this.#config.editsDir);
  }

  #open(journalId: string, directory: string): Promise<JournalShell> {
    const underWay = this.#opening.get(journalId);
    if (underWay !== undefined) return underWay;
    const { connectTimeoutMs, fetchTimeoutMs } = this.#config;
    const opening = JournalShell.open({
      host: this.#host,
      journalId,
      root: `${directory === '/' ? '' : directory}/${journalId}`,
      cacheBytes: this.#config.cacheBytes,
      fetch: (url) => fetchSegment(this.#host, url, { connectTimeoutMs, idleTimeoutMs: fetchTimeoutMs }),
    })
      .then((journal) => {
        this.#journals.set(journalId, journal);
        return journal;
      })
      .finally(() => this.#opening.delete(journalId));
    this.#opening.set(journalId, opening);
    return opening;
  }

  // --- faces

  get httpPort(): number {
    return this.#http!.endpoint.port;
  }

  get httpUrl(): string {
    const { host, port } = this.#http!.endpoint;
    return `http://${hostPortText(host, port)}`;
  }

  async isOwnUrl(url: string): Promise<boolean> {
    const address = parseHostPort(/^http:\/\/([^/]+)\//.exec(url)?.[1] ?? '');
    if (address === undefined || (address.port ?? 80) !== this.httpPort) return false;
    const bound = this.#http!.endpoint.host;
    if (address.host === bound) return true;
    try {
      return (await this.#host.net.resolve(address.host)).includes(bound);
    } catch {
      return false;
    }
  }

  async #serve(request: HttpRequest): Promise<HttpResponse> {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(405, `${request.method} is not offered here`);
    switch (request.path) {
      case '/getJournal':
        return this.#serveSegment(request);
      case '/jmx':
        return this.#serveBeans(request);
      case '/':
        return text(200, `JournalNode ${this.#hostAndPort}: /jmx tells how it is`);
      default:
        return text(404, `nothing at ${request.path}`);
    }
  }

  async #serveSegment(request: HttpRequest): Promise<HttpResponse> {
    // Only what was opened by a call or lies formatted on disk: a look must not create anything.
    return serveSegment(this.#host, request, async (journalId) => {
      try {
        return await this.journal(journalId, undefined);
      } catch (error) {
        if (hasCode(error, 'ASSERTION')) throw error;
        throw new Error(`journal ${journalId}: ${messageOf(error)}`);
      }
    });
  }

  get #hostAndPort(): string {
    const { host, port } = this.#rpc?.endpoint ?? this.#config.rpc;
    return hostPortText(host, port);
  }

  async #serveBeans(request: HttpRequest): Promise<HttpResponse> {
    const journals = [...this.#journals.values()].sort((a, b) => (a.journalId < b.journalId ? -1 : 1));
    const below = await this.#journalsBelow(this.#config.editsDir);
    const beans = journalNodeBeans(journals, {
      hostAndPort: this.#hostAndPort,
      hostname: this.#config.rpc.host,
      version: HADOOP_VERSION,
      closedJournals: below.filter((id) => !this.#journals.has(id)),
    });
    return jmxResponse(beans, request.query);
  }
}

const text = (status: number, message: string): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: `${message}\n`,
});
