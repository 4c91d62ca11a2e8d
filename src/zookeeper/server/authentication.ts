/**
 * What an auth packet makes of a connection. Mirrors the providers `digest` and `ip` of
 * org.apache.zookeeper.server.auth.
 */
import { digestIdentity } from '../tree/access.js';
import type { ClientConnection } from './connection.js';

/** Adds the identity to the connection; false: there is no such scheme. */
export function authenticate(
  connection: ClientConnection,
  scheme: string,
  auth: Buffer,
  superDigest: string | undefined,
): boolean {
  switch (scheme) {
    case 'digest': {
      const id = digestIdentity(auth.toString('utf8'));
      if (id === superDigest) connection.addIdentity({ scheme: 'super', id: '' });
      connection.addIdentity({ scheme: 'digest', id });
      return true;
    }
    case 'ip':
      connection.addIdentity({ scheme: 'ip', id: connection.address });
      return true;
    default:
      return false;
  }
}
