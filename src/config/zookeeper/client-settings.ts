/**
 * The one system property that this project's ZooKeeper client heeds: jute.maxbuffer. Mirrors ClientCnxn's packetLen.
 */
import { LabError } from '../../base/errors.js';
import type { SystemProperties } from './jvm-flags.js';
import { decode } from './settings.js';

/** The longest packet that a client takes, bytes; undefined: its default. Throws LabError `BAD_CONFIG`. */
export function clientPacketLimit(properties: SystemProperties): number | undefined {
  const limit = properties.get('jute.maxbuffer');
  if (limit === undefined) return undefined;
  const bytes = decode(limit.value);
  if (bytes === undefined || bytes < 0n || bytes > 0x7fffffffn)
    throw new LabError('BAD_CONFIG', `${limit.from}: -Djute.maxbuffer: "${limit.value}" is not a number of bytes`, {
      remedy: 'write it in decimal, or in hexadecimal with 0x in front',
    });
  return Number(bytes);
}
