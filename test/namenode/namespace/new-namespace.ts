/** An empty namespace with a clock of the test's own and a log that is a list. */
import { Namespace } from '../../../src/namenode/namespace/namespace.js';
import type { NamespaceLimits } from '../../../src/namenode/namespace/namespace.js';
import type { Caller } from '../../../src/namenode/namespace/permissions.js';
import type { EditOp } from '../../../src/wire/edits/ops/ops.js';

export const LIMITS: NamespaceLimits = {
  permissionsEnabled: true,
  superUser: 'hdfs',
  superGroup: 'supergroup',
  maxComponentLength: 255,
  maxDirectoryItems: 1048576,
  minBlockSize: 1048576,
  minReplication: 1,
  maxReplication: 512,
  lsLimit: 1000,
  accessTimePrecisionMs: 3600000,
  retryCacheExpiryMs: 600000,
  retryCacheEnabled: true,
};

export function newNamespace(limits: Partial<NamespaceLimits> = {}): {
  ns: Namespace;
  log: EditOp[];
  clock: { ms: number };
} {
  const clock = { ms: 1_000_000 };
  const ns = new Namespace({ ...LIMITS, ...limits }, { nowMs: () => clock.ms, wallMs: () => clock.ms });
  const log: EditOp[] = [];
  ns.openForWrite({
    append(op) {
      log.push(op);
      return BigInt(log.length);
    },
  });
  return { ns, log, clock };
}

export const hdfs: Caller = { user: 'hdfs', groups: [], isSuperUser: true };
export const bob: Caller = { user: 'bob', groups: ['bob'], isSuperUser: false };
export const eve: Caller = { user: 'eve', groups: ['eve'], isSuperUser: false };
