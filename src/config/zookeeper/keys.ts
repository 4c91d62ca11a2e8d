/**
 * Every key that ZooKeeper 3.8.4 reads, and what it does here. A key stands in zoo.cfg; one that QuorumPeerConfig does
 * not know becomes the system property `zookeeper.<key>`, which `-D` sets as well; some properties have another name
 * and come by `-D` alone. What a server does with a key is read in load.ts; src/KEYS.md is made of this table.
 */
import { NO_MEANING_KEYS } from './keys-no-meaning.js';
import { REFUSED_KEYS } from './keys-refused.js';
import { WORKING_KEYS } from './keys-working.js';

export const KEY_STATES = ['works', 'refused', 'no meaning here'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/**
 * `both`: the key in the file is `key`, the property `zookeeper.<key>`. `property`: `key` is the property's own name.
 */
export type KeyPlace = 'zoo.cfg' | 'property' | 'both';

export interface ZooKeeperKey {
  /** With a `*` at its end it stands for all keys that begin so. */
  readonly key: string;
  readonly where: KeyPlace;
  readonly state: KeyState;
  readonly note: string;
  /** What QuorumPeerConfig takes it for: anything else is refused, whether or not the key means something here. */
  readonly type?: 'integer' | 'long' | 'boolean' | 'text';
  /** Whether a value asks for something else than what is done anyway; without it, every value does. */
  readonly asks?: (value: string) => boolean;
}

export const ZOOKEEPER_KEYS: readonly ZooKeeperKey[] = [...WORKING_KEYS, ...REFUSED_KEYS, ...NO_MEANING_KEYS];

const exact = new Map(ZOOKEEPER_KEYS.filter(({ key }) => !key.endsWith('*')).map((entry) => [nameOf(entry), entry]));
const families = ZOOKEEPER_KEYS.filter(({ key }) => key.endsWith('*'));

function nameOf({ key, where }: ZooKeeperKey): string {
  return where === 'both' ? `zookeeper.${key}` : key;
}

function find(name: string, where: readonly KeyPlace[]): ZooKeeperKey | undefined {
  const entry = exact.get(name);
  if (entry !== undefined && where.includes(entry.where)) return entry;
  return families.find((family) => where.includes(family.where) && name.startsWith(nameOf(family).slice(0, -1)));
}

/** What a line of zoo.cfg is: a key of QuorumPeerConfig's own, or one that becomes a property. */
export function findFileKey(key: string): ZooKeeperKey | undefined {
  return find(key, ['zoo.cfg']) ?? find(`zookeeper.${key}`, ['both']);
}

/** What a system property is, by its whole name. */
export function findProperty(name: string): ZooKeeperKey | undefined {
  return find(name, ['property', 'both']);
}
