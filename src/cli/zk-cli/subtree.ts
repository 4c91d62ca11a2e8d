/** Walks over a node and all below it. Mirrors the walks of org.apache.zookeeper.ZKUtil. */
import { hasCode } from '../../base/errors.js';
import type { ZooKeeperClient } from '../../zookeeper/client/client.js';
import type { Watcher } from '../../zookeeper/client/watches.js';

export const childOf = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`);

/** The node, then its children by name, then what is below each. A node that goes meanwhile is no failure. */
export async function visitSubtree(
  client: ZooKeeperClient,
  root: string,
  visit: (path: string) => void | Promise<void>,
  watcher?: Watcher,
): Promise<void> {
  await client.getData(root, watcher);
  await visit(root);
  const below = async (path: string): Promise<void> => {
    let names: string[];
    try {
      names = [...(await client.getChildren(path, watcher)).children].sort();
    } catch (error) {
      if (hasCode(error, 'NoNode')) return;
      throw error;
    }
    for (const name of names) await visit(childOf(path, name));
    for (const name of names) await below(childOf(path, name));
  };
  await below(root);
}

/** The node and all below it, level by level: parents before their children. */
export async function listSubtree(client: ZooKeeperClient, root: string): Promise<string[]> {
  const tree = [root];
  for (let at = 0; at < tree.length; at++) {
    const path = tree[at]!;
    for (const name of (await client.getChildren(path)).children) tree.push(childOf(path, name));
  }
  return tree;
}
