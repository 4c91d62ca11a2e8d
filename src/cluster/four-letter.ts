/** ZooKeeper's four-letter words (`srvr`, `stat`, `ruok`, …): one word, one answer, over a plain connection. */
import { connect } from 'node:net';
import { LabError } from '../base/errors.js';

/** Rejects LabError `CONNECT_REFUSED`, `NO_ANSWER`. */
export function fourLetterWord(word: string, address: string, port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: address, port }, () => socket.write(word));
    const timer = setTimeout(
      () =>
        socket.destroy(new LabError('NO_ANSWER', `${address}:${port}: no answer to ${word} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(
        error instanceof LabError
          ? error
          : new LabError(
              error.code === 'ECONNREFUSED' ? 'CONNECT_REFUSED' : 'NO_ANSWER',
              `${address}:${port}: ${error.code ?? error.message}`,
            ),
      );
    });
    socket.on('close', (failed) => {
      clearTimeout(timer);
      if (!failed) resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

export interface ServerReport {
  readonly version: string | undefined;
  readonly mode: 'leader' | 'follower' | 'observer' | 'standalone' | undefined;
  readonly zxid: bigint | undefined;
  readonly connections: number | undefined;
  /** The server's answer where it serves nobody: `This ZooKeeper instance is not currently serving requests`. */
  readonly refusal: string | undefined;
}

/** The answer to `srvr` or `stat`. */
export function parseServerReport(text: string): ServerReport {
  const field = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.trim();
  const zxid = field(/^Zxid: (0x[0-9a-fA-F]+)/m);
  const connections = field(/^Connections: (\d+)/m);
  const mode = field(/^Mode: (\w+)/m);
  return {
    version: field(/^Zookeeper version: (.*)$/m),
    mode: mode === 'leader' || mode === 'follower' || mode === 'observer' || mode === 'standalone' ? mode : undefined,
    zxid: zxid === undefined ? undefined : BigInt(zxid),
    connections: connections === undefined ? undefined : Number(connections),
    refusal: mode === undefined ? text.trim().split('\n', 1)[0] : undefined,
  };
}
