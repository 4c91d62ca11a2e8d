/**
 * GET /jmx: beans as JSON, `qry=` with an object-name pattern, `get=BEAN::ATTRIBUTE`. The text is laid out as Jackson's
 * default printer does it, since scripts grep it. Mirrors org.apache.hadoop.jmx.JMXJsonServlet.
 */
import type { HttpResponse } from './server.js';

export type BeanValue = string | number | bigint | boolean | null | readonly string[];

export interface Bean {
  readonly name: string;
  readonly modelerType: string;
  readonly attributes: Readonly<Record<string, BeanValue>>;
}

const HEADERS = {
  'Content-Type': 'application/json; charset=utf8',
  'Access-Control-Allow-Methods': 'GET',
  'Access-Control-Allow-Origin': '*',
} as const;

export function jmxResponse(beans: readonly Bean[], query: URLSearchParams): HttpResponse {
  const get = query.get('get');
  if (get !== null) return getAttribute(beans, get);
  const pattern = matcher(query.get('qry') ?? '*:*');
  if (pattern === undefined) return { status: 400, headers: HEADERS, body: '' };
  return answer(200, beans.filter((bean) => pattern(bean.name)).map(rows));
}

function getAttribute(beans: readonly Bean[], text: string): HttpResponse {
  const [name, attribute, rest] = text.split('::');
  if (name === undefined || attribute === undefined || rest !== undefined) {
    return {
      status: 400,
      headers: HEADERS,
      body: '{\n  "result" : "ERROR",\n  "message" : "query format is not as expected."\n}',
    };
  }
  const found = beans.find((bean) => bean.name === name);
  if (found === undefined) return answer(200, []);
  const value = found.attributes[attribute];
  const head: Row[] = [
    ['name', found.name],
    ['modelerType', found.modelerType],
  ];
  if (value !== undefined) return answer(200, [[...head, [attribute, value]]]);
  return answer(404, [[...head, ['result', 'ERROR'], ['message', `No attribute with name ${attribute} was found.`]]]);
}

type Row = readonly [string, BeanValue];

function rows(bean: Bean): Row[] {
  return [['name', bean.name], ['modelerType', bean.modelerType], ...Object.entries(bean.attributes)];
}

function answer(status: number, beans: readonly (readonly Row[])[]): HttpResponse {
  const body = beans
    .map((bean) => `{\n${bean.map(([key, value]) => `    ${JSON.stringify(key)} : ${json(value)}`).join(',\n')}\n  }`)
    .join(', ');
  return { status, headers: HEADERS, body: `{\n  "beans" : [ ${body}${beans.length > 0 ? ' ' : ''}]\n}` };
}

function json(value: BeanValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value))
    return value.length === 0 ? '[ ]' : `[ ${value.map((item) => JSON.stringify(item)).join(', ')} ]`;
  return JSON.stringify(value);
}

/** `domain:key=value,*` with `*` and `?` anywhere; undefined if it is no object name. */
function matcher(pattern: string): ((name: string) => boolean) | undefined {
  const colon = pattern.indexOf(':');
  if (colon < 0) return undefined;
  const glob = (text: string): RegExp =>
    new RegExp(
      `^${text
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
  const domain = glob(pattern.slice(0, colon));
  const properties = pattern.slice(colon + 1).split(',');
  const open = properties.includes('*');
  const wanted = properties.filter((property) => property !== '*').map(glob);
  return (name) => {
    const at = name.indexOf(':');
    if (!domain.test(name.slice(0, at))) return false;
    const own = name.slice(at + 1).split(',');
    return (
      (open || own.length === wanted.length) && wanted.every((property) => own.some((text) => property.test(text)))
    );
  };
}
