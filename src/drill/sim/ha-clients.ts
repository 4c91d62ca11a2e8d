/**
 * A client of the simulated NameNodes: makes directories, renames some and asks for others, through the client that
 * fails over. And somebody who moves the service about.
 */
import type { Endpoint, Host } from '../../host/host.js';
import { LabError } from '../../base/errors.js';
import { FailoverProxyShell } from '../../namenode/client/failover-proxy-shell.js';
import { zkfcProtocol } from '../../wire/hadoop/protocols/zkfc.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { NamespaceOperation } from '../checks/ha.js';

export const NAME_NODES: readonly { readonly id: string; readonly rpc: Endpoint }[] = [
  { id: 'nn1', rpc: { host: 'm1', port: 9000 } },
  { id: 'nn2', rpc: { host: 'm2', port: 9000 } },
];

/** Fails over as Hadoop's client does, but with the patience and the timers of a storm. */
export function simulatedClient(host: Host): FailoverProxyShell {
  const first = host.random.below(NAME_NODES.length);
  const order = [...NAME_NODES.slice(first), ...NAME_NODES.slice(0, first)];
  return new FailoverProxyShell(
    host,
    order.map(({ id, rpc }) => ({ id, ...rpc })),
    {
      user: 'ann',
      callTimeoutMs: 3000,
      connectTimeoutMs: 1000,
      maxFailovers: 200,
      maxRetries: 200,
      sleepBaseMs: 95,
      sleepMaxMs: 95,
    },
  );
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
  const client = simulatedClient(host);
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
        const { response } = await client.call('mkdirs', { src: op.path, masked: { perm: 0o755 }, createParent: true });
        op.endMs = clock.nowMs();
        op.outcome = response.result ? 'ok' : 'refused';
        if (response.result) known.push(op.path);
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
        const { response } = await client.call('rename', { src: path, dst: op.target! });
        op.endMs = clock.nowMs();
        op.outcome = response.result ? 'ok' : 'refused';
      } else {
        const path = known[random.below(known.length)]!;
        const { response, by } = await client.call('getFileInfo', { src: path });
        if (response.fs === undefined) options.onMissing(path, by);
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
