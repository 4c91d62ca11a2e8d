/**
 * A server as one machine, for group traces: an election and, once that has ended, a leader or a learner. What lies
 * between them in a running server (EnsemblePeer and the shells) is ensemble.ts's.
 */
import type { After, Machine, TimerEffect, TimerInput } from '../../../src/base/machine.js';
import { FastLeaderElection } from '../../../src/zookeeper/election/fast-leader-election.js';
import type { ElectionEffect, ElectionInput } from '../../../src/zookeeper/election/fast-leader-election.js';
import type { Membership } from '../../../src/zookeeper/membership.js';
import type { Leader } from '../../../src/zookeeper/zab/leader.js';
import type { LeaderEffect, LeaderInput } from '../../../src/zookeeper/zab/leader-io.js';
import type { Learner } from '../../../src/zookeeper/zab/learner.js';
import type { LearnerEffect, LearnerInput } from '../../../src/zookeeper/zab/learner-io.js';

type Timer = 'resend' | 'settle' | 'tick' | 'retry';

export type ServerInput =
  | { readonly type: 'election'; readonly input: ElectionInput }
  | { readonly type: 'leader'; readonly input: LeaderInput }
  | { readonly type: 'learner'; readonly input: LearnerInput }
  /** The role begins; its first input is `start`. */
  | { readonly type: 'lead'; readonly leader: Leader; readonly input: LeaderInput }
  | { readonly type: 'learn'; readonly learner: Learner; readonly input: LearnerInput }
  | { readonly type: 'over' }
  /** Server `from` opens a connection to our quorum port. */
  | { readonly type: 'knock'; readonly from: number }
  | TimerInput<Timer>;

export type ServerEffect =
  | { readonly type: 'election'; readonly effect: ElectionEffect }
  | { readonly type: 'leader'; readonly effect: LeaderEffect; readonly after?: After }
  | { readonly type: 'learner'; readonly effect: LearnerEffect; readonly after?: After }
  | { readonly type: 'answer'; readonly to: number; readonly open: boolean }
  | TimerEffect<Timer>;

export class Server implements Machine<ServerInput, ServerEffect> {
  readonly election: FastLeaderElection;
  leader: Leader | undefined;
  learner: Learner | undefined;

  constructor(sid: number, ensemble: Membership) {
    this.election = new FastLeaderElection(sid, ensemble);
  }

  step(input: ServerInput, nowMs: number): readonly ServerEffect[] {
    switch (input.type) {
      case 'election':
        return this.#election(input.input);
      case 'leader':
        return this.#leader(input.input, nowMs);
      case 'learner':
        return this.#learner(input.input, nowMs);
      case 'lead':
        this.leader = input.leader;
        return this.#leader(input.input, nowMs);
      case 'learn':
        this.learner = input.learner;
        return this.#learner(input.input, nowMs);
      case 'over':
        this.leader = this.learner = undefined;
        return [{ type: 'clearTimer', timer: 'tick' }, ...this.#election({ type: 'leave' })];
      case 'knock':
        return [
          ...this.#leader({ type: 'connected', learner: input.from }, nowMs),
          { type: 'answer', to: input.from, open: this.leader !== undefined },
        ];
      case 'timer': {
        const { timer } = input;
        if (timer === 'resend' || timer === 'settle') return this.#election({ type: 'timer', timer });
        if (timer === 'retry' || this.learner !== undefined) return this.#learner({ type: 'timer', timer }, nowMs);
        return this.#leader({ type: 'timer', timer }, nowMs);
      }
    }
  }

  #election(input: ElectionInput): ServerEffect[] {
    return this.election.step(input).map((effect) => (isTimer(effect) ? effect : { type: 'election', effect }));
  }

  #leader(input: LeaderInput, nowMs: number): ServerEffect[] {
    return (this.leader?.step(input, nowMs) ?? []).map((effect) =>
      isTimer(effect) ? effect : { type: 'leader', effect, ...('after' in effect ? { after: 'sync' } : {}) },
    );
  }

  #learner(input: LearnerInput, nowMs: number): ServerEffect[] {
    return (this.learner?.step(input, nowMs) ?? []).map((effect) =>
      isTimer(effect) ? effect : { type: 'learner', effect, ...('after' in effect ? { after: 'sync' } : {}) },
    );
  }
}

function isTimer<T extends { readonly type: string }>(effect: T): effect is Extract<T, TimerEffect<Timer>> {
  return effect.type === 'setTimer' || effect.type === 'clearTimer';
}
