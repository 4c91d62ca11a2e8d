/**
 * What stands before every call of a client: the state of HA, safe mode, whose call it is, and the way its answer goes
 * out. Calls that come while this NameNode is becoming active wait for the end of that (as Hadoop's wait for its lock)
 * instead of sending their clients round. Mirrors FSNamesystem.checkOperation and the reply half of FSEditLog.logSync.
 */
import { messageOf } from '../../base/errors.js';
import type { RpcCall } from '../../wire/hadoop/rpc/spec.js';
import type { NameNodeCore } from '../core.js';
import { refusedInState } from '../ha/operation-category.js';
import type { OperationCategory } from '../ha/operation-category.js';
import { HadoopError } from '../namespace/errors.js';
import { MAX_NAME_LENGTH } from '../namespace/permissions.js';
import type { Caller } from '../namespace/permissions.js';

/** Beyond this, a call is refused at once. */
const MAX_HELD = 10_000;
const MAX_CALLERS = 10_000;

type Handler<Request, Response> = (request: Request, call: RpcCall<Response>) => void;

export class Gate {
  readonly #core: NameNodeCore;
  readonly #callers = new Map<string, Caller>();
  #held: (() => void)[] = [];

  constructor(core: NameNodeCore) {
    this.#core = core;
    core.ha.onEntered(() => this.#stateChanged());
  }

  /** Lets the waiting calls through, or sends them away. */
  #stateChanged(): void {
    const held = this.#held;
    this.#held = [];
    for (const run of held) run();
  }

  callerOf(user: string): Caller {
    let caller = this.#callers.get(user);
    if (caller === undefined) {
      const { limits, staticGroups } = this.#core.config;
      if (user.length > MAX_NAME_LENGTH)
        throw new HadoopError('AccessControlException', `a user's name is longer than ${MAX_NAME_LENGTH} characters`);
      const name = user.replace(/[@/].*$/, '');
      // There is no user database to ask: a user is a member of the group of his own name.
      const groups = staticGroups.get(name) ?? [name];
      caller = Object.freeze({
        user: name,
        groups,
        isSuperUser: name === limits.superUser || groups.includes(limits.superGroup),
      });
      if (this.#callers.size >= MAX_CALLERS) this.#callers.clear();
      this.#callers.set(user, caller);
    }
    return caller;
  }

  /** A handler for calls of this category; what `serve` throws becomes the call's failure. */
  operation<Request, Response>(
    category: OperationCategory,
    serve: (request: Request, call: RpcCall<Response>, caller: Caller) => void,
  ): Handler<Request, Response> {
    const run: Handler<Request, Response> = (request, call) => {
      const core = this.#core;
      const refused = refusedInState(core.ha.state, category, core.config.allowStaleReads);
      if (refused !== undefined) {
        if (core.ha.holding && this.#held.length < MAX_HELD) this.#held.push(() => run(request, call));
        else this.fail(call, refused);
        return;
      }
      try {
        serve(request, call, this.callerOf(call.user));
      } catch (error) {
        this.fail(call, error);
      }
    };
    return run;
  }

  fail(call: RpcCall<unknown>, error: unknown): void {
    if (error instanceof HadoopError) {
      call.fail(error.className, error.message);
      return;
    }
    this.#core.host.log.error(
      `a call failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    call.fail('java.io.IOException', messageOf(error));
  }

  /** For administrative calls that take their time. */
  settle<Response>(call: RpcCall<Response>, answer: Promise<Response>): void {
    answer.then(
      (response) => call.reply(response),
      (error: unknown) => this.fail(call, error),
    );
  }
}
