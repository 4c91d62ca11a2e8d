/**
 * The closed set of operations: one table with each one's number on the wire, what `cons` prints for it, and who
 * decides it. Mirrors org.apache.zookeeper.ZooDefs.OpCode of 3.8.4, and what Request.isValid, isQuorum and
 * FinalRequestProcessor say of each.
 */

/**
 * Where a client's request is decided.
 * - ensemble: it becomes a transaction, or takes a round through the leader.
 * - local: the server that the client is connected to answers alone.
 * - connection: it concerns the connection, not the tree, and is answered out of turn.
 * - server: only servers make it; from a client it is unknown.
 */
export type OpKind = 'ensemble' | 'local' | 'connection' | 'server';

interface Row {
  readonly code: number;
  readonly letters: string;
  readonly kind: OpKind;
}

const OPERATIONS = {
  notification: { code: 0, letters: 'NA', kind: 'server' },
  create: { code: 1, letters: 'CREA', kind: 'ensemble' },
  delete: { code: 2, letters: 'DELE', kind: 'ensemble' },
  exists: { code: 3, letters: 'EXIS', kind: 'local' },
  getData: { code: 4, letters: 'GETD', kind: 'local' },
  setData: { code: 5, letters: 'SETD', kind: 'ensemble' },
  getACL: { code: 6, letters: 'GETA', kind: 'local' },
  setACL: { code: 7, letters: 'SETA', kind: 'ensemble' },
  getChildren: { code: 8, letters: 'GETC', kind: 'local' },
  sync: { code: 9, letters: 'SYNC', kind: 'ensemble' },
  ping: { code: 11, letters: 'PING', kind: 'local' },
  getChildren2: { code: 12, letters: 'GETC', kind: 'local' },
  /** Part of a multi. Alone it is refused at once: no server could read a transaction of its type. */
  check: { code: 13, letters: 'CHEC', kind: 'local' },
  multi: { code: 14, letters: 'MULT', kind: 'ensemble' },
  create2: { code: 15, letters: 'CREA', kind: 'ensemble' },
  reconfig: { code: 16, letters: 'RECO', kind: 'ensemble' },
  checkWatches: { code: 17, letters: 'CHKW', kind: 'local' },
  removeWatches: { code: 18, letters: 'REMW', kind: 'local' },
  createContainer: { code: 19, letters: 'CREA', kind: 'ensemble' },
  /** A client's is refused by the leader. */
  deleteContainer: { code: 20, letters: 'DELE', kind: 'ensemble' },
  createTTL: { code: 21, letters: 'CREA', kind: 'ensemble' },
  multiRead: { code: 22, letters: 'MLTR', kind: 'local' },
  auth: { code: 100, letters: 'NA', kind: 'connection' },
  setWatches: { code: 101, letters: 'SETW', kind: 'local' },
  sasl: { code: 102, letters: 'NA', kind: 'connection' },
  getEphemerals: { code: 103, letters: 'GETE', kind: 'local' },
  getAllChildrenNumber: { code: 104, letters: 'GETACN', kind: 'local' },
  setWatches2: { code: 105, letters: 'STW2', kind: 'local' },
  addWatch: { code: 106, letters: 'ADDW', kind: 'local' },
  whoAmI: { code: 107, letters: 'HOMI', kind: 'local' },
  createSession: { code: -10, letters: 'SESS', kind: 'server' },
  closeSession: { code: -11, letters: 'CLOS', kind: 'ensemble' },
  error: { code: -1, letters: 'NA', kind: 'server' },
} as const satisfies Record<string, Row>;

type OpName = keyof typeof OPERATIONS;

export const Op = Object.fromEntries(Object.entries(OPERATIONS).map(([name, { code }]) => [name, code])) as {
  readonly [Name in OpName]: (typeof OPERATIONS)[Name]['code'];
};
export type Op = (typeof Op)[OpName];

const LOWEST = -11;
const byCode: (Row | undefined)[] = [];
for (const row of Object.values(OPERATIONS)) byCode[row.code - LOWEST] = row;

/** undefined: no operation has this number. */
export function opKind(code: number): OpKind | undefined {
  return byCode[code - LOWEST]?.kind;
}

/** As `cons` prints a connection's last operation. */
export function opLetters(code: number): string {
  return byCode[code - LOWEST]?.letters ?? 'NA';
}
