/** What a node's path may look like. Mirrors org.apache.zookeeper.common.PathUtils. */
import { LabError } from '../../base/errors.js';

/**
 * Throws LabError `BAD_PATH` with the reason. Sequential nodes are checked with a digit behind, since `/a/` is a fine
 * prefix of one.
 */
export function validatePath(path: string, sequential = false): void {
  const reason = pathFault(sequential ? `${path}1` : path);
  if (reason !== undefined) throw new LabError('BAD_PATH', `invalid node path "${path}": ${reason}`);
}

function pathFault(path: string): string | undefined {
  if (path.length === 0) return 'it is empty';
  if (path.charCodeAt(0) !== 0x2f) return 'it must start with /';
  if (path.length === 1) return undefined;
  if (path.endsWith('/')) return 'it must not end with /';
  let nameStart = 1;
  for (let i = 1; i <= path.length; i++) {
    const unit = i === path.length ? 0x2f : path.charCodeAt(i);
    if (unit === 0x2f) {
      const length = i - nameStart;
      if (length === 0) return `an empty name at ${i}`;
      if (length <= 2 && path.charCodeAt(nameStart) === 0x2e && path.charCodeAt(i - 1) === 0x2e)
        return `a relative name at ${nameStart}`;
      nameStart = i + 1;
    } else if (unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0) {
      return `a character that is not allowed at ${i}`;
    }
  }
  return undefined;
}
