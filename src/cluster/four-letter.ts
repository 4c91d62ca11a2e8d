/** ZooKeeper's four-letter words (`srvr`, `stat`, `ruok`, …): one word, one answer, over a plain connection. */
import { LabError } from '../base/errors.js';
import type { Endpoint, Host } from '../host/host.js';

/** Rejects LabError: a connect error, `NO_ANSWER`. */
export function fourLetterWord(host: Host, word: string, endpoint: Endpoint, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const stream = host.net.connect(
      endpoint,
      { timeoutMs },
      {
        onOpen: () => stream.write(Buffer.from(word)),
        onData: (chunk) => void chunks.push(chunk),
        onClose: (error) => {
          timer.cancel();
          if (error === undefined) resolve(Buffer.concat(chunks).toString('utf8'));
          else reject(error);
        },
      },
    );
    const timer = host.clock.after(timeoutMs, () => {
      stream.destroy();
      reject(
        new LabError('NO_ANSWER', `${endpoint.host}:${endpoint.port}: no answer to ${word} within ${timeoutMs} ms`),
      );
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
