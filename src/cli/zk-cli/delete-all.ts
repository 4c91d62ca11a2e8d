/** `deleteall`: removes a node and all below it. Mirrors org.apache.zookeeper.cli.DeleteAllCommand. */
import { LabError } from '../../base/errors.js';
import { Op } from '../../wire/zookeeper/op.js';
import { validatePath } from '../../zookeeper/client/path.js';
import { CliFailure, wrongUsage, type CliCommand } from './command.js';
import { parseInt64, parseOptions } from './options.js';
import { listSubtree } from './subtree.js';

const DEFAULT_BATCH = 1000;

export const deleteAll: CliCommand = {
  name: 'deleteall',
  options: 'path [-b batch size]',
  async run({ client, error }, args) {
    const options = parseOptions({ valued: ['b'] }, args);
    const [path] = options.words;
    if (path === undefined) throw wrongUsage(deleteAll);
    const batch = batchSize(options.value('b'));
    validatePath(path);
    const tree = (await listSubtree(client, path)).reverse();
    // Without a batch, node by node; else each batch is all or nothing.
    if (batch <= 0) {
      for (const node of tree) await client.delete(node);
      return;
    }
    for (let at = 0; at < tree.length; at += batch) {
      const ops = tree.slice(at, at + batch).map((node) => ({
        op: Op.delete,
        request: { path: node, version: -1 },
      }));
      try {
        await client.multi(ops);
      } catch (failure) {
        if (!(failure instanceof LabError)) throw failure;
        error('Failed to delete some node(s) in the subtree!');
        return;
      }
    }
  },
};

function batchSize(text: string | undefined): number {
  if (text === undefined) return DEFAULT_BATCH;
  const value = parseInt64(text);
  if (value === undefined || BigInt.asIntN(32, value) !== value)
    throw new CliFailure('-b argument must be an int value');
  return Number(value);
}
