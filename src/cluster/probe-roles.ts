/** Asks each kind of role, by the interfaces that Apache's own tools use, what it is doing. */
import { hasCode, LabError } from '../base/errors.js';
import type { HaState } from '../base/events.js';
import { epochOf } from '../base/zxid.js';
import type { Host } from '../host/host.js';
import { HAServiceStateProto } from '../wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../wire/hadoop/protocols/ha-service.js';
import { qjournalProtocol } from '../wire/hadoop/protocols/qjournal.js';
import type { RpcClient } from '../wire/hadoop/rpc/client.js';
import { fourLetterWord, parseServerReport } from './four-letter.js';
import { readBean } from './jmx.js';
import type { Lab } from './lab.js';
import type { PlannedHost, PlannedRole } from './plan.js';
import type { RoleStatus } from './status.js';

/** Who asks, and of which lab. */
export interface Asker {
  readonly lab: Lab;
  readonly host: Host;
  readonly rpc: RpcClient;
}

type Facts = Partial<Omit<RoleStatus, 'id' | 'kind' | 'host'>>;

/** What a role says of itself. Rejects LabError where it does not answer in time. */
export function askRole(asker: Asker, host: PlannedHost, role: PlannedRole, timeoutMs: number): Promise<Facts> {
  switch (role.kind) {
    case 'zookeeper':
      return askZooKeeper(asker, host, role, timeoutMs);
    case 'journalnode':
      return askJournalNode(asker, host, role, timeoutMs);
    case 'namenode':
      return askNameNode(asker, host, role, timeoutMs);
    case 'zkfc':
      return askZkfc(asker, host, role, timeoutMs);
  }
}

/** By `srvr`, the one word that every server answers. */
async function askZooKeeper(asker: Asker, host: PlannedHost, role: PlannedRole, timeoutMs: number): Promise<Facts> {
  const endpoint = { host: host.address, port: role.ports[0]! };
  const report = parseServerReport(await fourLetterWord(asker.host, 'srvr', endpoint, timeoutMs));
  if (report.mode === undefined) return { mode: 'looking', detail: report.refusal ?? 'looking for a leader' };
  return {
    mode: report.mode,
    detail: '',
    ...(report.zxid === undefined ? {} : { zxid: report.zxid.toString(), epoch: epochOf(report.zxid).toString() }),
    ...(report.connections === undefined ? {} : { connections: report.connections }),
  };
}

async function askJournalNode(
  { lab, host: asking, rpc }: Asker,
  host: PlannedHost,
  role: PlannedRole,
  timeoutMs: number,
): Promise<Facts> {
  const endpoint = { host: host.address, port: role.ports[0]! };
  const jid = { identifier: lab.plan.journal };
  const options = { timeoutMs, connectTimeoutMs: timeoutMs };
  const { isFormatted } = await rpc.call(
    qjournalProtocol,
    'isFormatted',
    endpoint,
    { jid, nameServiceId: lab.plan.nameservice },
    options,
  );
  if (!isFormatted) return { detail: 'not formatted' };
  const [state, bean] = await Promise.all([
    rpc.call(qjournalProtocol, 'getJournalState', endpoint, { jid, nameServiceId: lab.plan.nameservice }, options),
    readBean(
      asking,
      { host: host.address, port: role.httpPort! },
      `Hadoop:service=JournalNode,name=Journal-${lab.plan.journal}`,
      timeoutMs,
    ).catch(() => undefined),
  ]);
  return {
    promisedEpoch: state.lastPromisedEpoch.toString(),
    detail: '',
    ...(bean?.['LastWriterEpoch'] === undefined ? {} : { writerEpoch: String(bean['LastWriterEpoch']) }),
    ...(bean?.['LastWrittenTxId'] === undefined ? {} : { txid: String(bean['LastWrittenTxId']) }),
  };
}

const HA_STATES: Readonly<Record<number, HaState>> = {
  [HAServiceStateProto.INITIALIZING]: 'INITIALIZING',
  [HAServiceStateProto.ACTIVE]: 'ACTIVE',
  [HAServiceStateProto.STANDBY]: 'STANDBY',
  [HAServiceStateProto.OBSERVER]: 'OBSERVER',
};

async function askNameNode(
  { host: asking, rpc }: Asker,
  host: PlannedHost,
  role: PlannedRole,
  timeoutMs: number,
): Promise<Facts> {
  const endpoint = { host: host.address, port: role.ports[0]! };
  const options = { timeoutMs, connectTimeoutMs: timeoutMs };
  const [status, health, bean] = await Promise.all([
    rpc.call(haServiceProtocol, 'getServiceStatus', endpoint, {}, options),
    rpc.call(haServiceProtocol, 'monitorHealth', endpoint, {}, options).then(
      () => 'healthy' as const,
      (error: unknown) => (hasCode(error, 'REMOTE') ? ('unhealthy' as const) : undefined),
    ),
    readBean(
      asking,
      { host: host.address, port: role.httpPort! },
      'Hadoop:service=NameNode,name=NameNodeInfo',
      timeoutMs,
    ).catch(() => undefined),
  ]);
  const journal = jsonAttribute(bean?.['JournalTransactionInfo']);
  const txid = journal?.['LastAppliedOrWrittenTxId'];
  const safeMode = bean?.['Safemode'];
  return {
    haState: HA_STATES[status.state] ?? 'INITIALIZING',
    ...(health === undefined ? {} : { health }),
    ...(txid === undefined ? {} : { txid: String(txid) }),
    ...(typeof safeMode === 'string' ? { safeMode: safeMode !== '' } : {}),
    detail: status.readyToBecomeActive === false ? (status.notReadyReason ?? 'not ready to become active') : '',
  };
}

function jsonAttribute(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Every call that a ZKFC answers changes something: that it accepts connections has to do. */
function askZkfc({ host: asking }: Asker, host: PlannedHost, role: PlannedRole, timeoutMs: number): Promise<Facts> {
  return new Promise((resolve, reject) => {
    const stream = asking.net.connect(
      { host: host.address, port: role.ports[0]! },
      { timeoutMs },
      {
        onOpen() {
          stream.destroy();
          resolve({ detail: '' });
        },
        onData() {},
        onClose: (error) => reject(error ?? new LabError('CONNECTION_CLOSED', 'closed at once')),
      },
    );
  });
}
