/**
 * `zkServer.sh status`: finds the client port as the script does (the line clientPort, or what stands behind the
 * semicolon of the own server line, in zoo.cfg or in the dynamic file), asks `srvr` there and prints the mode.
 */
import { readFileSync } from 'node:fs';
import { isWildcard, splitHostPort } from '../base/host-port.js';
import { clientHost } from '../cluster/client-host.js';
import { fourLetterWord, parseServerReport } from '../cluster/four-letter.js';
import { readLines } from '../config/zoo.js';
import { roleContext } from './role-context.js';
import { print } from './terminal.js';

/** How long the server may take to answer. */
const ANSWER_LIMIT_MS = 3000;

type Lines = ReturnType<typeof readLines>;

export async function tellStatus(file: string): Promise<number> {
  const context = roleContext();
  const lines = readLines(file);
  const { address, port } = clientPort(lines, context.root ?? '');
  if (port === undefined) {
    print('Client port not found. Looking for secureClientPort in the static config.');
    print('Unable to find either secure or unsecure client port in any configs. Terminating.');
    return 1;
  }
  print(`Client port found: ${port}. Client address: ${address ?? 'localhost'}. Client SSL: false.`);
  if (!/^\d+$/.test(port)) return notRunning();
  // In a lab, a server that listens everywhere listens on its host's address.
  const asked = address === undefined || isWildcard(address) ? (context.address ?? '127.0.0.1') : address;
  const host = asked.replace(/^\[|\]$/g, '');
  const text = await fourLetterWord(
    clientHost(undefined, 'zkServer'),
    'srvr',
    { host, port: Number(port) },
    ANSWER_LIMIT_MS,
  ).catch(() => '');
  const { mode } = parseServerReport(text);
  if (mode === undefined) return notRunning();
  print(`Mode: ${mode}`);
  return 0;
}

function notRunning(): number {
  print('Error contacting service. It is probably not running.');
  return 1;
}

/** The port as it is written: what is no number is told, and then not asked. */
function clientPort(lines: Lines, root: string): { address: string | undefined; port: string | undefined } {
  const address = lines.get('clientPortAddress')?.value;
  const port = lines.get('clientPort')?.value;
  const asWritten = { address, port: port === '' ? undefined : port };
  if (port !== undefined && /^\d+$/.test(port)) return asWritten;
  const myid = numberIn(`${root}${lines.get('dataDir')?.value ?? ''}/myid`);
  if (myid === undefined) {
    print('myid could not be determined, will not able to locate clientPort in the server configs.');
    return asWritten;
  }
  let found = behindSemicolon(lines, myid);
  if (found === undefined) {
    print('Client port not found in static config file. Looking in dynamic config file.');
    const dynamic = lines.get('dynamicConfigFile')?.value;
    found = dynamic === undefined ? undefined : behindSemicolon(readLines(dynamic), myid);
  }
  if (found === undefined) {
    print('Client port not found in the server configs');
    return asWritten;
  }
  const parts = splitHostPort(found) ?? [];
  return { address: parts.length > 1 ? parts[0] : address, port: parts.at(-1) };
}

/** Without zeros in front: server.1 is also the one of a myid that says 01. */
function numberIn(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^\d+$/.test(text) ? String(Number(text)) : undefined;
  } catch {
    return undefined;
  }
}

function behindSemicolon(lines: Lines, myid: string): string | undefined {
  const client = lines.get(`server.${myid}`)?.value.split(';')[1];
  return client === undefined || client === '' ? undefined : client;
}
