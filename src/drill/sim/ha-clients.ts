/**
 * A client of the simulated NameNodes: makes directories and renames some, through both NameNodes as a failover proxy
 * does: on StandbyException or a lost connection it asks the other one, with the same call id, so that the retry cache
 * knows the call.
 */
import type { Endpoint, Host } from '../../host/host.js';
import { LabError } from '../../base/errors.js';
import { clientNamenodeProtocol } from '../../wire/hadoop/protocols/client-namenode.js';
import { zkfcProtocol } from '../../wire/hadoop/protocols/zkfc.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { CallOptions, RpcClient } from '../../wire/hadoop/rpc/client.js';
import { JavaException, remoteClassName } from '../../wire/hadoop/rpc/exceptions.js';
import type { NamespaceOperation } from '../checks/ha.js';

export const NAME_NODES: readonly { readonly id: string; readonly rpc: Endpoint }[] = [
  { id: 'nn1', rpc: { host: 'm1', port: 9000 } },
  { id: 'nn2', rpc: { host: 'm2', port: 9000 } },
];

const ATTEMPTS = 200;
const PASSING: readonly string[] = [JavaException.STANDBY, JavaException.RETRIABLE, JavaException.SAFE_MODE];

export class FailoverProxy {
  readonly rpc: RpcClient;
  readonly #host: Host;
  #current: number;

  constructor(host: Host) {
    this.#host = host;
    this.#current = host.random.below(NAME_NODES.length);
    this.rpc = createRpcClient(host, {
      user: 'ann',
      connectTimeoutMs: 1000,
      connectRetries: 0,
      connectRetriesOnTimeouts: 0,
    });
  }

  /** The NameNode that answered last. */
  get current(): string {
    return NAME_NODES[this.#current]!.id;
  }

  /** Rejects when no NameNode answers for long, or with the first answer that is no matter of failover. */
  async invoke<T>(call: (endpoint: Endpoint, options: CallOptions) => Promise<T>): Promise<T> {
    const callId = this.rpc.nextCallId();
    for (let attempt = 0; ; attempt++) {
      try {
        return await call(NAME_NODES[this.#current]!.rpc, { callId, retryCount: attempt, timeoutMs: 3000 });
      } catch (error) {
        const className = remoteClassName(error);
        const passing =
          error instanceof LabError &&
          (error.code !== 'REMOTE' || (className !== undefined && PASSING.includes(className)));
        if (!passing || attempt >= ATTEMPTS) throw error;
        this.#current = (this.#current + 1) % NAME_NODES.length;
        await new Promise<void>((resolve) => void this.#host.clock.after(20 + 150 * this.#host.random.unit(), resolve));
      }
    }
  }
}

export interface HaClientOptions {
  readonly thinkMs: number;
  readonly history: NamespaceOperation[];
  readonly working: () => boolean;
  /** A directory that was acknowledged is asked for: not there, by this NameNode's word. */
  readonly onMissing: (path: string, nameNode: string) => void;
}

/** Until it is killed. */
export async function haClient(host: Host, options: HaClientOptions): Promise<void> {
  const { history, working } = options;
  const { random, clock } = host;
  const proxy = new FailoverProxy(host);
  const { rpc } = proxy;
  const born = clock.wallMs().toString(36);
  let known: string[] = [];
  for (let number = 0; ; number++) {
    await new Promise<void>((resolve) => void clock.after(2 * options.thinkMs * random.unit(), resolve));
    if (!working()) continue;
    const choice = random.below(10);
    try {
      if (choice < 6 || known.length === 0) {
        const op: NamespaceOperation = {
          client: host.id,
          kind: 'mkdirs',
          path: `/d/${host.id}-${born}-${number}`,
          startMs: clock.nowMs(),
        };
        history.push(op);
        const { result } = await proxy.invoke((at, how) =>
          rpc.call(
            clientNamenodeProtocol,
            'mkdirs',
            at,
            { src: op.path, masked: { perm: 0o755 }, createParent: true },
            how,
          ),
        );
        op.endMs = clock.nowMs();
        op.outcome = result ? 'ok' : 'refused';
        if (result) known.push(op.path);
      } else if (choice < 8) {
        const path = known.splice(random.below(known.length), 1)[0]!;
        const op: NamespaceOperation = {
          client: host.id,
          kind: 'rename',
          path,
          target: path.replace('/d/', '/r/'),
          startMs: clock.nowMs(),
        };
        history.push(op);
        const { result } = await proxy.invoke((at, how) =>
          rpc.call(clientNamenodeProtocol, 'rename', at, { src: path, dst: op.target! }, how),
        );
        op.endMs = clock.nowMs();
        op.outcome = result ? 'ok' : 'refused';
      } else {
        const path = known[random.below(known.length)]!;
        const { fs } = await proxy.invoke((at, how) =>
          rpc.call(clientNamenodeProtocol, 'getFileInfo', at, { src: path }, how),
        );
        if (fs === undefined) options.onMissing(path, proxy.current);
      }
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      host.log.warn(`given up: ${error.message}`);
    }
    if (known.length > 50) known = known.slice(25);
  }
}

/** Somebody with `hdfs haadmin -failover`, every now and then, in the middle of everything. */
export async function operator(host: Host, options: { meanPauseMs: number; working: () => boolean }): Promise<void> {
  const rpc = createRpcClient(host, {
    user: 'hdfs',
    connectTimeoutMs: 1000,
    connectRetries: 0,
    connectRetriesOnTimeouts: 0,
  });
  for (;;) {
    await new Promise<void>((resolve) => void host.clock.after(2 * options.meanPauseMs * host.random.unit(), resolve));
    if (!options.working()) continue;
    const machine = NAME_NODES[host.random.below(NAME_NODES.length)]!.rpc.host;
    try {
      await rpc.call(zkfcProtocol, 'gracefulFailover', { host: machine, port: 8019 }, {}, { timeoutMs: 10_000 });
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      host.log.info(`failover to ${machine}: ${error.message}`);
    }
  }
}
