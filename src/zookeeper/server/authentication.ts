/**
 * What an auth packet makes of a connection, and its answer. Mirrors the providers `digest` and `ip` of
 * org.apache.zookeeper.server.auth.
 */
import { ByteReader } from '../../base/bytes.js';
import type { Log } from '../../host/host.js';
import { readAuthPacket } from '../../wire/zookeeper/client/auth.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { digestIdentity } from '../tree/access.js';
import type { ClientConnection } from './connection.js';

/** False: there is no such scheme, and after the answer the connection is to be closed. Throws LabError MALFORMED. */
export function authenticate(
  connection: ClientConnection,
  xid: number,
  body: Buffer,
  superDigest: string | undefined,
  log: Log,
): boolean {
  const { scheme, auth } = readAuthPacket(new ByteReader(body));
  if (scheme === 'digest') {
    const id = digestIdentity((auth ?? Buffer.alloc(0)).toString('utf8'));
    if (id === superDigest) connection.addIdentity({ scheme: 'super', id: '' });
    connection.addIdentity({ scheme: 'digest', id });
  } else if (scheme === 'ip') {
    connection.addIdentity({ scheme: 'ip', id: connection.address });
  } else {
    log.warn(`${connection.address}: no authentication provider for scheme ${JSON.stringify(scheme)}`);
    connection.replyHeader(xid, 0n, ErrorCode.AUTHFAILED);
    return false;
  }
  connection.replyHeader(xid, 0n, ErrorCode.OK);
  return true;
}
