/**
 * What stands around the machines of two ZKFCs in a story: a ZooKeeper that holds a lock and a breadcrumb, and
 * NameNodes that are nothing but their state. Machines themselves, so that a group of machines can be driven step by
 * step.
 */
import type { Machine } from '../../src/base/machine.js';
import { ErrorCode } from '../../src/wire/zookeeper/error-code.js';
import type { ElectorEffect, ElectorInput } from '../../src/zkfc/elector-messages.js';
import type { ControllerInput } from '../../src/zkfc/zk-failover-controller.js';

const { OK, NONODE, NODEEXISTS, BADVERSION, SESSIONEXPIRED } = ErrorCode;

export type Request = Extract<
  ElectorEffect,
  {
    type:
      | 'openClient'
      | 'closeClient'
      | 'createLock'
      | 'statLock'
      | 'readBreadcrumb'
      | 'createBreadcrumb'
      | 'setBreadcrumb'
      | 'deleteBreadcrumb';
  }
>;

export type ZooKeeperInput =
  | { readonly type: 'request'; readonly from: string; readonly request: Request }
  | { readonly type: 'readLock'; readonly from: string }
  /** The session that this one has, if it has one, is over. */
  | { readonly type: 'expire'; readonly from: string };

export type ZooKeeperEffect =
  | { readonly type: 'answer'; readonly to: string; readonly input: ElectorInput }
  | { readonly type: 'lockRead'; readonly to: string; readonly active: string | undefined };

interface Session {
  readonly from: string;
  readonly client: number;
  readonly id: bigint;
}

export const SESSION_TIMEOUT_MS = 10_000;

export class ZooKeeperStandIn implements Machine<ZooKeeperInput, ZooKeeperEffect> {
  formatted = true;
  readonly #sessions: Session[] = [];
  #opened = 0x10n;
  #lock: { readonly owner: Session; readonly data: Buffer } | undefined;
  #breadcrumb: { readonly data: Buffer; readonly version: number } | undefined;
  #watches: Session[] = [];

  step(input: ZooKeeperInput): readonly ZooKeeperEffect[] {
    switch (input.type) {
      case 'request':
        return this.#request(input.from, input.request);
      case 'readLock':
        return [{ type: 'lockRead', to: input.from, active: this.#lock?.data.toString() }];
      case 'expire': {
        const over = this.#sessions.find(({ from }) => from === input.from);
        if (over === undefined) return [];
        const expired: ElectorInput = { type: 'expired', client: over.client };
        return [...this.#end(over), { type: 'answer', to: over.from, input: expired }];
      }
    }
  }

  get state(): string {
    return `lock ${this.#lock?.data.toString() ?? 'free'}, breadcrumb ${this.#breadcrumb?.data.toString() ?? 'none'}`;
  }

  #request(from: string, request: Request): ZooKeeperEffect[] {
    const { client } = request;
    const answer = (input: ElectorInput): ZooKeeperEffect => ({ type: 'answer', to: from, input });
    if (request.type === 'openClient') {
      const id = ++this.#opened;
      this.#sessions.push({ from, client, id });
      return [answer({ type: 'connected', client, session: id, timeoutMs: SESSION_TIMEOUT_MS })];
    }
    const session = this.#sessions.find((one) => one.from === from && one.client === client);
    if (request.type === 'closeClient')
      return [...(session === undefined ? [] : this.#end(session)), answer({ type: 'closed', client })];
    const gone = session === undefined ? SESSIONEXPIRED : this.formatted ? OK : NONODE;
    switch (request.type) {
      case 'createLock': {
        const code = gone !== OK ? gone : this.#lock === undefined ? OK : NODEEXISTS;
        if (code === OK) this.#lock = { owner: session!, data: request.data };
        return [answer({ type: 'lockCreated', client, code })];
      }
      case 'statLock': {
        if (gone === OK) this.#watches = [...this.#watches.filter((one) => one !== session), session!];
        const owner = this.#lock?.owner.id ?? 0n;
        return [answer({ type: 'lockStat', client, code: gone !== OK ? gone : owner === 0n ? NONODE : OK, owner })];
      }
      case 'readBreadcrumb': {
        const { data, version } = this.#breadcrumb ?? { data: Buffer.alloc(0), version: -1 };
        const code = gone !== OK ? gone : version < 0 ? NONODE : OK;
        return [answer({ type: 'breadcrumbRead', client, code, data, version })];
      }
      case 'createBreadcrumb':
      case 'setBreadcrumb': {
        const expected = request.type === 'setBreadcrumb' ? request.version : -1;
        const version = this.#breadcrumb?.version ?? -1;
        const code = gone !== OK ? gone : expected === version ? OK : BADVERSION;
        if (code === OK) this.#breadcrumb = { data: request.data, version: version + 1 };
        return [answer({ type: 'breadcrumbWritten', client, code })];
      }
      case 'deleteBreadcrumb':
        if (gone === OK) this.#breadcrumb = undefined;
        return [answer({ type: 'breadcrumbDeleted', client, code: gone })];
    }
  }

  /** Its ephemeral lock goes, and those who watch hear of it. */
  #end(session: Session): ZooKeeperEffect[] {
    this.#sessions.splice(this.#sessions.indexOf(session), 1);
    this.#watches = this.#watches.filter((one) => one !== session);
    if (this.#lock?.owner !== session) return [];
    this.#lock = undefined;
    const watches = this.#watches;
    this.#watches = [];
    return watches.map(({ from, client }) => ({ type: 'answer', to: from, input: { type: 'lockDeleted', client } }));
  }
}

export interface NameNodeInput {
  readonly type: 'transitionToActive' | 'transitionToStandby';
  readonly from: string;
  /** What the answer is to its asker. */
  readonly answer: 'transitioned' | 'oldActiveAsked';
}

export type NameNodeEffect =
  | { readonly type: 'became'; readonly state: 'ACTIVE' | 'STANDBY' }
  | { readonly type: 'answer'; readonly to: string; readonly input: ControllerInput };

export class NameNodeStandIn implements Machine<NameNodeInput, NameNodeEffect> {
  state: 'ACTIVE' | 'STANDBY' = 'STANDBY';
  refuses = false;

  step({ type, from, answer }: NameNodeInput): readonly NameNodeEffect[] {
    const state = type === 'transitionToActive' ? 'ACTIVE' : 'STANDBY';
    const ok = !this.refuses;
    const reason = ok ? '' : 'it says no';
    const told: NameNodeEffect = {
      type: 'answer',
      to: from,
      input: answer === 'transitioned' ? { type: answer, ok, reason } : { type: answer, obeyed: ok, reason },
    };
    if (!ok || this.state === state) return [told];
    this.state = state;
    return [{ type: 'became', state }, told];
  }
}
