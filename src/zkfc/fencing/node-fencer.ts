/**
 * Tries the configured fencing methods one after the other until one succeeds. Mirrors org.apache.hadoop.ha.NodeFencer.
 */
import { messageOf, unreachable } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { SshFenceConfig } from '../config.js';
import { badFencing, parseFencingMethods } from './methods.js';
import type { FencingMethod } from './methods.js';
import { fenceByShell } from './shell.js';
import { fenceBySsh } from './ssh.js';
import type { FencingSubject } from './subject.js';

export interface NodeFencer {
  readonly methods: readonly FencingMethod[];
  /**
   * With `to`, as in a failover by hand, each method must first succeed on `to`. Resolves with the text of the method
   * that worked, undefined if none did. Never rejects.
   */
  fence(from: FencingSubject, to?: FencingSubject): Promise<string | undefined>;
}

/** Throws LabError `BAD_FENCING`: none configured, or not well. `target` as messages name it. */
export function createNodeFencer(
  host: Host,
  spec: string | undefined,
  targetText: string,
  ssh: SshFenceConfig,
): NodeFencer {
  if (spec === undefined) throw badFencing(`No fencer configured for ${targetText}`);
  const methods = parseFencingMethods(spec);
  return Object.freeze<NodeFencer>({
    methods,
    async fence(from, to) {
      host.log.info('====== Beginning Service Fencing Process... ======');
      for (const [index, method] of methods.entries()) {
        host.log.info(`Trying method ${index + 1}/${methods.length}: ${method.text}`);
        try {
          if (to !== undefined && !(await tryMethod(host, method, to, ssh))) {
            host.log.error('====== Fencing on target failed, skipping fencing on source ======');
          } else if (await tryMethod(host, method, from, ssh)) {
            host.log.info(`====== Fencing successful by method ${method.text} ======`);
            return method.text;
          }
        } catch (error) {
          host.log.error(`Fencing method ${method.text} failed with an unexpected error: ` + `${messageOf(error)}`);
          continue;
        }
        host.log.warn(`Fencing method ${method.text} was unsuccessful.`);
      }
      host.log.error('Unable to fence service by any configured method.');
      return undefined;
    },
  });
}

function tryMethod(host: Host, method: FencingMethod, subject: FencingSubject, ssh: SshFenceConfig): Promise<boolean> {
  switch (method.kind) {
    case 'shell':
      return fenceByShell(host, subject, method.argument!);
    case 'sshfence':
      return fenceBySsh(host, subject, method.argument, ssh);
    case 'powershell':
      host.log.warn('powershell fencing is for Windows and cannot run here');
      return Promise.resolve(false);
    default:
      return unreachable(method.kind);
  }
}
