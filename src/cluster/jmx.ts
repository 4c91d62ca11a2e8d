/** `/jmx` of a Hadoop daemon: one bean by name. */
import { get } from 'node:http';
import { LabError } from '../base/errors.js';

/** No answer is longer; more is not read. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The bean's attributes; undefined if there is no such bean. Rejects LabError `NO_ANSWER`. */
export function readBean(
  address: string,
  port: number,
  bean: string,
  timeoutMs: number,
): Promise<Record<string, unknown> | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => reject(new LabError('NO_ANSWER', `http://${address}:${port}/jmx: ${why}`));
    const request = get(
      { host: address, port, path: `/jmx?qry=${encodeURIComponent(bean)}`, timeout: timeoutMs, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BYTES) request.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          try {
            const { beans } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
              beans?: Record<string, unknown>[];
            };
            resolve(beans?.[0]);
          } catch (error) {
            failed((error as Error).message);
          }
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', (error) => failed(error.message));
  });
}
