/**
 * The keys of Hadoop 3.3.6 that would change what is served and are not offered: a role, and a lab, that is asked for
 * one does not start. A value that asks for nothing is taken.
 */
import { LabError } from '../../base/errors.js';
import type { Configuration } from './contract.js';

export interface RefusedKey {
  readonly key: string;
  readonly note: string;
  readonly remedy: string;
  readonly asks: (value: string) => boolean;
}

export const REFUSED_KEYS: readonly RefusedKey[] = [
  {
    key: 'hadoop.security.authentication',
    note: 'only simple authentication is offered, no Kerberos',
    remedy: 'set it to simple, in a copy of these files',
    asks: (value) => value.toLowerCase() !== 'simple',
  },
  {
    key: 'dfs.http.policy',
    note: 'there is no HTTPS',
    remedy: 'set it to HTTP_ONLY, in a copy of these files',
    asks: (value) => value === 'HTTPS_ONLY',
  },
  {
    key: 'dfs.encrypt.data.transfer',
    note: 'data transfer is not encrypted',
    remedy: 'set it to false, in a copy of these files',
    asks: (value) => value.toLowerCase() === 'true',
  },
  {
    key: 'dfs.namenode.rpc-address.auxiliary-ports',
    note: 'a NameNode has no auxiliary ports',
    remedy: 'remove it, and let clients use the RPC port',
    asks: (value) => value !== '',
  },
  {
    key: 'dfs.namenode.inode.attributes.provider.class',
    note: 'no class can be loaded that decides who may do what',
    remedy: 'remove it: the permissions of the files themselves hold',
    asks: (value) => value !== '',
  },
];

/** Throws LabError `UNSUPPORTED` naming file, line and key. */
export function refuseUnsupported(conf: Configuration): void {
  for (const { key, note, remedy, asks } of REFUSED_KEYS) {
    const value = conf.get(key);
    if (value !== undefined && asks(value))
      throw new LabError('UNSUPPORTED', `${conf.sourceOf(key)}: ${key}: ${value}: ${note}`, { remedy, data: { key } });
  }
}
