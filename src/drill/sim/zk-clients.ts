/**
 * A client of the simulated ensemble: a process that works through the real client library, one operation at a time,
 * and writes down what it saw for the judgement.
 */
import type { Host } from '../../host/host.js';
import { CreateMode } from '../../wire/zookeeper/client/modes.js';
import { OPEN_ACL_UNSAFE } from '../../wire/zookeeper/data/acl.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import type { MultiOp } from '../../wire/zookeeper/client/multi.js';
import { Op } from '../../wire/zookeeper/op.js';
import type { Stat } from '../../wire/zookeeper/data/stat.js';
import { Connection } from '../../zookeeper/client/connection.js';
import type { Report } from '../checks/check.js';
import { judgeTwins } from '../checks/zk-history.js';
import type { ZkOperation } from '../checks/zk-history.js';

export const SHARED_KEYS = ['/k/0', '/k/1', '/k/2'] as const;

/** No node comes so far. */
const NO_VERSION = 1_000_000_000;

const REFUSALS: readonly number[] = [ErrorCode.NODEEXISTS, ErrorCode.NONODE, ErrorCode.BADVERSION];

export interface ZkClientOptions {
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  /** Mean pause between two operations. */
  readonly thinkMs: number;
  readonly history: ZkOperation[];
  /** Sessions that may still be alive: taken out when the client ends or loses them. */
  readonly sessions: Set<bigint>;
  readonly working: () => boolean;
  readonly report: Report;
}

