/**
 * The election's phases as data: what each does with each input. What a row does not name cannot come in that phase,
 * and is an error. elector.ts holds the handlers.
 *
 *     out -> connecting -> creating -> (the lock is ours)       reading -> fencing -> writing -> activating -> asking
 *                                   -> (somebody else has it)   asking -> standing -> watching
 *
 * In a phase marked `busy` one thing is under way, and all but its answer waits and is handled in order afterwards.
 * This is what ActiveStandbyElector does by holding its monitor.
 */
import type { ElectorInput, ElectorTimer } from './elector-messages.js';

type InputOf<Type extends ElectorInput['type']> = Extract<ElectorInput, { type: Type }>;

export type InputKey = Exclude<ElectorInput['type'], 'timer'> | `timer:${ElectorTimer}`;

/** What can be done with an input; each by a handler of elector.ts. */
export interface ElectorHandlers {
  readonly adopt: (input: InputOf<'adopt'>) => void;
  readonly join: (input: InputOf<'join'>) => void;
  /** Joined already: the node's data may be new. */
  readonly renewData: (input: InputOf<'join'>) => void;
  readonly quit: (input: InputOf<'quit'>) => void;
  readonly hold: () => void;
  readonly release: (input: InputOf<'release'>) => void;
  readonly closed: () => void;
  /** The first connection of a session. */
  readonly sessionStands: (input: InputOf<'connected'>) => void;
  /** Again, with nothing to be asked: what was asked still waits for its answer. */
  readonly sessionIsBack: (input: InputOf<'connected'>) => void;
  readonly createAgain: (input: InputOf<'connected'>) => void;
  readonly askAgain: (input: InputOf<'connected'>) => void;
  readonly disconnected: () => void;
  readonly expired: () => void;
  readonly authFailed: () => void;
  readonly noSession: () => void;
  readonly connectAgain: () => void;
  readonly rejoin: () => void;
  readonly lockCreated: (input: InputOf<'lockCreated'>) => void;
  readonly lockStat: (input: InputOf<'lockStat'>) => void;
  readonly lockGone: () => void;
  readonly ask: () => void;
  readonly fenceOrWrite: (input: InputOf<'breadcrumbRead'>) => void;
  readonly write: (input: InputOf<'fenced'>) => void;
  readonly activate: (input: InputOf<'breadcrumbWritten'>) => void;
  readonly activated: (input: InputOf<'becameActive'>) => void;
  readonly stoodDown: () => void;
  readonly deleteOwn: (input: InputOf<'breadcrumbRead'>) => void;
  readonly yielded: (input: InputOf<'breadcrumbDeleted'>) => void;
}

type KeyInput<Key extends InputKey> = Key extends ElectorInput['type'] ? InputOf<Key> : InputOf<'timer'>;
type HandlerFor<Key extends InputKey> = {
  [Name in keyof ElectorHandlers]: ElectorHandlers[Name] extends (input: KeyInput<Key>) => void ? Name : never;
}[keyof ElectorHandlers];

export type Phase =
  /** Not in the election. A session may be there: the one of the start-up. */
  | 'out'
  | 'connecting'
  /** No session came about: the next attempt waits for its timer. */
  | 'reconnecting'
  /** After a failed activation. */
  | 'pausing'
  /** The lock's create is under way. */
  | 'creating'
  /** It was lost with the connection: to be sent again when the session is back. */
  | 'createLost'
  /** Who owns the lock is asked. */
  | 'asking'
  | 'askLost'
  /** The owner is known, and the watch tells when the lock goes. */
  | 'watching'
  | BusyPhase;

export type BusyPhase =
  /** Becoming active: whom does the breadcrumb name, is that one fenced, our own breadcrumb, the NameNode itself. */
  | 'reading'
  | 'fencing'
  | 'writing'
  | 'activating'
  /** The NameNode is asked to go to standby. */
  | 'standing'
  /** Yielding gracefully, so that nobody shall fence us: our own breadcrumb goes before the lock. */
  | 'yieldReading'
  | 'yieldDeleting'
  | 'closing'
  | 'held';

/** What a phase waits for, and what is cleared when it is left for good. */
export const TIMER_OF: { readonly [P in Phase]?: ElectorTimer } = {
  connecting: 'connect',
  reconnecting: 'reconnect',
  pausing: 'rejoin',
};

export interface Row {
  readonly busy?: true;
  readonly on: { readonly [Key in InputKey]?: HandlerFor<Key> | 'ignore' };
}

const ALWAYS = { quit: 'quit', hold: 'hold' } as const;
const SESSION = { disconnected: 'disconnected', expired: 'expired', authFailed: 'authFailed' } as const;
/** A timer that went off while all else had to wait, and was cleared afterwards. */
const LATE = { 'timer:connect': 'ignore', 'timer:reconnect': 'ignore', 'timer:rejoin': 'ignore' } as const;
const IN = { ...ALWAYS, ...SESSION, ...LATE, join: 'renewData' } as const;

export const ELECTOR_TABLE: Readonly<Record<Phase, Row>> = {
  out: { on: { ...ALWAYS, ...SESSION, ...LATE, adopt: 'adopt', join: 'join', connected: 'sessionIsBack' } },
  connecting: {
    on: { ...IN, connected: 'sessionStands', disconnected: 'ignore', 'timer:connect': 'noSession' },
  },
  reconnecting: { on: { ...ALWAYS, ...LATE, join: 'renewData', 'timer:reconnect': 'connectAgain' } },
  pausing: { on: { ...ALWAYS, ...LATE, join: 'renewData', 'timer:rejoin': 'rejoin' } },
  // What the watch and an earlier question tell of the lock is older than the answer to come.
  creating: {
    on: {
      ...IN,
      connected: 'sessionIsBack',
      lockCreated: 'lockCreated',
      lockStat: 'ignore',
      lockDeleted: 'ignore',
      lockChanged: 'ignore',
    },
  },
  createLost: {
    on: { ...IN, connected: 'createAgain', lockStat: 'ignore', lockDeleted: 'ignore', lockChanged: 'ignore' },
  },
  asking: {
    on: { ...IN, connected: 'sessionIsBack', lockStat: 'lockStat', lockDeleted: 'lockGone', lockChanged: 'ignore' },
  },
  askLost: { on: { ...IN, connected: 'askAgain', lockDeleted: 'lockGone', lockChanged: 'ask' } },
  watching: { on: { ...IN, connected: 'askAgain', lockDeleted: 'lockGone', lockChanged: 'ask' } },
  reading: { busy: true, on: { breadcrumbRead: 'fenceOrWrite' } },
  fencing: { busy: true, on: { fenced: 'write' } },
  writing: { busy: true, on: { breadcrumbWritten: 'activate' } },
  activating: { busy: true, on: { becameActive: 'activated' } },
  standing: { busy: true, on: { becameStandby: 'stoodDown' } },
  yieldReading: { busy: true, on: { breadcrumbRead: 'deleteOwn' } },
  yieldDeleting: { busy: true, on: { breadcrumbDeleted: 'yielded' } },
  closing: { busy: true, on: { closed: 'closed' } },
  held: { busy: true, on: { release: 'release' } },
};
