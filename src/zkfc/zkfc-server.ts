/**
 * ZKFCProtocol as a ZKFC serves it: who may call, and which exception a failure becomes. Mirrors
 * org.apache.hadoop.ha.ZKFCRpcServer.
 */
import { hasCode, messageOf } from '../base/errors.js';
import type { Endpoint, Host } from '../host/host.js';
import { zkfcProtocol } from '../wire/hadoop/protocols/zkfc.js';
import { JavaException, remoteClassName } from '../wire/hadoop/rpc/exceptions.js';
import { bindProtocol, createRpcServer } from '../wire/hadoop/rpc/server.js';
import type { RpcServer } from '../wire/hadoop/rpc/server.js';
import type { RpcCall } from '../wire/hadoop/rpc/spec.js';

export interface ZkfcService {
  /** `millisToCede` <= 0: come back. Resolves when the election is left. */
  cedeActive(millisToCede: number, by: string): Promise<void>;
  gracefulFailover(): Promise<void>;
}

export interface ZkfcAccess {
  readonly user: string;
  /** dfs.cluster.administrators */
  readonly administrators: string;
}

/** Rejects as Net.listen. */
export function serveZkfc(host: Host, bind: Endpoint, service: ZkfcService, access: ZkfcAccess): Promise<RpcServer> {
  const guarded = <Response>(call: RpcCall<Response>, action: () => Promise<void>, response: Response): void => {
    if (!isAdministrator(call.user, access)) {
      const message =
        `Disallowed RPC access from ${call.user} (auth:SIMPLE) at ${call.remoteAddress}. Not listed ` +
        `in dfs.cluster.administrators`;
      host.log.warn(message);
      call.fail(JavaException.ACCESS_CONTROL, message);
      return;
    }
    host.log.info(`Allowed RPC access from ${call.user} (auth:SIMPLE) at ${call.remoteAddress}`);
    action().then(
      () => call.reply(response),
      (error: unknown) => call.fail(exceptionFor(error), messageOf(error)),
    );
  };
  return createRpcServer(host, bind, {
    protocols: [
      bindProtocol(zkfcProtocol, {
        // The wire has an unsigned number where Java writes its int: a negative one arrives as a large one.
        cedeActive: (request, call) =>
          guarded(
            call,
            () => service.cedeActive(request.millisToCede | 0, `${call.user} at ${call.remoteAddress}`),
            {},
          ),
        gracefulFailover: (_request, call) => guarded(call, () => service.gracefulFailover(), {}),
      }),
    ],
  });
}

/**
 * `user1,user2 group1,group2`: users only, since SIMPLE authentication here knows no groups. `*`: everybody. The ZKFC's
 * own user always may.
 */
function isAdministrator(user: string, access: ZkfcAccess): boolean {
  if (user === access.user || access.administrators.trim() === '*') return true;
  const users = access.administrators.startsWith(' ') ? '' : access.administrators.split(/\s+/)[0]!;
  return users.split(',').includes(user);
}

function exceptionFor(error: unknown): string {
  if (hasCode(error, 'SERVICE_FAILED')) return JavaException.SERVICE_FAILED;
  return remoteClassName(error) ?? JavaException.IO;
}
