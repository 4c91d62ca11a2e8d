/**
 * The HA states of a NameNode: which transition is legal, what it consists of, and when calls are served in the new
 * state. One transition at a time, in the order they were asked for: the driver holds up an input until the effects of
 * the one before are carried out. Mirrors NameNode.NameNodeHAContext and
 * org.apache.hadoop.hdfs.server.namenode.ha.HAState.
 *
 *     INITIALIZING -> STANDBY <-> ACTIVE        (without HA: INITIALIZING -> ACTIVE)
 *                     STANDBY <-> OBSERVER
 *
 * Becoming active: nobody else may write (`becomeWriter`), then everything that was acknowledged is read (`catchUp`),
 * and only then may anything new be written (`openForWrite`).
 */
import type { HaState } from '../../base/events.js';
import type { Machine } from '../../base/machine.js';
import { stateText } from './operation-category.js';

export type HaTarget = 'ACTIVE' | 'STANDBY' | 'OBSERVER';

export type HaInput =
  /** `request`: the answer names it. */
  | { readonly type: 'transition'; readonly request: number; readonly to: HaTarget; readonly inSafeMode: boolean }
  /** Older writers are fenced, and the shared journal ends at `lastTxid`. */
  | { readonly type: 'writer'; readonly lastTxid: bigint }
  /** The namespace holds all up to `txid`. */
  | { readonly type: 'caughtUp'; readonly txid: bigint }
  | { readonly type: 'stop' };

export type HaEffect =
  /** Calls are checked against this from now on; those that `hold` wait instead of being refused. */
  | { readonly type: 'serve'; readonly state: HaState; readonly hold: boolean }
  | { readonly type: 'stopStandbyServices' }
  | { readonly type: 'startStandbyServices' }
  /** Answered by `writer`. */
  | { readonly type: 'becomeWriter' }
  /** Answered by `caughtUp`. */
  | { readonly type: 'catchUp'; readonly upTo: bigint }
  | { readonly type: 'openForWrite'; readonly txid: bigint }
  /** No edit any more; the last segment is closed and every reply is out. */
  | { readonly type: 'stopActiveServices' }
  | { readonly type: 'entered'; readonly from: HaState; readonly to: HaTarget }
  /** `refused`: why, in Hadoop's words (ServiceFailedException). */
  | { readonly type: 'answer'; readonly request: number; readonly refused?: string }
  /** The process cannot go on. */
  | { readonly type: 'halt'; readonly reason: string }
  | { readonly type: 'stopped' };

export interface HaContextOptions {
  readonly haEnabled: boolean;
  /** dfs.ha.nn.not-become-active-in-safemode */
  readonly notBecomeActiveInSafeMode: boolean;
}

const NOTHING: readonly HaEffect[] = [];

export class HaContext implements Machine<HaInput, HaEffect> {
  readonly #options: HaContextOptions;
  #state: HaState = 'INITIALIZING';
  /** The transition to ACTIVE that is under way. */
  #activating: { readonly from: HaState; readonly request: number; readonly lastTxid: bigint } | undefined;

  constructor(options: HaContextOptions) {
    this.#options = options;
  }

  get state(): HaState {
    return this.#state;
  }

  step(input: HaInput): readonly HaEffect[] {
    switch (input.type) {
      case 'transition':
        return this.#transition(input.request, input.to, input.inSafeMode);
      case 'writer':
        if (this.#activating === undefined) return NOTHING;
        this.#activating = { ...this.#activating, lastTxid: input.lastTxid };
        return [{ type: 'catchUp', upTo: input.lastTxid }];
      case 'caughtUp':
        return this.#caughtUp(input.txid);
      case 'stop':
        return this.#stop();
    }
  }

  #transition(request: number, to: HaTarget, inSafeMode: boolean): readonly HaEffect[] {
    const from = this.#state;
    const refused = this.#refusal(from, to, inSafeMode);
    if (refused !== undefined) return [{ type: 'answer', request, refused }];
    if (from === to) return [{ type: 'answer', request }];
    this.#state = to;
    if (to === 'ACTIVE') {
      this.#activating = { from, request, lastTxid: 0n };
      // Clients wait for the end of it, which is better than being sent round.
      const leave: HaEffect[] = from === 'STANDBY' ? [{ type: 'stopStandbyServices' }] : [];
      return [{ type: 'serve', state: from, hold: true }, ...leave, { type: 'becomeWriter' }];
    }
    const leave: HaEffect[] =
      from === 'ACTIVE'
        ? // From this moment nothing new is served in the old state.
          [{ type: 'serve', state: to, hold: false }, { type: 'stopActiveServices' }]
        : from === 'INITIALIZING'
          ? []
          : [{ type: 'stopStandbyServices' }];
    return [...leave, { type: 'startStandbyServices' }, ...enter(from, to, request)];
  }

  #refusal(from: HaState, to: HaTarget, inSafeMode: boolean): string | undefined {
    if (from === 'INITIALIZING') return undefined;
    if (!this.#options.haEnabled) return 'HA for namenode is not enabled';
    if ((from === 'OBSERVER' && to === 'ACTIVE') || (from === 'ACTIVE' && to === 'OBSERVER'))
      return `Cannot transition from '${stateText(from)}' to '${stateText(to)}'`;
    if (to === 'ACTIVE' && this.#options.notBecomeActiveInSafeMode && inSafeMode)
      return 'NameNode still not leave safemode';
    if (from === 'STOPPING') return `Transition from state stopping to ${stateText(to)} is not allowed.`;
    return undefined;
  }

  #caughtUp(txid: bigint): readonly HaEffect[] {
    const activating = this.#activating;
    if (activating === undefined) return NOTHING;
    this.#activating = undefined;
    if (txid < activating.lastTxid) {
      return [
        {
          type: 'halt',
          reason:
            `the shared journal ends at transaction ${activating.lastTxid}, but only those up to ${txid} could ` +
            `be read`,
        },
      ];
    }
    return [{ type: 'openForWrite', txid: txid + 1n }, ...enter(activating.from, 'ACTIVE', activating.request)];
  }

  #stop(): readonly HaEffect[] {
    const from = this.#state;
    this.#state = 'STOPPING';
    const leave: HaEffect[] =
      from === 'ACTIVE'
        ? [{ type: 'stopActiveServices' }]
        : from === 'STANDBY' || from === 'OBSERVER'
          ? [{ type: 'stopStandbyServices' }]
          : [];
    return [{ type: 'serve', state: 'STOPPING', hold: false }, ...leave, { type: 'stopped' }];
  }
}

function enter(from: HaState, to: HaTarget, request: number): readonly HaEffect[] {
  return [
    { type: 'serve', state: to, hold: false },
    { type: 'entered', from, to },
    { type: 'answer', request },
  ];
}
