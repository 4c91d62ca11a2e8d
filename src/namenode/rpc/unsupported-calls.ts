/** What ClientProtocol has and this NameNode has not is refused by name, and not as if the client had made it up. */
import { clientNamenodeProtocol } from '../../wire/hadoop/protocols/client-namenode.js';
import type { Handlers } from '../../wire/hadoop/rpc/spec.js';

export function unsupportedCalls(): Handlers<typeof clientNamenodeProtocol> {
  return Object.fromEntries(
    Object.keys(clientNamenodeProtocol.methods).map((method) => [
      method,
      (_request: unknown, call: { fail(className: string, message: string): void }) =>
        call.fail('java.lang.UnsupportedOperationException', `${method} is not supported by this NameNode`),
    ]),
  );
}
