/**
 * A segment's bytes from a JournalNode's HTTP face, checked against the length it announces. Mirrors
 * TransferFsImage#doGetUrl and URLLog.
 */
import { LabError } from '../../base/errors.js';
import { parseHostPort } from '../../base/host-port.js';
import type { Host } from '../../host/host.js';
import { httpRequest } from '../../wire/http/client.js';

/**
 * Throws LabError: a connect error, HTTP_TIMEOUT, CONNECTION_CLOSED, CONNECTION_RESET, or HTTP_STATUS with the server's
 * words.
 */
export async function* fetchSegment(
  host: Host,
  url: string,
  options: { connectTimeoutMs: number; idleTimeoutMs: number },
): AsyncGenerator<Buffer, void, undefined> {
  const match = /^http:\/\/([^/]+)(\/[^#]*)/.exec(url);
  const address = match === null ? undefined : parseHostPort(match[1]!);
  if (match === null || address === undefined)
    throw new LabError('HTTP_STATUS', `${url}: segments are fetched over http:// only`);
  const endpoint = { host: address.host, port: address.port ?? 80 };
  const response = await httpRequest(host, {
    endpoint,
    path: match[2]!,
    connectTimeoutMs: options.connectTimeoutMs,
    timeoutMs: options.idleTimeoutMs,
  });
  if (response.status !== 200) {
    let words = '';
    for await (const piece of response.body) {
      words += piece.toString('utf8');
      if (words.length > 300) break;
    }
    throw new LabError(
      'HTTP_STATUS',
      `${url} answered ${response.status}: ${words.slice(0, 300).replace(/\s+/g, ' ').trim()}`,
      { data: { status: response.status } },
    );
  }
  const announced = response.headers.get('content-length');
  if (announced === undefined) {
    response.close();
    throw new LabError('HTTP_STATUS', `${url}: Content-Length header is not provided`);
  }
  let received = 0;
  for await (const piece of response.body) {
    received += piece.length;
    yield piece;
  }
  if (received !== Number(announced)) {
    throw new LabError('CONNECTION_CLOSED', `${url}: ${received} bytes came of the ${announced} that were announced`);
  }
}
