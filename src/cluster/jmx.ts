/** `/jmx` of a Hadoop daemon: one bean by name. */
import { LabError, messageOf } from '../base/errors.js';
import type { Endpoint, Host } from '../host/host.js';
import { httpGet } from '../wire/http/client.js';

/** No answer is longer; more is not read. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The bean's attributes; undefined if there is no such bean. Rejects LabError `NO_ANSWER`. */
export async function readBean(
  host: Host,
  endpoint: Endpoint,
  bean: string,
  timeoutMs: number,
): Promise<Record<string, unknown> | undefined> {
  const path = `/jmx?qry=${encodeURIComponent(bean)}`;
  try {
    const body = await httpGet(host, { endpoint, path, connectTimeoutMs: timeoutMs, timeoutMs }, MAX_BYTES);
    const { beans } = JSON.parse(body.toString('utf8')) as { beans?: Record<string, unknown>[] };
    return beans?.[0];
  } catch (error) {
    throw new LabError('NO_ANSWER', `http://${endpoint.host}:${endpoint.port}/jmx: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
