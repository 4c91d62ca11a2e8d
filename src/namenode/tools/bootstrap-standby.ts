/**
 * `hdfs namenode -bootstrapStandby`: ids from another NameNode, its newest image, and the certainty that the shared
 * edits hold what comes after. Mirrors org.apache.hadoop.hdfs.server.namenode.ha.BootstrapStandby, exit codes included.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { IMAGE_LAYOUT_VERSION } from '../../wire/fsimage/container.js';
import { namenodeProtocol } from '../../wire/hadoop/protocols/namenode.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../wire/hadoop/rpc/client.js';
import type { NameNodeConfig, PeerNameNode } from '../config.js';
import { openSharedJournal } from '../edit-log/shared-edits.js';
import { downloadImage } from '../image/image-transfer.js';
import { NameDirectories } from '../image/name-directories.js';
import type { NamespaceInfo } from '../image/storage-info.js';
import { confirmFormat, storageDirectoryText } from './outcome.js';
import type { ToolOptions } from './outcome.js';

export const BootstrapExit = {
  ok: 0,
  failedConnect: 2,
  invalidVersion: 3,
  alreadyFormatted: 5,
  logsUnavailable: 6,
} as const;

export interface BootstrapOptions extends ToolOptions {
  readonly skipSharedEditsCheck?: boolean;
}

/**
 * Resolves with the exit code. Rejects LabError BAD_CONFIG without HA, and for what fails after the other NameNode has
 * answered.
 */
export async function bootstrapStandby(
  host: Host,
  config: NameNodeConfig,
  options: BootstrapOptions,
): Promise<{ exitCode: number }> {
  const print = options.print ?? ((line: string): void => host.log.info(line));
  if (config.sharedEdits === undefined) throw new LabError('BAD_CONFIG', 'HA is not enabled for this namenode.');
  if (config.peers.length === 0) throw new LabError('BAD_CONFIG', 'Could not find any valid namenodes!');
  const rpc = createRpcClient(host, {
    user: config.limits.superUser,
    connectTimeoutMs: config.connectTimeoutMs,
    connectRetries: 3,
  });
  const directories = new NameDirectories(host, config.imageDirs, config.editsDirs);
  try {
    const found = await findPeer(host, rpc, config);
    if (found === undefined) {
      const list = config.peers.map(({ nameNodeId, rpc: at }) => `${nameNodeId} at ${at.host}:${at.port}`).join(', ');
      print(`Unable to fetch namespace information from any remote NN. Possible NameNodes: ${list}`);
      return { exitCode: BootstrapExit.failedConnect };
    }
    const { peer, info } = found;
    if (info.layoutVersion !== IMAGE_LAYOUT_VERSION) {
      print(
        `Layout version on remote node (${info.layoutVersion}) does not match this node's layout version ` +
          `(${IMAGE_LAYOUT_VERSION})`,
      );
      return { exitCode: BootstrapExit.invalidVersion };
    }
    for (const line of banner(config, peer, info)) print(line);
    await directories.lock();
    const items = directories.all.map((dir) => ({
      name: storageDirectoryText(dir),
      hasData: () => directories.hasData(dir),
    }));
    if (!(await confirmFormat(items, options, print))) return { exitCode: BootstrapExit.alreadyFormatted };
    const imageTxid = (await rpc.call(namenodeProtocol, 'getMostRecentCheckpointTxId', peer.rpc, {})).txId;
    const currentTxid = (await rpc.call(namenodeProtocol, 'getTransactionId', peer.rpc, {})).txId;
    if (
      options.skipSharedEditsCheck !== true &&
      !(await editsAvailable(host, config, info, imageTxid, currentTxid, print))
    ) {
      return { exitCode: BootstrapExit.logsUnavailable };
    }
    const { bytes, md5 } = await downloadImage(host, peer.http, imageTxid, info, {
      connectTimeoutMs: config.connectTimeoutMs,
      timeoutMs: config.imageTransferTimeoutMs,
    });
    // Only now: a bootstrap that fails before leaves the directories as they were, not half-formatted.
    await directories.format(info);
    await directories.writeImage(imageTxid, bytes, md5);
    await directories.writeSeenTxid(imageTxid);
    return { exitCode: BootstrapExit.ok };
  } finally {
    rpc.close();
    await directories.unlock();
  }
}

async function findPeer(
  host: Host,
  rpc: RpcClient,
  config: NameNodeConfig,
): Promise<{ peer: PeerNameNode; info: NamespaceInfo } | undefined> {
  for (const peer of config.peers) {
    try {
      const { info } = await rpc.call(namenodeProtocol, 'versionRequest', peer.rpc, {});
      return {
        peer,
        info: {
          layoutVersion: info.storageInfo.layoutVersion | 0,
          namespaceId: info.storageInfo.namespceID | 0,
          clusterId: info.storageInfo.clusterID,
          cTime: info.storageInfo.cTime,
          blockPoolId: info.blockPoolID,
        },
      };
    } catch (error) {
      host.log.warn(
        `Unable to fetch namespace information from remote NN at ${peer.rpc.host}:${peer.rpc.port}: ` +
          `${messageOf(error)}`,
      );
    }
  }
  return undefined;
}

function banner(config: NameNodeConfig, peer: PeerNameNode, info: NamespaceInfo): string[] {
  return [
    '=====================================================',
    `About to bootstrap Standby ID ${config.nameNodeId ?? ''} from:`,
    `           Nameservice ID: ${config.nameserviceId ?? ''}`,
    `        Other Namenode ID: ${peer.nameNodeId}`,
    `  Other NN's HTTP address: http://${peer.http.host}:${peer.http.port}`,
    `  Other NN's IPC  address: ${peer.rpc.host}/${peer.rpc.host}:${peer.rpc.port}`,
    `             Namespace ID: ${info.namespaceId}`,
    `            Block pool ID: ${info.blockPoolId}`,
    `               Cluster ID: ${info.clusterId}`,
    `           Layout version: ${info.layoutVersion}`,
    '       isUpgradeFinalized: true',
    '=====================================================',
  ];
}

/** Every transaction after the image up to what the other NameNode has, or the exit code says that they are missing. */
async function editsAvailable(
  host: Host,
  config: NameNodeConfig,
  info: NamespaceInfo,
  imageTxid: bigint,
  currentTxid: bigint,
  print: (line: string) => void,
): Promise<boolean> {
  if (imageTxid === currentTxid) return true;
  const shared = openSharedJournal(host, config, info);
  let reached = imageTxid;
  let why = '';
  try {
    for await (const range of shared.readEdits(imageTxid + 1n, { inProgressOk: true, onlyDurable: false })) {
      reached = range.lastTxid;
      if (reached >= currentTxid) break;
    }
  } catch (error) {
    why = messageOf(error);
  } finally {
    await shared.close();
  }
  if (reached >= currentTxid) return true;
  const gap =
    `Gap in transactions. Expected to be able to read up until at least txid ${currentTxid} but unable to find any ` +
    `edit logs containing txid ${reached + 1n}`;
  print(
    `Unable to read transaction ids ${imageTxid + 1n}-${currentTxid} from the configured shared edits storage ` +
      `${config.sharedEdits ?? ''}. ` +
      'Please copy these logs into the shared edits storage or call saveNamespace on the active node.\n' +
      `Error: ${why === '' ? gap : why}`,
  );
  return false;
}
