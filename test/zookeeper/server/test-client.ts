/** A client of the ZooKeeper protocol that talks in whole packets, for tests of the server half. */
import { ByteReader, ByteWriter } from '../../../src/base/bytes.js';
import { readConnectResponse, writeConnectRequest } from '../../../src/wire/zookeeper/client/connect.js';
import type { ConnectRequest, ConnectResponse } from '../../../src/wire/zookeeper/client/connect.js';
import { readWatcherEvent } from '../../../src/wire/zookeeper/client/watcher-event.js';
import type { TestServer, Wire } from './test-server.js';

export interface Reply {
  readonly xid: number;
  readonly zxid: bigint;
  readonly err: number;
  readonly body: ByteReader;
}

export function packet(write: (w: ByteWriter) => void): Buffer {
  const w = new ByteWriter();
  w.i32(0);
  write(w);
  w.patchI32(0, w.length - 4);
  return w.take();
}

/** Cuts received bytes into packets. */
export function packets(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readInt32BE(at);
    found.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return found;
}

export class TestClient {
  readonly wire: Wire;
  readonly #host: TestServer;
  #xid = 1;
  session: ConnectResponse | undefined;

  constructor(host: TestServer, address?: string) {
    this.#host = host;
    this.wire = host.connect(address);
  }

  /** Shakes hands and returns the answer; undefined if the server closed instead. */
  async connect(request: Partial<ConnectRequest> = {}): Promise<ConnectResponse | undefined> {
    this.wire.send(
      packet((w) =>
        writeConnectRequest(w, {
          protocolVersion: 0,
          lastZxidSeen: 0n,
          timeOut: 10_000,
          sessionId: 0n,
          passwd: Buffer.alloc(16),
          readOnly: false,
          ...request,
        }),
      ),
    );
    await this.#host.settle();
    const [first] = packets(this.wire.take());
    if (first === undefined) return undefined;
    this.session = readConnectResponse(new ByteReader(first));
    return this.session;
  }

  /** Sends without waiting; returns the xid. */
  send(op: number, body: (w: ByteWriter) => void = () => undefined, xid = this.#xid++): number {
    this.wire.send(
      packet((w) => {
        w.i32(xid).i32(op);
        body(w);
      }),
    );
    return xid;
  }

  /** Everything received since, in order, watch events included (xid -1). */
  async replies(): Promise<Reply[]> {
    await this.#host.settle();
    return packets(this.wire.take()).map((bytes) => {
      const r = new ByteReader(bytes);
      return { xid: r.i32(), zxid: r.i64(), err: r.i32(), body: r };
    });
  }

  /** Sends and returns the one reply. */
  async call(op: number, body?: (w: ByteWriter) => void, xid?: number): Promise<Reply> {
    const wanted = this.send(op, body, xid);
    const reply = (await this.replies()).find((one) => one.xid === wanted);
    if (reply === undefined) throw new Error(`no reply to request ${wanted}`);
    return reply;
  }

  /** Watch events received since, as `type path`. */
  async events(): Promise<string[]> {
    return (await this.replies())
      .filter((one) => one.xid === -1)
      .map(({ body }) => {
        const event = readWatcherEvent(body);
        return `${event.type} ${event.path}`;
      });
  }
}
