/**
 * A line `server.N=host:quorumPort:electionPort[:role][;[address:]clientPort]` of zoo.cfg. Blanks count, as in Apache:
 * a port with one behind it is no port. Mirrors QuorumPeer.QuorumServer.initializeWithAddressString.
 *
 * Left out, and refused by name: several addresses of one server, parted by `|`.
 */
import { splitHostPort } from '../../base/host-port.js';
import type { JavaProperty } from '../properties.js';
import type { QuorumServer } from '../quorum-peer-config.js';
import { bad, parseLong } from './values.js';

/** Throws LabError `BAD_CONFIG`. */
export function parseServerLine(property: JavaProperty): QuorumServer {
  const { key, raw } = property;
  const remedy = `write ${key}=host:2888:3888, with :observer and ;2181 where they are meant`;
  const [quorum = '', clientText = '', ...more] = raw.split(';');
  const wrongForm = () => bad(property, `"${raw}" does not say host:port:port`, remedy);
  if (more.length > 0) throw wrongForm();
  const client = clientText === '' ? undefined : parseClient(property, clientText, remedy);
  if (quorum.includes('|'))
    throw bad(property, 'several addresses of one server are not offered', 'give one of them alone');
  const parts = splitHostPort(quorum);
  if (parts === undefined) throw bad(property, `"${raw}" has a bracket without "]:" behind it`, remedy);
  const [host = '', quorumText, electionText, role] = parts;
  if (quorumText !== undefined && electionText === undefined)
    throw bad(property, 'the election port is missing', remedy);
  if (quorumText === undefined || electionText === undefined || parts.length > 4) throw wrongForm();
  const quorumPort = portOf(property, quorumText, remedy);
  const electionPort = portOf(property, electionText, remedy);
  if (quorumPort === electionPort)
    throw bad(property, `the quorum port and the election port are both ${quorumPort}`, 'give each a port of its own');
  return {
    sid: serverNumber(property),
    // Java takes an empty name for this machine's own.
    host: host.trim() === '' ? 'localhost' : host.trim(),
    quorumPort,
    electionPort,
    type: role === undefined ? 'participant' : roleOf(property, role),
    client,
  };
}

/** Any whole number: Apache's own advice, 1 to 255, is no rule of its parser. */
function serverNumber(property: JavaProperty): number {
  const text = property.key.slice('server.'.length);
  const sid = parseLong(text);
  if (sid === undefined || !Number.isSafeInteger(Number(sid)))
    throw bad(property, `"${text}" is not a server number`, 'write a whole number behind "server.", best 1 to 255');
  if (sid < 0n) throw bad(property, `${text} is a negative server number`, 'number the servers from 1');
  return Number(sid);
}

function parseClient(property: JavaProperty, text: string, remedy: string): QuorumServer['client'] {
  const parts = splitHostPort(text);
  if (parts === undefined || parts.length > 2 || !/^\+?\d+$/.test(parts.at(-1)!))
    throw bad(property, `"${text}" after the semicolon is no client port`, remedy);
  const port = portOf(property, parts.at(-1)!, remedy);
  if (parts.length === 1) return { host: '0.0.0.0', port };
  return { host: parts[0] === '' ? 'localhost' : parts[0]!, port };
}

function portOf(property: JavaProperty, text: string, remedy: string): number {
  if (!/^\+?\d+$/.test(text)) throw bad(property, `"${text}" is not a port`, remedy);
  const port = Number(text);
  if (port > 65_535) throw bad(property, `"${text}" is not a port`, 'a port is a number up to 65535');
  return port;
}

function roleOf(property: JavaProperty, text: string): QuorumServer['type'] {
  const role = text.trim().toLowerCase();
  if (role === 'observer' || role === 'participant') return role;
  throw bad(property, `"${text}" is no role`, 'write observer or participant, or leave it out');
}
