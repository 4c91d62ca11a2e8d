/** ACLs as they are typed and printed: `scheme:id:cdrwa`. Mirrors org.apache.zookeeper.cli.AclParser. */
import { Perms, type Acl } from '../../wire/zookeeper/data/acl.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { keeperError } from '../../zookeeper/client/keeper-error.js';
import type { CliContext } from './command.js';

/** In the order in which they are printed. */
const LETTERS = [
  ['c', Perms.CREATE],
  ['d', Perms.DELETE],
  ['r', Perms.READ],
  ['w', Perms.WRITE],
  ['a', Perms.ADMIN],
] as const;

export function permissionText(perms: number): string {
  return LETTERS.filter(([, bit]) => (perms & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}

/** Entries are parted by commas; an id may hold colons. What is wrong is told and left out, as ZooKeeper's does. */
export function parseAcl({ error }: Pick<CliContext, 'error'>, text: string): readonly Acl[] {
  return text.split(',').flatMap((entry) => {
    const first = entry.indexOf(':');
    const last = entry.lastIndexOf(':');
    if (first === last) {
      error(`${entry} does not have the form scheme:id:perm`);
      return [];
    }
    let perms = 0;
    for (const letter of entry.slice(last + 1)) {
      const bit = LETTERS.find(([name]) => name === letter)?.[1];
      if (bit === undefined) error(`Unknown perm type: ${letter}`);
      else perms |= bit;
    }
    return [{ perms, id: { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) } }];
  });
}

/** No entry at all is refused before any server is asked, and so names no path. Throws LabError `InvalidACL`. */
export function refuseEmptyAcl(acl: readonly Acl[]): void {
  if (acl.length === 0) throw keeperError(ErrorCode.INVALIDACL);
}
