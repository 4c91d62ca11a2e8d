/** Numbers of Hadoop IPC version 9 (org.apache.hadoop.ipc.RpcConstants, CommonConfigurationKeys). */
export const IPC_VERSION = 9;
/** "hrpc" */
export const IPC_MAGIC = Buffer.from('hrpc', 'latin1');
/** Magic, version, service class, auth protocol. */
export const CONNECTION_HEADER_LENGTH = 7;

export const AuthProtocol = { NONE: 0, SASL: -33 } as const;

export const CallId = { AUTHORIZATION_FAILED: -1, INVALID: -2, CONNECTION_CONTEXT: -3, PING: -4, SASL: -33 } as const;

export const INVALID_RETRY_COUNT = -1;

/** ipc.maximum.data.length, ipc.maximum.response.length */
export const MAX_DATA_LENGTH = 128 * 1024 * 1024;

/** What a web browser or curl on an IPC port is told before the connection closes. */
export const HTTP_ANSWER = Buffer.from(
  'HTTP/1.1 404 Not Found\r\n' +
    'Content-type: text/plain\r\n\r\n' +
    'It looks like you are making an HTTP request to a Hadoop IPC port. ' +
    'This is not the correct port for the web interface on this daemon.\r\n',
  'latin1',
);
