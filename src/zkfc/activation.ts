/**
 * From the lock to an active NameNode, and back: the part of the election's machine (elector.ts) that minds the
 * breadcrumb. Mirrors ActiveStandbyElector.becomeActive, fenceOldActive, writeBreadCrumbNode and
 * tryDeleteOwnBreadCrumbNode.
 */
import { ErrorCode } from '../wire/zookeeper/error-code.js';
import { keeperCodeName } from '../zookeeper/client/keeper-error.js';
import { isLoss } from './election-memory.js';
import type { ElectionMemory } from './election-memory.js';
import type { ElectorEffect } from './elector-messages.js';
import type { ElectorHandlers } from './elector-table.js';

export interface ActivationEnd {
  active(): void;
  failed(reason: string): void;
  /** The breadcrumb is gone, or could not be removed: the lock may go. */
  yielded(): void;
}

export class Activation {
  readonly #maxRetries: number;
  readonly #at: ElectionMemory;
  readonly #end: ActivationEnd;
  /** The breadcrumb's version as it was read; undefined: there is none. */
  #version: number | undefined;
  /** When the last question was sent: its answer proves that the session lived then, and no later. */
  #confirmedMs = 0;

  constructor(maxRetries: number, memory: ElectionMemory, end: ActivationEnd) {
    this.#maxRetries = maxRetries;
    this.#at = memory;
    this.#end = end;
  }

  /** The lock is ours. */
  start(): void {
    this.#at.log('info', 'Checking for any old active which needs to be fenced...');
    this.#at.phase = 'reading';
    this.#at.retries = 0;
    this.#read();
  }

  /** A graceful farewell: nobody shall fence us. */
  yield(): void {
    this.#at.log('info', 'Deleting bread-crumb of active node...');
    this.#at.phase = 'yieldReading';
    this.#read();
  }

  readonly handlers: Pick<
    ElectorHandlers,
    'fenceOrWrite' | 'write' | 'activate' | 'activated' | 'deleteOwn' | 'yielded'
  > = {
    fenceOrWrite: ({ code, data, version }) => {
      if (this.#retryable(code)) return this.#read();
      if (code === ErrorCode.NONODE) {
        this.#at.log('info', 'No old node to fence');
        this.#version = undefined;
        return this.#write();
      }
      if (code !== ErrorCode.OK) return this.#end.failed(`the breadcrumb could not be read: ${keeperCodeName(code)}`);
      this.#version = version;
      this.#at.log('info', `Old node exists: ${data.toString('hex')}`);
      if (!data.equals(this.#at.data)) return this.#whileLocked('fencing', { type: 'fence', data });
      this.#at.log('info', "But old node has our own data, so don't need to fence it.");
      this.#write();
    },
    write: ({ ok, reason }) => {
      if (!ok) return this.#end.failed(reason);
      this.#write();
    },
    activate: ({ code }) => {
      if (this.#retryable(code)) return this.#writeBreadcrumb();
      if (code !== ErrorCode.OK)
        return this.#end.failed(`the breadcrumb could not be written: ${keeperCodeName(code)}`);
      this.#at.event({ type: 'BreadcrumbWritten' });
      this.#whileLocked('activating', { type: 'becomeActive' });
    },
    activated: ({ ok, reason }) => (ok ? this.#end.active() : this.#end.failed(reason)),
    deleteOwn: ({ code, data, version }) => {
      if (code !== ErrorCode.OK) return this.#keep(`it could not be read: ${keeperCodeName(code)}`);
      if (!data.equals(this.#at.data)) return this.#keep(`it holds other data: ${data.toString('hex')}`);
      this.#at.phase = 'yieldDeleting';
      this.#at.retries = 0;
      this.#version = version;
      this.#delete(version);
    },
    yielded: ({ code }) => {
      if (this.#retryable(code)) return this.#delete(this.#version!);
      if (code !== ErrorCode.OK) return this.#keep(`it could not be deleted: ${keeperCodeName(code)}`);
      this.#at.event({ type: 'BreadcrumbDeleted' });
      this.#end.yielded();
    },
  };

  #read(): void {
    this.#confirmedMs = this.#at.nowMs;
    this.#at.out.push({ type: 'readBreadcrumb', client: this.#at.client });
  }

  #write(): void {
    this.#at.log('info', 'Writing znode ActiveBreadCrumb to indicate that the local node is the most recent active...');
    this.#at.phase = 'writing';
    this.#at.retries = 0;
    this.#writeBreadcrumb();
  }

  #writeBreadcrumb(): void {
    if (this.#at.sessionEnded) return this.#end.failed('the session expired');
    this.#confirmedMs = this.#at.nowMs;
    const own = { client: this.#at.client, data: this.#at.data };
    if (this.#version === undefined) this.#at.out.push({ type: 'createBreadcrumb', ...own });
    else this.#at.out.push({ type: 'setBreadcrumb', ...own, version: this.#version });
  }

  #delete(version: number): void {
    this.#at.out.push({ type: 'deleteBreadcrumb', client: this.#at.client, version });
  }

  /** What only the owner of the lock may do to a NameNode. */
  #whileLocked(phase: 'fencing' | 'activating', effect: ElectorEffect): void {
    if (this.#at.sessionEnded) return this.#end.failed('the session expired');
    // A process that was frozen for a session time-out between its question to ZooKeeper and acting on the answer may
    // have lost the lock meanwhile.
    const sinceMs = this.#at.nowMs - this.#confirmedMs;
    if (sinceMs >= this.#at.timeoutMs) {
      const last = `the lock was last confirmed ${Math.round(sinceMs)} ms ago`;
      return this.#end.failed(`${last}, longer than the session time-out of ${this.#at.timeoutMs} ms`);
    }
    this.#at.phase = phase;
    this.#at.out.push(effect);
  }

  #retryable(code: number): boolean {
    return isLoss(code) && ++this.#at.retries < this.#maxRetries && !this.#at.sessionEnded;
  }

  #keep(fault: string): void {
    this.#at.log(
      'warn',
      `Unable to delete our own bread-crumb of being active: ${fault}. Expecting to be fenced by the next active.`,
    );
    this.#end.yielded();
  }
}
