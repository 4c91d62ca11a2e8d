/**
 * The number of the server that runs here: the first line of myid in its dataDir. Mirrors QuorumPeerConfig.setupMyId.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badFile, parseLong } from './values.js';

/** What Apache takes for "no number": -1 in the file is as good as no file. */
const UNSET = -1n;

/**
 * Undefined if there is no myid. A blank before or behind the number is an error, as in Apache; zeros in front are not.
 * Throws LabError `BAD_CONFIG`.
 */
export function readMyId(directory: string, shownAs = directory): number | undefined {
  const path = join(directory, 'myid');
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const [first = ''] = readFileSync(path, 'utf8').split(/\r\n|\n|\r/, 1);
  const sid = parseLong(first);
  if (sid === undefined || !Number.isSafeInteger(Number(sid))) {
    const blanks = first === first.trim() ? '' : ': no blanks';
    throw badFile(
      join(shownAs, 'myid'),
      `"${first}" is not a server number`,
      `write the N of this host's server.N line into it, and nothing else${blanks}`,
    );
  }
  return sid === UNSET ? undefined : Number(sid);
}
