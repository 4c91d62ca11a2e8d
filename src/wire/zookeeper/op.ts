/**
 * The closed set of operations: each one's number on the wire, what `cons` prints for it, and who decides it. Mirrors
 * org.apache.zookeeper.ZooDefs.OpCode of 3.8.4, and what Request.isValid, isQuorum and FinalRequestProcessor say of
 * each.
 */

/**
 * Where a client's request is decided.
 * - ensemble: it becomes a transaction, or takes a round through the leader.
 * - local: the server that the client is connected to answers alone.
 * - connection: it concerns the connection, not the tree, and is answered out of turn.
 * - server: only servers make it; from a client it is unknown.
 */
export type OpKind = 'ensemble' | 'local' | 'connection' | 'server';

/** The numbers, as a literal: switches over them are the hottest code that a server has. */
export const Op = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const;
export type Op = (typeof Op)[keyof typeof Op];

interface Row {
  readonly letters: string;
  readonly kind: OpKind;
}

const OPERATIONS: Readonly<Record<keyof typeof Op, Row>> = {
  notification: { letters: 'NA', kind: 'server' },
  create: { letters: 'CREA', kind: 'ensemble' },
  delete: { letters: 'DELE', kind: 'ensemble' },
  exists: { letters: 'EXIS', kind: 'local' },
  getData: { letters: 'GETD', kind: 'local' },
  setData: { letters: 'SETD', kind: 'ensemble' },
  getACL: { letters: 'GETA', kind: 'local' },
  setACL: { letters: 'SETA', kind: 'ensemble' },
  getChildren: { letters: 'GETC', kind: 'local' },
  sync: { letters: 'SYNC', kind: 'ensemble' },
  ping: { letters: 'PING', kind: 'local' },
  getChildren2: { letters: 'GETC', kind: 'local' },
  /** Part of a multi. Alone it is refused at once: no server could read a transaction of its type. */
  check: { letters: 'CHEC', kind: 'local' },
  multi: { letters: 'MULT', kind: 'ensemble' },
  create2: { letters: 'CREA', kind: 'ensemble' },
  reconfig: { letters: 'RECO', kind: 'ensemble' },
  checkWatches: { letters: 'CHKW', kind: 'local' },
  removeWatches: { letters: 'REMW', kind: 'local' },
  createContainer: { letters: 'CREA', kind: 'ensemble' },
  /** A client's is refused by the leader. */
  deleteContainer: { letters: 'DELE', kind: 'ensemble' },
  createTTL: { letters: 'CREA', kind: 'ensemble' },
  multiRead: { letters: 'MLTR', kind: 'local' },
  auth: { letters: 'NA', kind: 'connection' },
  setWatches: { letters: 'SETW', kind: 'local' },
  sasl: { letters: 'NA', kind: 'connection' },
  getEphemerals: { letters: 'GETE', kind: 'local' },
  getAllChildrenNumber: { letters: 'GETACN', kind: 'local' },
  setWatches2: { letters: 'STW2', kind: 'local' },
  addWatch: { letters: 'ADDW', kind: 'local' },
  whoAmI: { letters: 'HOMI', kind: 'local' },
  createSession: { letters: 'SESS', kind: 'server' },
  closeSession: { letters: 'CLOS', kind: 'ensemble' },
  error: { letters: 'NA', kind: 'server' },
};

const LOWEST = -11;
const byCode: (Row | undefined)[] = [];
for (const name of Object.keys(Op) as (keyof typeof Op)[]) byCode[Op[name] - LOWEST] = OPERATIONS[name];

/** undefined: no operation has this number. */
export function opKind(code: number): OpKind | undefined {
  return byCode[code - LOWEST]?.kind;
}

/** As `cons` prints a connection's last operation. */
export function opLetters(code: number): string {
  return byCode[code - LOWEST]?.letters ?? 'NA';
}
