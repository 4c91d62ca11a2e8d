/** Three JournalNodes in the simulator, and what lies on their disks. */
import { createHash } from 'node:crypto';
import type { Configuration } from '../../config/hadoop/contract.js';
import { journalNodeConfigFrom } from '../../journal/config.js';
import { startJournalNode } from '../../journal/journal-node.js';
import { DirectoryNode, FileNode } from '../../host/sim/file-system.js';
import { MACHINES } from './machines.js';
import type { Run } from './scenario.js';

/** Adds jn1..jn3 on m1..m3. */
export function addJournalNodes({ cluster }: Pick<Run, 'cluster'>, conf: Configuration): void {
  MACHINES.forEach((machine, index) => {
    const config = journalNodeConfigFrom(conf, { address: machine });
    cluster.add({ id: `jn${index + 1}`, machine, main: (host) => startJournalNode(host, config) });
  });
}

/** Node -> name of each finalized segment -> a digest of its bytes. */
export function finalizedSegments({ world }: Run, directory: string): Map<string, Map<string, string>> {
  const all = new Map<string, Map<string, string>>();
  MACHINES.forEach((machine, index) => {
    const found = new Map<string, string>();
    const node = world.machine(machine).files.find(`${directory}/current`);
    if (node instanceof DirectoryNode) {
      for (const [name, file] of node.children) {
        if (!/^edits_\d+-\d+$/.test(name) || !(file instanceof FileNode)) continue;
        found.set(name, createHash('sha256').update(file.read(0, file.size)).digest('hex'));
      }
    }
    all.set(`jn${index + 1}`, found);
  });
  return all;
}
