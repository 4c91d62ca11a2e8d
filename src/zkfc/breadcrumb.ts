/**
 * What the lock and the breadcrumb hold: the NameNode that is, or was, active, as hadoop.hdfs.ActiveNodeInfo. Mirrors
 * DFSZKFailoverController.targetToData and dataToTarget.
 */
import { LabError } from '../base/errors.js';
import type { Host } from '../host/host.js';
import { ActiveNodeInfo } from '../wire/hadoop/gen/ha-zk-info.js';
import type { HaTarget, ZkfcConfig } from './config.js';
import { addressOf, socketAddressText } from './target-text.js';

export function encodeActiveNodeInfo(target: HaTarget, zkfcPort: number): Buffer {
  const { nameserviceId, nameNodeId, address } = target;
  const info = { nameserviceId, namenodeId: nameNodeId, hostname: address.host, port: address.port, zkfcPort };
  return Buffer.from(ActiveNodeInfo.encode(info).finish());
}

/** Throws LabError `MALFORMED`, quoting the bytes. */
export function decodeActiveNodeInfo(data: Buffer): ActiveNodeInfo {
  try {
    return ActiveNodeInfo.decode(data);
  } catch (error) {
    throw new LabError('MALFORMED', `Invalid data in ZK: ${data.toString('hex')}`, { cause: error });
  }
}

/**
 * The configured NameNode that the bytes name, with the ZKFC's port as they give it. Rejects LabError `MALFORMED`;
 * `BAD_CONFIG` if our configuration does not know it or has it at another address.
 */
export async function targetOf(host: Host, config: ZkfcConfig, data: Buffer): Promise<HaTarget> {
  const info = decodeActiveNodeInfo(data);
  const known = [config.local, ...config.others].find(
    (target) => target.nameserviceId === info.nameserviceId && target.nameNodeId === info.namenodeId,
  );
  if (known === undefined) {
    throw new LabError(
      'BAD_CONFIG',
      `Unable to determine service address for namenode '${info.namenodeId}' of ${info.nameserviceId}, which ` +
        `ZooKeeper names`,
      {
        remedy: `is it in dfs.ha.namenodes.${info.nameserviceId}?`,
      },
    );
  }
  const stored = await addressOf(host, info.hostname);
  const ours = await addressOf(host, known.address.host);
  if (
    info.port !== known.address.port ||
    (info.hostname !== known.address.host && (stored === undefined || stored !== ours))
  ) {
    throw new LabError(
      'BAD_CONFIG',
      `Mismatched address stored in ZK for NameNode ${known.nameNodeId}: stored was ${info.hostname}:${info.port}, ` +
        `address from our own configuration for this NameNode was ${socketAddressText(known.address, ours)}`,
    );
  }
  return Object.freeze({ ...known, zkfc: Object.freeze({ host: known.address.host, port: info.zkfcPort }) });
}
