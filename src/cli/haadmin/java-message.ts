/**
 * Failures of a call in Hadoop's words (org.apache.hadoop.net.NetUtils.wrapException), since that is what people search
 * for: the wiki pages that the messages name explain the usual causes.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Endpoint } from '../../host/host.js';

/** `localHost` as Java prints a machine: `name/address`. */
export function javaMessage(error: unknown, to: Endpoint, localHost: string, connectTimeoutMs: number): string {
  if (!(error instanceof LabError)) return messageOf(error);
  const call = `Call From ${localHost} to ${to.host}:${to.port}`;
  const parties = `local host is: "${localHost}"; destination host is: "${to.host}":${to.port}; `;
  const see = (page: string): string => `; For more details see:  http://wiki.apache.org/hadoop/${page}`;
  switch (error.code) {
    case 'CONNECT_REFUSED':
      return (
        `${call} failed on connection exception: java.net.ConnectException: Connection ` +
        `refused${see('ConnectionRefused')}`
      );
    case 'CONNECT_TIMEOUT':
      return (
        `${call} failed on socket timeout exception: org.apache.hadoop.net.ConnectTimeoutException: ` +
        `${connectTimeoutMs} millis timeout while waiting for channel to be ready for connect${see('SocketTimeout')}`
      );
    case 'RPC_TIMEOUT':
      return (
        `${call} failed on socket timeout exception: java.net.SocketTimeoutException: ` +
        `${String(error.data['timeoutMs'])} millis timeout while waiting for channel to be ready for read` +
        see('SocketTimeout')
      );
    case 'HOST_UNKNOWN':
      return `Invalid host name: ${parties}java.net.UnknownHostException${see('UnknownHost')}`;
    case 'HOST_UNREACHABLE':
      return (
        `No Route to Host from  ${localHost} to ${to.host}:${to.port} failed on socket timeout exception: ` +
        `java.net.NoRouteToHostException: No route to host${see('NoRouteToHost')}`
      );
    case 'CONNECTION_CLOSED':
      return `End of File Exception between ${parties}: java.io.EOFException${see('EOFException')}`;
    case 'CONNECTION_RESET':
      return `${call} failed on socket exception: java.net.SocketException: Connection reset${see('SocketException')}`;
    default:
      return error.message;
  }
}
