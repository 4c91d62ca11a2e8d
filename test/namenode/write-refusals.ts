/** How a NameNode that is not active, ours or Apache's, refuses calls of the category WRITE. */
import type { HaState } from '../../src/base/events.js';
import { clientNamenodeProtocol } from '../../src/wire/hadoop/protocols/client-namenode.js';
import { remoteClassName } from '../../src/wire/hadoop/rpc/exceptions.js';
import type { Cluster } from './cluster-fixture.js';

/** `class: first line`, as it came over the wire. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return `${remoteClassName(error) ?? (error as { code?: string }).code}: ${(error as Error).message.split('\n')[0]}`;
  }
  return 'no refusal';
}

/** Among them msync, which reads nothing and writes nothing, but is for the active alone. */
export function writeRefusals({ client, nn, mkdirs }: Cluster, index: 0 | 1): Promise<readonly string[]> {
  const { rpc } = nn[index];
  return Promise.all([
    refusal(client.call(clientNamenodeProtocol, 'msync', rpc, {})),
    refusal(client.call(clientNamenodeProtocol, 'renewLease', rpc, { clientName: 'c' })),
    refusal(mkdirs(index, '/x')),
  ]);
}

/** A client of an observer has to turn to the active: StandbyState.checkOperation. */
export function refusedWrites(state: Extract<HaState, 'STANDBY' | 'OBSERVER'>): readonly string[] {
  const exception = state === 'OBSERVER' ? 'ObserverRetryOnActiveException' : 'StandbyException';
  const said =
    `org.apache.hadoop.ipc.${exception}: Operation category WRITE is not supported in state ${state.toLowerCase()}. ` +
    'Visit https://s.apache.org/sbnn-error';
  return [said, said, said];
}
