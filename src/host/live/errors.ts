/**
 * Node's and LevelDB's errors -> the closed codes of host.ts. A role never sees an errno; a user sees what was touched
 * (path, or address and port) and what to do.
 */
import { endpointText } from '../../base/host-port.js';
import { LabError, messageOf } from '../../base/errors.js';
import type { LabErrorCode } from '../../base/errors.js';
import type { Endpoint } from '../host.js';

/** The errno (`ENOSPC`) or LevelDB code of an error, or of what caused it. */
export function systemCode(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code !== 'LEVEL_DATABASE_NOT_OPEN') return code;
  }
  return undefined;
}

function deepestMessage(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return messageOf(deepest);
}

const ACCESS = 'check the owner and the mode of the directory';
const IN_THE_WAY = 'a file is where a directory should be, or a directory where a file should be: move it away';
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: ACCESS,
  EPERM: ACCESS,
  EROFS: ACCESS,
  EEXIST: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
  EISDIR: IN_THE_WAY,
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENAMETOOLONG: 'use a shorter path',
};

export function damagedStore(
  path: string,
  what: string,
  options: { data?: Record<string, unknown>; cause?: unknown } = {},
): LabError {
  return new LabError('CORRUPT', `${path}: damaged data: ${what}`, {
    remedy:
      'move the directory aside (keep it) and start again: a server of a quorum fetches what it lacks from the others',
    ...options,
  });
}

/** LabError `DISK_FULL`, `DISK_FAILED`, `NOT_FOUND`, `LOCKED` or `CORRUPT` about `path`. */
export function diskError(error: unknown, path: string): LabError {
  if (error instanceof LabError) return error;
  const code = systemCode(error);
  const text = deepestMessage(error);
  const data = { path, system: code };
  // LevelDB reports a full disk as an IO error whose text is strerror's.
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device|Disk quota exceeded/i.test(text)) {
    return new LabError('DISK_FULL', `${path}: no space left on the disk`, {
      remedy: 'free some space on it, then start the role again',
      data,
      cause: error,
    });
  }
  if (code === 'ENOENT') return new LabError('NOT_FOUND', `${path}: no such file or directory`, { data, cause: error });
  if (code === 'LEVEL_LOCKED') {
    return new LabError('LOCKED', `${path}: in use by another process`, {
      remedy: 'stop the process that uses this directory, or give this one a directory of its own',
      data,
      cause: error,
    });
  }
  // A store whose parts do not belong together: one that its own table of contents names is not there.
  if (code === 'LEVEL_CORRUPTION' || (code === 'LEVEL_IO_ERROR' && /No such file or directory/.test(text))) {
    return damagedStore(path, text, { data, cause: error });
  }
  const remedy = REMEDIES[code ?? ''] ?? 'check the disk';
  return new LabError('DISK_FAILED', `${path}: ${text}`, { remedy, data, cause: error });
}

/**
 * LabError `CONNECT_REFUSED`, `CONNECT_TIMEOUT`, `HOST_UNKNOWN`, `HOST_UNREACHABLE` or `CONNECTION_RESET` about
 * `endpoint`.
 */
export function streamError(error: unknown, endpoint: Endpoint): LabError {
  if (error instanceof LabError) return error;
  const where = endpointText(endpoint);
  const code = systemCode(error);
  const make = (ours: LabErrorCode, what: string): LabError =>
    new LabError(ours, `${where}: ${what}`, { data: { ...endpoint, system: code }, cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return make('CONNECT_REFUSED', 'connection refused');
    case 'ETIMEDOUT':
      return make('CONNECT_TIMEOUT', 'timed out');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return make('HOST_UNKNOWN', 'host name does not resolve');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return make('HOST_UNREACHABLE', 'host is unreachable');
    default:
      return make(
        'CONNECTION_RESET',
        code === 'ECONNRESET' || code === 'EPIPE'
          ? 'connection reset by the peer'
          : `connection lost: ${deepestMessage(error)}`,
      );
  }
}

/** LabError `ADDRESS_IN_USE`, `ADDRESS_NOT_AVAILABLE` or `HOST_UNKNOWN` about a port that could not be opened. */
export function listenError(error: unknown, endpoint: Endpoint): LabError {
  if (error instanceof LabError) return error;
  const where = endpointText(endpoint);
  const code = systemCode(error);
  const data = { ...endpoint, system: code };
  if (code === 'EADDRINUSE') {
    return new LabError('ADDRESS_IN_USE', `${where}: address already in use`, {
      remedy:
        `stop the process that listens on port ${endpoint.port} (ss -ltnp 'sport = :${endpoint.port}' names ` +
        `it), or configure another port`,
      data,
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return new LabError('ADDRESS_NOT_AVAILABLE', `${where}: not allowed to listen there`, {
      remedy: 'use a port above 1023',
      data,
      cause: error,
    });
  }
  return new LabError('ADDRESS_NOT_AVAILABLE', `${where}: cannot listen there: ${deepestMessage(error)}`, {
    remedy: `give an address of this machine instead of ${endpoint.host}`,
    data,
    cause: error,
  });
}
