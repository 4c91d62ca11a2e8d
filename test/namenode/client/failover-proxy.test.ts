/** Which NameNode is asked next, and what an error says about that. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LabError, type LabErrorCode } from '../../../src/base/errors.js';
import { FailoverProxy } from '../../../src/namenode/client/failover-proxy.js';
import { faultOf } from '../../../src/namenode/client/fault.js';
import { remoteException } from '../../../src/wire/hadoop/rpc/exceptions.js';
import { machineTrace, traceFiles } from '../machine-trace.js';

test.each(traceFiles(fileURLToPath(new URL('.', import.meta.url))))('%s', async (_name, path) => {
  const options = { nameNodes: 2, maxFailovers: 4, maxRetries: 2, sleepBaseMs: 500, sleepMaxMs: 3000 };
  await expect(machineTrace(path, () => new FailoverProxy(options))).toMatchFileSnapshot(path);
});

test.each([
  ['org.apache.hadoop.ipc.StandbyException', 'failover'],
  ['org.apache.hadoop.ipc.RetriableException', 'retry'],
  ['org.apache.hadoop.ipc.ObserverRetryOnActiveException', 'final'],
  ['org.apache.hadoop.security.AccessControlException', 'final'],
  ['org.apache.hadoop.hdfs.server.namenode.SafeModeException', 'final'],
  ['java.io.FileNotFoundException', 'final'],
])('%s: %s', (className, fault) => {
  expect(faultOf(remoteException(className, 'x'))).toBe(fault);
});

test.each<[LabErrorCode, string]>([
  ['CONNECT_REFUSED', 'failover'],
  ['CONNECT_TIMEOUT', 'failover'],
  ['HOST_UNREACHABLE', 'failover'],
  ['CONNECTION_RESET', 'lost'],
  ['CONNECTION_CLOSED', 'lost'],
  ['RPC_TIMEOUT', 'lost'],
  ['RPC_CLIENT_CLOSED', 'final'],
  ['MALFORMED', 'final'],
])('%s: %s', (code, fault) => {
  expect(faultOf(new LabError(code, 'x'))).toBe(fault);
});
