/**
 * Calls that change the namespace: safe mode, the retry cache, and an answer that waits until the edit is durable. A
 * call that found nothing to change waits, too, for what it saw: it may rest on an edit that is still on its way.
 */
import type { RpcCall } from '../../wire/hadoop/rpc/spec.js';
import type { NameNodeCore } from '../core.js';
import type { Caller } from '../namespace/permissions.js';
import type { Applied, RetryPayload } from '../namespace/namespace.js';
import type { Gate } from './gate.js';

export interface MutationSpec<Request, Response, Value> {
  /** `mkdirs`: for traces. */
  readonly name: string;
  /** What safe mode refuses: "Cannot create directory /a". */
  readonly refusal: (request: Request) => string;
  readonly path: (request: Request) => string;
  /** A client that asks again gets this answer, made from what the first call left in the retry cache. */
  readonly retried?: (payload: RetryPayload) => Response;
  readonly apply: (request: Request, caller: Caller, call: RpcCall<Response>) => Applied<Value>;
  readonly response: (value: Value) => Response;
}

export function mutation<Request, Response, Value>(
  core: NameNodeCore,
  gate: Gate,
  spec: MutationSpec<Request, Response, Value>,
): (request: Request, call: RpcCall<Response>) => void {
  const { namespace, safeMode, host, writer } = core;
  return gate.operation<Request, Response>('WRITE', (request, call, caller) => {
    if (spec.retried !== undefined) {
      const entry = namespace.retryCache.get(call.clientId, call.callId);
      if (entry !== undefined) {
        const response = spec.retried(entry.payload);
        writer.log.whenSynced(entry.txid, () => call.reply(response));
        return;
      }
    }
    if (safeMode.isOn) safeMode.check(spec.refusal(request), true);
    const { log } = writer;
    let applied: Applied<Value>;
    try {
      applied = spec.apply(request, caller, call);
    } catch (error) {
      // What it threw away again may have been logged: an edit is never half an answer.
      const { lastTxid } = namespace;
      if (lastTxid <= log.syncedTxid) throw error;
      log.whenSynced(lastTxid, () => gate.fail(call, error));
      return;
    }
    const { txid } = applied;
    const response = spec.response(applied.value);
    host.trace?.({ type: 'MutationServed', path: spec.path(request), epoch: writer.epoch });
    if (txid <= log.syncedTxid) {
      call.reply(response);
      return;
    }
    log.whenSynced(txid, () => {
      host.trace?.({ type: 'MutationAcknowledged', operation: spec.name, path: spec.path(request), txid });
      call.reply(response);
    });
  });
}
