/**
 * A NameNode: `startNameNode` and what comes before it, `formatNameNode`, `bootstrapStandby` and
 * `initializeSharedEdits`.
 *
 * Start: directories locked, newest image loaded, ports open, then standby (with HA) or active (without). The HTTP port
 * is open before the image is loaded, so that probes see `initializing`. Mirrors
 * org.apache.hadoop.hdfs.server.namenode.NameNode.
 */
import type { Host } from '../host/host.js';
import type { RunningRole } from '../host/role.js';
import { createHttpServer } from '../wire/http/server.js';
import type { HttpServer } from '../wire/http/server.js';
import { clientNamenodeProtocol } from '../wire/hadoop/protocols/client-namenode.js';
import { bindProtocol, createRpcServer } from '../wire/hadoop/rpc/server.js';
import type { RpcServer } from '../wire/hadoop/rpc/server.js';
import type { NameNodeConfig } from './config.js';
import { NameNodeCore } from './core.js';
import { NameDirectories } from './image/name-directories.js';
import { loadNewestImage } from './image/load-namespace.js';
import { adminCalls } from './rpc/admin-calls.js';
import { Gate } from './rpc/gate.js';
import { haCalls } from './rpc/ha-calls.js';
import { namenodeCalls } from './rpc/namenode-calls.js';
import { namespaceCalls } from './rpc/namespace-calls.js';
import { readCalls } from './rpc/read-calls.js';
import { unsupportedCalls } from './rpc/unsupported-calls.js';
import { WebFace } from './web/web-face.js';

export { bootstrapStandby } from './tools/bootstrap-standby.js';
export { formatNameNode } from './tools/format.js';
export { initializeSharedEdits } from './tools/initialize-shared-edits.js';
export { newClusterId } from './image/storage-info.js';

export interface RunningNameNode extends RunningRole {
  readonly kind: 'namenode';
}

/** Resolves once the ports are open and the first state is entered. Rejects LabError naming directory, port or key. */
export async function startNameNode(host: Host, config: NameNodeConfig): Promise<RunningNameNode> {
  const directories = new NameDirectories(host, config.imageDirs, config.editsDirs);
  const open: { close(): Promise<void> }[] = [];
  const undo = async (): Promise<void> => {
    for (const server of open.reverse()) await server.close();
    await directories.unlock();
  };
  let core: NameNodeCore;
  try {
    const info = await directories.readInfo();
    await directories.lock();
    await directories.removeUnfinished();
    await directories.readSeenTxid(); // read again when it counts; what is wrong with it is said now
    const web = new WebFace(config);
    const http: HttpServer = await createHttpServer(host, config.bind.http, (request) => web.serve(request));
    open.push(http);
    core = new NameNodeCore(host, config, directories, info);
    await loadNewestImage(core);
    web.attach(core);
    const gate = new Gate(core);
    // Without HA there is no standby to be: active before anyone asks.
    if (!core.haEnabled) await core.ha.transitionTo('ACTIVE');
    for (const server of await openRpc(host, core, gate)) open.push(server);
    host.emit({ type: 'RoleStarted', kind: 'namenode', address: config.rpc.host, port: config.rpc.port });
    host.log.info(`NameNode RPC up at: ${config.rpc.host}:${config.rpc.port}`);
    if (core.haEnabled) await core.ha.transitionTo('STANDBY');
  } catch (error) {
    await undo();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    kind: 'namenode',
    stop() {
      stopping ??= (async () => {
        core.lifetime.ending();
        for (const server of open.reverse()) await server.close();
        await core.ha.stop();
        core.tailer.close();
        await core.sharedEdits.close();
        await directories.unlock();
      })();
      return stopping;
    },
  };
}

async function openRpc(host: Host, core: NameNodeCore, gate: Gate): Promise<RpcServer[]> {
  const { config } = core;
  const protocols = [
    bindProtocol(clientNamenodeProtocol, {
      ...unsupportedCalls(),
      ...readCalls(core, gate),
      ...namespaceCalls(core, gate),
      ...adminCalls(core, gate),
    }),
    haCalls(core, gate),
    namenodeCalls(core, gate),
  ];
  const options = { protocols, maxDataLength: config.maxIpcBytes };
  const servers: RpcServer[] = [];
  for (const more of [config.bind.serviceRpc, config.bind.lifelineRpc])
    if (more !== undefined) servers.push(await createRpcServer(host, more, options));
  servers.push(await createRpcServer(host, config.bind.rpc, options));
  return servers;
}
