/** The NameNode's HTTP port: /jmx, /imagetransfer, /isActive, /conf and a plain page. */
import { xmlText } from '../../base/xml-text.js';
import { jmxResponse } from '../../wire/http/jmx.js';
import type { HttpRequest, HttpResponse } from '../../wire/http/server.js';
import type { NameNodeConfig } from '../config.js';
import type { NameNodeCore } from '../core.js';
import { stateText } from '../ha/operation-category.js';
import { initializingBeans, nameNodeBeans } from './beans.js';
import { ImageServlet } from './image-servlet.js';

export class WebFace {
  readonly #config: NameNodeConfig;
  #core: NameNodeCore | undefined = undefined;
  #images: ImageServlet | undefined = undefined;

  constructor(config: NameNodeConfig) {
    this.#config = config;
  }

  /** The namespace is loaded. */
  attach(core: NameNodeCore): void {
    this.#core = core;
    this.#images = new ImageServlet(core);
  }

  serve(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const { method, path } = request;
    if (path === '/imagetransfer') {
      if (method !== 'GET' && method !== 'PUT') return notAllowed();
      return this.#images?.serve(request) ?? { status: 503, body: 'NameNode is still loading.\n' };
    }
    if (method !== 'GET' && method !== 'HEAD') return notAllowed();
    const core = this.#core;
    switch (path) {
      case '/jmx':
        return jmxResponse(
          core === undefined
            ? initializingBeans(`${this.#config.rpc.host}:${this.#config.rpc.port}`, 'INITIALIZING')
            : nameNodeBeans(core),
          request.query,
        );
      case '/isActive':
        return core?.ha.state === 'ACTIVE'
          ? { status: 200, headers: { Connection: 'close' }, body: 'I am Active!' }
          : { status: 405, headers: { Connection: 'close' }, body: 'I am not Active!' };
      case '/conf':
        return {
          status: 200,
          headers: { 'Content-Type': 'text/xml; charset=utf-8' },
          body: configurationXml(this.#config.properties),
        };
      case '/':
      case '/index.html':
      case '/dfshealth.html':
        return { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: this.#page() };
      default:
        return { status: 404, headers: { 'Content-Type': 'text/plain;charset=utf-8' }, body: `${path} is not here\n` };
    }
  }

  #page(): string {
    const core = this.#core;
    const { rpc, nameserviceId, nameNodeId } = this.#config;
    const rows: [string, string][] = [
      ['NameNode', `${nameNodeId ?? ''} ${rpc.host}:${rpc.port}`],
      ['Nameservice', nameserviceId ?? 'none'],
      ['State', core === undefined ? 'initializing' : stateText(core.ha.state)],
    ];
    if (core !== undefined) {
      rows.push(
        ['Safe mode', core.safeMode.isOn ? core.safeMode.tip : 'off'],
        ['Last transaction', String(core.writer.lastTxid)],
        ['Last checkpoint', String(core.checkpoints.lastTxid)],
        ['Files and directories', String(core.namespace.inodeCount)],
        ['Cluster', core.info.clusterId],
        ['Block pool', core.info.blockPoolId],
      );
    }
    const body = rows
      .map(([name, value]) => `<tr><th align="left">${xmlText(name)}</th><td>${xmlText(value)}</td></tr>`)
      .join('\n');
    return (
      `<!DOCTYPE html>\n<html><head><title>NameNode ` +
      `${xmlText(rpc.host)}:${rpc.port}</title></head>\n<body><h1>NameNode</h1>\n<table>\n${body}\n</table>\n` +
      '<p><a href="/jmx">jmx</a> <a href="/conf">conf</a></p>\n</body></html>\n'
    );
  }
}

function notAllowed(): HttpResponse {
  return { status: 405, headers: { 'Content-Type': 'text/plain;charset=utf-8' }, body: 'only GET here\n' };
}

function configurationXml(properties: ReadonlyMap<string, string>): string {
  const items = [...properties].map(
    ([name, value]) => `<property><name>${xmlText(name)}</name><value>${xmlText(value)}</value></property>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><configuration>\n${items.join('\n')}\n</configuration>\n`;
}
