/**
 * ZooKeeper's sessions.
 *
 * - `EphemeralOutlivesSession`: on every server, a session's ephemeral nodes are gone when its end is applied, and none
 *   is made afterwards.
 * - `SessionOrder`: a client is never told of an older state than before in its session, whatever server it asks.
 */
import { zxidText } from '../../base/zxid.js';
import type { Check, Report } from './check.js';

export function zkSessions(report: Report): Check {
  /** role -> session -> path -> the zxid it is there since, as that server tells it. */
  const ephemerals = new Map<string, Map<bigint, Map<string, bigint>>>();
  /** role -> session -> the zxid of its end, as that server has applied it. */
  const ended = new Map<string, Map<bigint, bigint>>();
  /** client and session -> the zxid of the last answer. */
  const told = new Map<string, bigint>();
  const of = (role: string, session: bigint): Map<string, bigint> => {
    let sessions = ephemerals.get(role);
    if (sessions === undefined) ephemerals.set(role, (sessions = new Map()));
    let paths = sessions.get(session);
    if (paths === undefined) sessions.set(session, (paths = new Map()));
    return paths;
  };
  const keep = (role: string, when: (zxid: bigint) => boolean): void => {
    for (const paths of ephemerals.get(role)?.values() ?? []) {
      for (const [path, zxid] of paths) if (!when(zxid)) paths.delete(path);
    }
  };

  return {
    onTrace(event) {
      const { role } = event;
      switch (event.type) {
        case 'ReplyRead': {
          const key = `${role} ${event.session}`;
          const before = told.get(key);
          if (before !== undefined && event.zxid < before) {
            report(
              'SessionOrder',
              event.nowMs,
              `${role} is told of ${zxidText(event.zxid)} in session 0x${event.session.toString(16)} after ` +
                `${zxidText(before)}`,
            );
          }
          told.set(key, event.zxid);
          break;
        }
        case 'EphemeralCreated': {
          of(role, event.session).set(event.path, event.zxid);
          const end = ended.get(role)?.get(event.session);
          if (end !== undefined && event.zxid > end) {
            report(
              'EphemeralOutlivesSession',
              event.nowMs,
              `session 0x${event.session.toString(16)} ended at ${zxidText(end)}, but ${role} makes ` +
                `${event.path} for it at ${zxidText(event.zxid)}`,
            );
          }
          break;
        }
        case 'EphemeralDeleted':
          of(role, event.session).delete(event.path);
          break;
        case 'SnapshotRestored':
          // Those that the snapshot holds were just told of, with its zxid.
          keep(role, (zxid) => zxid === event.zxid);
          break;
        case 'LogTruncated':
          keep(role, (zxid) => zxid <= event.zxid);
          for (const [session, zxid] of ended.get(role) ?? []) if (zxid > event.zxid) ended.get(role)!.delete(session);
          break;
        case 'SessionEndedAt': {
          const left = of(role, event.session);
          if (left.size > 0) {
            report(
              'EphemeralOutlivesSession',
              event.nowMs,
              `session 0x${event.session.toString(16)} ended at ${zxidText(event.zxid)}, but ${role} keeps ` +
                `${[...left.keys()].join(', ')}`,
            );
          }
          ephemerals.get(role)!.delete(event.session);
          if (!ended.has(role)) ended.set(role, new Map());
          ended.get(role)!.set(event.session, event.zxid);
          break;
        }
        default:
      }
    },
    onEnd(role) {
      ephemerals.delete(role);
      ended.delete(role);
    },
  };
}
