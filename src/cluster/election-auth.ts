/**
 * ha.zookeeper.acl and ha.zookeeper.auth as a lab's ZKFCs have them. Either may be `@/path`, a file that its user
 * wrote: it is read where it was written, on this machine, not below a host's root (src/ARCHITECTURE.md, paths).
 */
import { readFileSync } from 'node:fs';
import { LabError, messageOf } from '../base/errors.js';
import type { Configuration } from '../config/hadoop/contract.js';
import { keySet } from '../config/hadoop/nameservice.js';
import { zkfcConfigFrom, type ZkfcConfig } from '../zkfc/config.js';
import { parseAuths } from '../zkfc/zookeeper-security.js';
import { readHadoop } from './hadoop-conf.js';
import type { Lab } from './lab.js';

type Options = Parameters<typeof zkfcConfigFrom>[1];

/** A ZKFC's configuration with the content of such files in it. Throws LabError `BAD_CONFIG` naming key and file. */
export function zkfcConfigOn(conf: Configuration, options: Options): ZkfcConfig {
  const config = zkfcConfigFrom(conf, options);
  const { zookeeperAcl, zookeeperAuth } = config;
  return {
    ...config,
    zookeeperAcl: contentOf(conf, 'ha.zookeeper.acl', zookeeperAcl, options),
    zookeeperAuth:
      zookeeperAuth === undefined ? undefined : contentOf(conf, 'ha.zookeeper.auth', zookeeperAuth, options),
  };
}

function contentOf(conf: Configuration, name: string, value: string, { nameserviceId, nameNodeId }: Options): string {
  if (!value.startsWith('@')) return value;
  const path = value.slice(1).trim();
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const key = keySet(conf, name, nameserviceId, nameNodeId);
    throw new LabError('BAD_CONFIG', `${conf.sourceOf(key)}: ${key}: ${path} cannot be read: ${messageOf(error)}`, {
      remedy: 'write the value into that file, or into the configuration',
      data: { key, path },
    });
  }
}

/** What to say who one is. Rejects LabError of the configuration. */
export async function electionAuth(lab: Lab): Promise<ReturnType<typeof parseAuths>> {
  const conf = await readHadoop(lab.plan.hadoopDir, { profile: lab.plan.profile });
  const nameNodeId = lab.plan.hosts.flatMap((host) => host.roles).find((role) => role.kind === 'zkfc')?.nameNodeId;
  if (nameNodeId === undefined) return [];
  return parseAuths(zkfcConfigOn(conf, { nameserviceId: lab.plan.nameservice, nameNodeId }).zookeeperAuth);
}
