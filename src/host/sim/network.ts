/** A process's Net: ports and connections of its machine over the world's links. */
import { LabError } from '../../base/errors.js';
import type { LabErrorCode } from '../../base/errors.js';
import type { Endpoint, Listener, Net, Stream, StreamHandler } from '../host.js';
import type { Kernel, Process } from './kernel.js';
import type { Links } from './links.js';
import { SimStream, type StreamMachine } from './stream.js';

const FIRST_EPHEMERAL_PORT = 32768;
/** A SYN that finds nobody is sent again after this, then after twice as long, and so on. */
const SYN_RETRY_MS = 1000;

interface OpenPort {
  readonly process: Process;
  accept(stream: Stream): StreamHandler;
}

/** A machine's ports and streams. */
export class NetworkStack {
  readonly ports = new Map<number, OpenPort>();
  readonly streams = new Set<SimStream>();
  #ephemeral = FIRST_EPHEMERAL_PORT;

  nextPort(): number {
    do this.#ephemeral = this.#ephemeral >= 60_999 ? FIRST_EPHEMERAL_PORT : this.#ephemeral + 1;
    while (this.ports.has(this.#ephemeral));
    return this.#ephemeral;
  }

  /** The kernel closes what a dead process had open. */
  abandon(process: Process): void {
    for (const [port, open] of this.ports) if (open.process === process) this.ports.delete(port);
    for (const stream of [...this.streams]) if (stream.process === process) stream.abandon();
  }

  /** Power is gone: nobody is told anything. */
  vanish(): void {
    this.ports.clear();
    this.streams.clear();
  }
}

export interface NetworkMachine extends StreamMachine {
  readonly address: string;
  readonly stack: NetworkStack;
}

export interface Wiring {
  readonly kernel: Kernel;
  readonly links: Links;
  machineAt(address: string): NetworkMachine | undefined;
  addressOf(name: string): string | undefined;
}

const isAddress = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(name);
const error = (code: LabErrorCode, { host, port }: Endpoint, what: string): LabError =>
  new LabError(code, `${host}:${port}: ${what}`, { data: { host, port } });

export function simNet(wiring: Wiring, machine: NetworkMachine, process: Process): Net {
  const { kernel, links } = wiring;
  const addressOf = (name: string): string | undefined =>
    name === 'localhost' ? '127.0.0.1' : isAddress(name) ? name : wiring.addressOf(name);
  const machineAt = (address: string): NetworkMachine | undefined =>
    wiring.machineAt(address) ?? (address === '127.0.0.1' ? machine : undefined);

  function listen(endpoint: Endpoint, accept: (stream: Stream) => StreamHandler): Promise<Listener> {
    return new Promise((resolve, reject) => {
      process.schedule(0, () => {
        const address = endpoint.host === '0.0.0.0' ? machine.address : addressOf(endpoint.host);
        if (address === undefined || machineAt(address) !== machine) {
          reject(error('ADDRESS_NOT_AVAILABLE', endpoint, 'not an address of this machine'));
          return;
        }
        const port = endpoint.port === 0 ? machine.stack.nextPort() : endpoint.port;
        if (machine.stack.ports.has(port)) {
          reject(error('ADDRESS_IN_USE', endpoint, 'address already in use'));
          return;
        }
        const open: OpenPort = { process, accept };
        machine.stack.ports.set(port, open);
        resolve({
          endpoint: { host: address, port },
          async close() {
            if (machine.stack.ports.get(port) === open) machine.stack.ports.delete(port);
          },
        });
      });
    });
  }

  function connect(endpoint: Endpoint, { timeoutMs }: { timeoutMs: number }, handler: StreamHandler): Stream {
    const address = addressOf(endpoint.host);
    const target = address === undefined ? undefined : machineAt(address);
    const out = links.between(machine.name, target?.name ?? '?');
    const back = links.between(target?.name ?? '?', machine.name);
    const local = { host: machine.address, port: machine.stack.nextPort() };
    const stream = new SimStream(kernel, process, machine, { local, remote: endpoint, out, back });
    stream.setHandler(handler);
    if (process.dead) return stream;
    machine.stack.streams.add(stream);
    process.schedule(timeoutMs, () =>
      stream.refuse(error('CONNECT_TIMEOUT', endpoint, `no connection within ${timeoutMs} ms`)),
    );
    if (target === undefined) {
      const code = address === undefined ? 'HOST_UNKNOWN' : 'HOST_UNREACHABLE';
      process.schedule(1, () =>
        stream.refuse(
          error(code, endpoint, address === undefined ? 'host name does not resolve' : 'host is unreachable'),
        ),
      );
      return stream;
    }

    const boot = machine.boot;
    const wanted = (): boolean => stream.isConnecting && !process.dead && machine.isUp && machine.boot === boot;
    const attempt = (waitMs: number): void => {
      if (!wanted()) return;
      const again = (): void => void kernel.schedule(waitMs, () => attempt(waitMs * 2));
      if (out.isCut || !target.isUp) {
        again();
        return;
      }
      kernel.schedule(out.latencyMs(), () => {
        if (!wanted()) return;
        if (out.isCut || back.isCut || !target.isUp) {
          again();
          return;
        }
        const answerMs = back.latencyMs();
        const open = target.stack.ports.get(endpoint.port);
        if (open === undefined) {
          process.schedule(answerMs, () => stream.refuse(error('CONNECT_REFUSED', endpoint, 'connection refused')));
          return;
        }
        const there = new SimStream(kernel, open.process, target, {
          local: { host: target.address, port: endpoint.port },
          remote: local,
          out: back,
          back: out,
        });
        target.stack.streams.add(there);
        there.join(stream, kernel.nowMs + answerMs);
        stream.join(there, kernel.nowMs + answerMs);
        open.process.dispatch(() => there.setHandler(open.accept(there)));
        process.schedule(answerMs, () => stream.opened());
      });
    };
    kernel.schedule(0, () => attempt(SYN_RETRY_MS));
    return stream;
  }

  function resolve(name: string): Promise<readonly string[]> {
    return new Promise((done, failed) => {
      process.schedule(0.2, () => {
        const address = addressOf(name);
        if (address === undefined)
          failed(new LabError('HOST_UNKNOWN', `host name ${name} does not resolve`, { data: { host: name } }));
        else done([address]);
      });
    });
  }

  return Object.freeze({ listen, connect, resolve });
}
