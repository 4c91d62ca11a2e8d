/**
 * A pipelined client of the ZooKeeper protocol: how many operations a second do servers answer? Values of 100 bytes.
 *
 *   node test/bench/zookeeper.mjs HOST:PORT[,HOST:PORT...] get|set|create|mix [SECONDS] [CLIENTS] [OUTSTANDING]
 *
 * mix is nine reads to one write. Works against Apache's servers as well. Leaves its nodes behind.
 */
import { connect } from 'node:net';

const [targetsText, op, seconds = '10', clients = '6', outstanding = '100'] = process.argv.slice(2);
if (targetsText === undefined || !['get', 'set', 'create', 'mix'].includes(op)) {
  console.error('usage: zookeeper.mjs HOST:PORT[,HOST:PORT...] get|set|create|mix [SECONDS] [CLIENTS] [OUTSTANDING]');
  process.exit(2);
}
const targets = targetsText.split(',');
const window = Number(outstanding);

const int = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const buffer = (bytes) => Buffer.concat([int(bytes.length), bytes]);
const ustring = (text) => buffer(Buffer.from(text));
const packet = (...parts) => buffer(Buffer.concat(parts));

const value = buffer(Buffer.alloc(100, 'v'));
const openAcl = Buffer.concat([int(1), int(31), ustring('world'), ustring('anyone')]);
const run = Date.now();
let answered = 0;

function client(number) {
  return new Promise((resolve, reject) => {
    const [host, port] = targets[number % targets.length].split(':');
    const socket = connect(Number(port), host);
    socket.setNoDelay(true);
    const path = `/bench-${run}-${number}`;
    let xid = 1;
    let created = 0;
    let waiting = 0;
    let open = false;
    let over = false;
    let rest = Buffer.alloc(0);

    const request = () => {
      const id = xid++;
      const kind = op === 'mix' ? (id % 10 === 0 ? 'set' : 'get') : op;
      if (kind === 'get') return packet(int(id), int(4), ustring(path), Buffer.of(0));
      if (kind === 'set') return packet(int(id), int(5), ustring(path), value, int(-1));
      return packet(int(id), int(1), ustring(`${path}/${created++}`), value, openAcl, int(0));
    };
    const fill = () => {
      const out = [];
      for (; waiting < window; waiting++) out.push(request());
      socket.write(Buffer.concat(out));
    };
    const handle = (reply) => {
      if (!open) {
        open = true;
        socket.write(packet(int(0), int(1), ustring(path), value, openAcl, int(0)));
        waiting = 1;
        return;
      }
      const error = reply.readInt32BE(12);
      if (error !== 0) throw new Error(`${host}:${port} answered with error ${error}`);
      waiting--;
      answered++;
    };

    socket.write(packet(int(0), Buffer.alloc(8), int(30_000), Buffer.alloc(8), buffer(Buffer.alloc(16)), Buffer.of(0)));
    socket.on('data', (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (bytes.length - at >= 4 && bytes.length - at - 4 >= bytes.readInt32BE(at)) {
        const end = at + 4 + bytes.readInt32BE(at);
        handle(bytes.subarray(at + 4, end));
        at = end;
      }
      rest = bytes.subarray(at);
      if (over && waiting === 0) socket.end();
      else if (!over && waiting < window / 2) fill();
    });
    socket.on('error', reject);
    socket.on('close', resolve);
    setTimeout(() => {
      over = true;
    }, Number(seconds) * 1000);
  });
}

const start = performance.now();
await Promise.all(Array.from({ length: Number(clients) }, (_, number) => client(number)));
console.log(`${op}: ${Math.round(answered / ((performance.now() - start) / 1000))} operations a second`);
