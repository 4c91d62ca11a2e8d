/**
 * What each key of Hadoop 3.3.6 does here: every `ha.*`, `dfs.ha.*`, `dfs.namenode.*`, `dfs.journalnode.*`,
 * `dfs.qjournal.*` and `ipc.*` key that core-default.xml, hdfs-default.xml and the classes of constants name, and the
 * others that are refused. src/KEYS.md is made of this table.
 */
import type { LoadedConfiguration } from './load.js';
import { KEYS_WITHOUT_MEANING } from './keys-no-meaning.js';
import { REFUSED_KEYS } from './keys-refused.js';
import { WORKING_KEYS } from './keys-working.js';

export interface HadoopKey {
  /** With a `*` at its end it stands for all keys that begin so and have no entry of their own. */
  readonly key: string;
  readonly state: 'works' | 'refused' | 'no meaning here';
  readonly note: string;
}

export const HADOOP_KEYS: readonly HadoopKey[] = [
  ...Object.entries(WORKING_KEYS).map(([key, note]): HadoopKey => ({ key, state: 'works', note })),
  ...REFUSED_KEYS.map(({ key, note }): HadoopKey => ({ key, state: 'refused', note })),
  ...KEYS_WITHOUT_MEANING.map(({ key, note }): HadoopKey => ({ key, state: 'no meaning here', note })),
];

const exact = new Map(HADOOP_KEYS.map((entry) => [entry.key, entry]));
const families = HADOOP_KEYS.filter(({ key }) => key.endsWith('*'));

/** The entry of a key, by its own name or that of its family. */
export function findHadoopKey(key: string): HadoopKey | undefined {
  return exact.get(key) ?? families.find((family) => key.startsWith(family.key.slice(0, -1)));
}

/**
 * One line that names the keys that somebody set and that have no effect here; none where there are none. The many that
 * a lab takes no notice of because it has no such part at all (JVM, threads) are among them.
 */
export function withoutEffect(conf: LoadedConfiguration): readonly string[] {
  const keys = [...conf.settings().keys()].filter((key) => findHadoopKey(key)?.state === 'no meaning here').sort();
  return keys.length === 0 ? [] : [`${conf.dir}: without effect here (src/KEYS.md says why): ${keys.join(', ')}`];
}
