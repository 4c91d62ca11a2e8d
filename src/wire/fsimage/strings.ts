/**
 * Owners and groups in an image: numbers that stand for strings in STRING_TABLE, packed with the mode into one long.
 *
 *     permission := user:24 group:24 mode:16
 *
 * Mirrors INodeWithAdditionalFields.PermissionStatusFormat and SerialNumberManager, whose kinds have number spaces of
 * their own.
 */
import { LabError } from '../../base/errors.js';

/** SerialNumberManager's kinds; in the table a kind stands in the top `MASK_BITS` of the 32-bit key. */
const KINDS = { user: 1, group: 2, xattr: 3 } as const;
const KIND_NAMES = ['user', 'group', 'xattr'] as const;
export const MASK_BITS = 3;

/** The SYSTEM attribute in which a directory keeps its storage policy (BlockStoragePolicySuite): one byte. */
export const STORAGE_POLICY_XATTR = 'hsm.block.storage.policy.id';

export class StringTableBuilder {
  readonly #ids = {
    user: new Map<string, number>(),
    group: new Map<string, number>(),
    xattr: new Map<string, number>(),
  };

  #id(kind: keyof typeof KINDS, text: string): number {
    const ids = this.#ids[kind];
    let id = ids.get(text);
    if (id === undefined) ids.set(text, (id = ids.size + 1));
    return id;
  }

  permission(user: string, group: string, mode: number): bigint {
    return (BigInt(this.#id('user', user)) << 40n) | (BigInt(this.#id('group', group)) << 16n) | BigInt(mode);
  }

  /** XAttrFormat: namespace (2 bits, SYSTEM is 3), name (24), the rest 0. */
  systemXAttr(name: string): number {
    return ((3 << 30) | (this.#id('xattr', name) << 6)) >>> 0;
  }

  /** Rows of STRING_TABLE. */
  *entries(): Generator<{ id: number; str: string }> {
    for (const kind of KIND_NAMES) {
      const mask = KINDS[kind] << (32 - MASK_BITS);
      for (const [str, id] of this.#ids[kind]) yield { id: (id | mask) >>> 0, str };
    }
  }

  get size(): number {
    return this.#ids.user.size + this.#ids.group.size + this.#ids.xattr.size;
  }
}

export class StringTable {
  readonly #strings = new Map<number, string>();
  readonly #maskBits: number;
  /** Most inodes have a permission that came before. */
  readonly #unpacked = new Map<bigint, { user: string; group: string; mode: number }>();

  constructor(maskBits: number) {
    this.#maskBits = maskBits;
  }

  put(id: number, text: string): void {
    this.#strings.set(id >>> 0, text);
  }

  #get(kind: keyof typeof KINDS, id: number): string {
    const key = this.#maskBits === 0 ? id : (id | (KINDS[kind] << (32 - this.#maskBits))) >>> 0;
    const text = this.#strings.get(key);
    if (text === undefined) throw new LabError('CORRUPT', `fsimage: ${kind} ${id} is not in the string table`);
    return text;
  }

  /** The name of a SYSTEM attribute; undefined for those of other namespaces. */
  systemXAttr(packed: number): string | undefined {
    return packed >>> 30 === 3 && (packed & 0x20) === 0 ? this.#get('xattr', (packed >>> 6) & 0xffffff) : undefined;
  }

  permission(packed: bigint): { user: string; group: string; mode: number } {
    let found = this.#unpacked.get(packed);
    if (found === undefined) {
      found = {
        user: this.#get('user', Number((packed >> 40n) & 0xffffffn)),
        group: this.#get('group', Number((packed >> 16n) & 0xffffffn)),
        mode: Number(packed & 0xffffn),
      };
      this.#unpacked.set(packed, found);
    }
    return found;
  }
}
