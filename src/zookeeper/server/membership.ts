/**
 * The content of /zookeeper/config: the `server.N` lines an ensemble runs with. Mirrors QuorumMaj.toString and
 * QuorumServer.toString.
 */
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';

export function membershipText(config: QuorumPeerConfig): string {
  const lines = config.servers.map((server) => {
    const { client } = server;
    const tail = client === undefined ? '' : `;${client.host}:${client.port}`;
    return `server.${server.sid}=${server.host}:${server.quorumPort}:${server.electionPort}:${server.type}${tail}\n`;
  });
  return `${lines.join('')}version=0`;
}
