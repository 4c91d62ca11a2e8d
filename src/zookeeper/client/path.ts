/** What a node's path may look like. Mirrors org.apache.zookeeper.common.PathUtils. */
import { LabError } from '../../base/errors.js';

/**
 * Throws LabError `BAD_PATH` with the reason, in the words that people search for. Sequential nodes are checked with a
 * digit behind, since `/a/` is a fine prefix of one.
 */
export function validatePath(path: string, sequential = false): void {
  const fault = pathFault(sequential ? `${path}1` : path);
  if (fault !== undefined) throw new LabError('BAD_PATH', fault);
}

function pathFault(path: string): string | undefined {
  if (path.length === 0) return 'Path length must be > 0';
  if (path.charCodeAt(0) !== 0x2f) return 'Path must start with / character';
  if (path.length === 1) return undefined;
  if (path.endsWith('/')) return 'Path must not end with / character';
  const reason = nameFault(path);
  return reason === undefined ? undefined : `Invalid path string "${path}" caused by ${reason}`;
}

function nameFault(path: string): string | undefined {
  let nameStart = 1;
  for (let i = 1; i <= path.length; i++) {
    const unit = i === path.length ? 0x2f : path.charCodeAt(i);
    if (unit === 0x2f) {
      const length = i - nameStart;
      if (length === 0) return `empty node name specified @${i}`;
      if (length <= 2 && path.charCodeAt(nameStart) === 0x2e && path.charCodeAt(i - 1) === 0x2e)
        return `relative paths not allowed @${i - 1}`;
      nameStart = i + 1;
    } else if (unit === 0) {
      return `null character not allowed @${i}`;
    } else if (unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0) {
      return `invalid character @${i}`;
    }
  }
  return undefined;
}