/** Never settles: the process lives until it is killed. */
export function zkClient(host: Host, options: ZkClientOptions): void {
  const { history, sessions, working } = options;
  const { random } = host;
  let number = 0;
  let ours: string[] = [];
  const versions = new Map<string, number>();
  /** The last node that a session has made and nobody deletes. */
  let made: { readonly session: string; readonly path: string } | undefined;

  const openSession = (): void => {
    let done = false;
    let known = 0n;
    const again = (): void => {
      if (done) return;
      done = true;
      sessions.delete(known);
      ours = [];
      host.clock.after(10 + 200 * random.unit(), openSession);
    };
    const connection = new Connection(host, {
      connectString: options.connectString,
      sessionTimeoutMs: options.sessionTimeoutMs,
      onEvent: (event) => {
        if (event === 'SyncConnected') {
          if (known !== 0n) {
            lookBack();
            return;
          }
          known = connection.sessionId;
          sessions.add(known);
          next();
        } else if (event !== 'Disconnected') {
          again();
        }
      },
    });
    connection.start();

    /** On whatever server: what a session has written, it sees. */
    const lookBack = (): void => {
      const session = sessionName();
      if (made?.session !== session) return;
      const { path } = made;
      connection.exists(path, undefined, (code) => {
        if (code === ErrorCode.NONODE)
          options.report('SessionOrder', host.clock.nowMs(), `${session} does not see ${path}, which it has made`);
      });
    };
    const sessionName = (): string => `${host.id}/0x${known.toString(16)}`;

    const next = (): void => {
      host.clock.after(2 * options.thinkMs * random.unit(), () => {
        if (done) return;
        if (!working()) next();
        else if (random.below(150) === 0) connection.close();
        else operate();
      });
    };

    const operate = (): void => {
      const session = sessionName();
      const begin = (kind: ZkOperation['kind'], path: string, twin?: string): ZkOperation => {
        const op: ZkOperation = {
          session,
          kind,
          path,
          startMs: host.clock.nowMs(),
          ...(twin === undefined ? {} : { twin }),
        };
        history.push(op);
        return op;
      };
      const end = (op: ZkOperation, code: number, stat?: Stat): void => note(op, code, stat, () => true);
      const note = (op: ZkOperation, code: number, stat: Stat | undefined, last: () => boolean): void => {
        op.endMs = host.clock.nowMs();
        if (code === ErrorCode.OK) {
          op.outcome = 'ok';
          if (op.kind === 'create' || op.kind === 'createSequential') made = { session, path: op.path };
          if (stat !== undefined) {
            op.zxid = stat.mzxid;
            op.version = stat.version;
            versions.set(op.path, stat.version);
          }
        } else {
          op.outcome = REFUSALS.includes(code) ? 'refused' : 'unknown';
        }
        if (last()) next();
      };
      const data = Buffer.from(`${host.id} ${++number}`);
      // A client that is started again must not use a name twice.
      const name = `${host.id}-${host.clock.wallMs().toString(36)}-${number}`;
      const key = SHARED_KEYS[random.below(SHARED_KEYS.length)]!;
      const choice = random.below(100);
      if (choice < 4) {
        connection.getChildren('/m', undefined, (code, found) => {
          if (code === ErrorCode.OK) judgeTwins(found!.children, session, host.clock.nowMs(), options.report);
          next();
        });
      } else if (choice < 6) {
        // A multi whose last part must fail, and right behind it what its first part would have made.
        const op = begin('create', `/w/${name}`);
        const first: MultiOp = { op: Op.create2, request: { path: op.path, data, acl: OPEN_ACL_UNSAFE, flags: 0 } };
        connection.multi([first, { op: Op.check, request: { path: key, version: NO_VERSION } }], () => undefined);
        connection.create2(op.path, data, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (code, created) => {
          if (code === ErrorCode.NODEEXISTS)
            options.report('MultiAtomic', host.clock.nowMs(), `a multi that was refused left ${op.path} behind`);
          end(op, code, created?.stat);
        });
      } else if (choice < 14) {
        // Two nodes and, mostly, a version: all of it or nothing.
        const op = begin('multi', `/m/${name}-a`, `/m/${name}-b`);
        const create = (path: string): MultiOp => ({
          op: Op.create2,
          request: { path, data, acl: OPEN_ACL_UNSAFE, flags: CreateMode.PERSISTENT },
        });
        const checks: MultiOp[] =
          random.below(3) === 0 ? [] : [{ op: Op.check, request: { path: key, version: versions.get(key) ?? 0 } }];
        connection.multi([create(op.path), ...checks, create(op.twin!)], (code, results) => {
          const errors = (results ?? []).flatMap((result) =>
            result.op === Op.error && result.err !== ErrorCode.OK ? [result.err] : [],
          );
          const made = results?.find((result) => result.op === Op.create2);
          if (errors.length > 0) versions.delete(key);
          end(
            op,
            errors.find((err) => REFUSALS.includes(err)) ?? errors[0] ?? code,
            made?.op === Op.create2 ? made.stat : undefined,
          );
        });
      } else if (choice < 30) {
        const op = begin('create', `/w/${name}`);
        connection.create2(op.path, data, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (code, made) =>
          end(op, code, made?.stat),
        );
      } else if (choice < 45) {
        const op = begin('checkedSet', key);
        op.checked = versions.get(key) ?? 0;
        connection.setData(key, data, op.checked, (code, stat) => {
          if (code === ErrorCode.BADVERSION) versions.set(key, op.checked! + 1);
          end(op, code, stat);
        });
      } else if (choice < 52) {
        const op = begin('set', key);
        connection.setData(key, data, -1, (code, stat) => end(op, code, stat));
      } else if (choice < 75) {
        const op = begin('read', key);
        connection.getData(key, undefined, (code, found) => end(op, code, found?.stat));
      } else if (choice < 85) {
        // Sometimes several at once: the session may be given up while they are on their way.
        let left = random.below(4) === 0 ? 2 + random.below(4) : 1;
        for (let i = left; i > 0; i--) {
          const op = begin('createEphemeral', `/e/${name}-${i}`);
          connection.create2(op.path, data, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL, (code, made) => {
            if (code === ErrorCode.OK) ours.push(op.path);
            note(op, code, made?.stat, () => --left === 0);
          });
        }
      } else if (choice < 90) {
        const op = begin('createSequential', '/s/n-');
        connection.create2(op.path, data, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL, (code, made) => {
          if (made !== undefined) (op as { path: string }).path = made.path;
          end(op, code, made?.stat);
        });
      } else if (choice < 95 && ours.length > 0) {
        const op = begin('delete', ours.pop()!);
        connection.delete(op.path, -1, (code) => end(op, code));
      } else if (choice < 97) {
        // Several at once, to be committed by one leader and interrupted together.
        let left = 2 + random.below(8);
        for (let i = left; i > 0; i--) {
          const op = begin('create', `/w/${name}-${i}`);
          connection.create2(op.path, data, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (code, made) =>
            note(op, code, made?.stat, () => --left === 0),
          );
        }
      } else {
        connection.sync('/k/0', () => next());
      }
    };
  };
  openSession();
}
