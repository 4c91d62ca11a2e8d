/**
 * acceptedEpoch and currentEpoch, each a file with a decimal number, as Apache keeps them beside its snapshots. Mirrors
 * org.apache.zookeeper.server.quorum.QuorumPeer (readLongFromFile, writeLongToFile).
 */
import { LabError } from '../../base/errors.js';
import type { Disk } from '../../host/host.js';

export type EpochName = 'acceptedEpoch' | 'currentEpoch';

/** Undefined if the file is not there. Rejects LabError CORRUPT. */
export async function readEpoch(disk: Disk, directory: string, name: EpochName): Promise<bigint | undefined> {
  const path = `${directory}/${name}`;
  const bytes = await disk.readFile(path);
  if (bytes === undefined) return undefined;
  const text = bytes.toString('latin1').trim();
  if (!/^\d{1,19}$/.test(text)) {
    throw new LabError('CORRUPT', `${path} does not hold a number: ${JSON.stringify(text.slice(0, 40))}`, {
      remedy:
        `move ${directory} away and start the server again: it copies its history from the leader, as long as ` +
        `the other servers are a majority`,
    });
  }
  return BigInt(text);
}

export function writeEpoch(disk: Disk, directory: string, name: EpochName, epoch: bigint): Promise<void> {
  return disk.writeFile(`${directory}/${name}`, Buffer.from(epoch.toString()));
}
