/**
 * The small closed sets of the client protocol, by their numbers on the wire. Mirrors org.apache.zookeeper.CreateMode,
 * ZooDefs.AddWatchModes, Watcher.WatcherType, Watcher.Event.EventType and KeeperState, and ClientCnxn's special xids.
 */
export const CreateMode = {
  PERSISTENT: 0,
  EPHEMERAL: 1,
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
  CONTAINER: 4,
  PERSISTENT_WITH_TTL: 5,
  PERSISTENT_SEQUENTIAL_WITH_TTL: 6,
} as const;
export type CreateMode = (typeof CreateMode)[keyof typeof CreateMode];

export const AddWatchMode = { PERSISTENT: 0, PERSISTENT_RECURSIVE: 1 } as const;
export type AddWatchMode = (typeof AddWatchMode)[keyof typeof AddWatchMode];

export const WatcherType = { Children: 1, Data: 2, Any: 3 } as const;
export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType];

export const WatchEventType = {
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const;
export type WatchEventType = (typeof WatchEventType)[keyof typeof WatchEventType];

export const KeeperState = {
  Disconnected: 0,
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Expired: -112,
  Closed: 7,
} as const;
export type KeeperState = (typeof KeeperState)[keyof typeof KeeperState];

/** xids with a meaning of their own; a client's requests count up from 1. */
export const Xid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;
