/**
 * ha.zookeeper.acl and ha.zookeeper.auth: who may touch the election's nodes, and who we say we are. Either may be
 * `@/path`, the value then standing in that file. Mirrors org.apache.hadoop.util.ZKUtil.
 */
import { LabError } from '../base/errors.js';
import type { Host } from '../host/host.js';
import { CREATOR_ALL_ACL, Perms } from '../wire/zookeeper/data/acl.js';
import type { Acl } from '../wire/zookeeper/data/acl.js';

const PERMISSIONS: Readonly<Record<string, number>> = {
  r: Perms.READ,
  w: Perms.WRITE,
  c: Perms.CREATE,
  d: Perms.DELETE,
  a: Perms.ADMIN,
};

/**
 * `scheme:id:perms,...` (the id may hold colons). None at all: everything to whoever creates. Throws LabError
 * `BAD_CONFIG`.
 */
export function parseAcls(text: string): readonly Acl[] {
  const acls = parts(text).map((part): Acl => {
    const first = part.indexOf(':');
    const last = part.lastIndexOf(':');
    if (first < 0 || first === last) {
      throw new LabError('BAD_CONFIG', `ha.zookeeper.acl: ACL '${part}' not of expected form scheme:id:perm`, {
        remedy: 'for example world:anyone:rwcda, or digest:user:hash:rwcda',
      });
    }
    let perms = 0;
    const letters = part.slice(last + 1);
    for (const letter of letters) {
      const bit = PERMISSIONS[letter];
      if (bit === undefined)
        throw new LabError(
          'BAD_CONFIG',
          `ha.zookeeper.acl: Invalid permission '${letter}' in permission string '${letters}'`,
        );
      perms |= bit;
    }
    return { perms, id: { scheme: part.slice(0, first), id: part.slice(first + 1, last) } };
  });
  return acls.length === 0 ? CREATOR_ALL_ACL : acls;
}

/** `scheme:auth,...`, as zkCli's addauth takes it. Throws LabError `BAD_CONFIG`; the secret is not quoted. */
export function parseAuths(text: string | undefined): readonly { readonly scheme: string; readonly auth: Buffer }[] {
  return parts(text ?? '').map((part, index) => {
    const colon = part.indexOf(':');
    if (colon < 0) {
      throw new LabError('BAD_CONFIG', `ha.zookeeper.auth: entry ${index + 1} is not of the form scheme:auth`, {
        remedy: 'for example digest:user:password',
      });
    }
    return { scheme: part.slice(0, colon), auth: Buffer.from(part.slice(colon + 1)) };
  });
}

/** The value, or the content of the file that `@path` names. Rejects LabError `BAD_CONFIG` naming key and file. */
export async function resolveIndirection(
  host: Host,
  key: string,
  value: string | undefined,
): Promise<string | undefined> {
  if (value === undefined || !value.startsWith('@')) return value;
  const path = value.slice(1).trim();
  const content = await host.disk.readFile(path);
  if (content === undefined) {
    throw new LabError('BAD_CONFIG', `${key} is ${value}, but there is no file ${path}`, {
      remedy: 'write the value into that file, or into the configuration',
    });
  }
  return content.toString('utf8').trim();
}

function parts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
