/** Who may import whom: the table of src/ARCHITECTURE.md, and no circles. */
import { describe, expect, test } from 'vitest';
import { folderOf, roles, srcImports } from './sources.js';

/** folder -> folders it may import; single files and subfolders are named whole. */
const role = ['base', 'src/host/host.ts', 'src/host/role.ts', 'wire', 'config'];
const allowed: Record<string, readonly string[]> = {
  base: [],
  host: ['base'],
  wire: ['base', 'src/host/host.ts'],
  config: ['base'],
  zookeeper: role,
  journal: role,
  namenode: [...role, 'src/journal/writer/', 'src/journal/config.ts'],
  datanode: role,
  zkfc: [...role, 'src/zookeeper/client/'],
  cluster: ['base', 'host', 'wire', 'config', ...roles],
  drill: ['base', 'host', 'wire', 'config', 'cluster', ...roles],
  dashboard: ['base', 'wire', 'config', 'cluster', 'drill'],
};

describe('who may import whom', () => {
  for (const [folder, may] of Object.entries(allowed)) {
    test(folder, () => {
      const bad = srcImports.filter(({ from, to }) => {
        if (folderOf(from) !== folder || !to.startsWith('src/') || folderOf(to) === folder) return false;
        return !may.some((entry) => (entry.startsWith('src/') ? to.startsWith(entry) : folderOf(to) === entry));
      });
      expect(bad.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
    });
  }

  test('only cli, cluster and drill choose a host', () => {
    const bad = srcImports.filter(
      ({ from, to, typeOnly }) =>
        /^src\/host\/(live|sim)\//.test(to) &&
        !['host', 'cli', 'drill', 'cluster'].includes(folderOf(from)) &&
        !typeOnly,
    );
    expect(bad.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('no circle among files', () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of srcImports) {
      if (typeOnly || !to.startsWith('src/')) continue;
      graph.set(from, [...(graph.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (node: string, path: string[]): void => {
      if (path.includes(node)) {
        circles.push([...path.slice(path.indexOf(node)), node].join(' -> '));
        return;
      }
      if (done.has(node)) return;
      for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
      done.add(node);
    };
    for (const node of [...graph.keys()].sort()) visit(node, []);
    expect(circles).toEqual([]);
  });
});
