/**
 * `sshfence`, `sshfence(user:port)`: logs in to the target's host and kills whatever listens on its RPC port; if
 * nothing could be killed, the target counts as fenced only when nothing listens there any more. Uses the `ssh`
 * program, where Hadoop has a client of its own. Mirrors org.apache.hadoop.ha.SshFenceByTcpPort.
 */
import { hasCode, messageOf } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { SshFenceConfig } from '../config.js';
import { parseSshArgument } from './methods.js';
import type { FencingSubject } from './subject.js';

/** What ssh itself exits with when it could not connect, log in or start the command. */
const SSH_FAILED = 255;
/** What the shell over there exits with where there is no such command. */
const NO_SUCH_COMMAND = 127;

export async function fenceBySsh(
  host: Host,
  subject: FencingSubject,
  argument: string | undefined,
  config: SshFenceConfig,
): Promise<boolean> {
  const { user, port: sshPort } = parseSshArgument(argument);
  const { host: name, port } = subject.target.address;
  const seconds = Math.max(1, Math.ceil(config.connectTimeoutMs / 1000));
  const login = [
    // As Hadoop's own client, which knows neither the user's settings, keys and agent nor the hosts of earlier times.
    '-F',
    'none',
    '-o',
    'BatchMode=yes',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-o',
    `ConnectTimeout=${seconds}`,
    // A host that goes dark in the middle must not hold up the failover for ever.
    '-o',
    `ServerAliveInterval=${seconds}`,
    '-o',
    'ServerAliveCountMax=1',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'IdentityAgent=none',
    ...(config.privateKeyFiles.length === 0
      ? ['-o', 'IdentityFile=none']
      : config.privateKeyFiles.flatMap((file) => ['-i', file])),
    '-p',
    String(sshPort),
    ...(user === undefined ? [] : ['-l', user]),
    '-T',
    '-n',
    name,
  ];
  const run = async (command: string): Promise<number> => {
    try {
      const { exitCode } = await host.exec.run({
        file: 'ssh',
        args: [...login, command],
        env: {},
        onStdout: (line) => host.log.info(`${command} via ssh: ${line}`),
        onStderr: (line) => host.log.warn(`${command} via ssh: ${line}`),
      });
      return exitCode;
    } catch (error) {
      const missing = hasCode(error, 'EXEC_FAILED') ? ' (is the ssh program installed?)' : '';
      host.log.warn(`Unable to create SSH session: ${messageOf(error)}${missing}`);
      return SSH_FAILED;
    }
  };

  host.log.info(`Connecting to ${name}...`);
  host.log.info(`Looking for process running on port ${port}`);
  const killed = await run(`PATH=$PATH:/sbin:/usr/sbin fuser -v -k -n tcp ${port}`);
  if (killed === 0) {
    host.log.info(`Successfully killed process that was listening on port ${port}`);
    return true;
  }
  if (killed === SSH_FAILED) {
    host.log.warn(`Unable to connect to ${name}${user === undefined ? '' : ` as user ${user}`}`);
    return false;
  }
  if (killed !== 1) {
    host.log.info(`rc: ${killed}`);
    return false;
  }
  host.log.info('Indeterminate response from trying to kill service. Verifying whether it is running using nc...');
  let listening = await run(`nc -z ${name} ${port}`);
  if (listening === NO_SUCH_COMMAND) {
    // Hadoop takes this for "nothing listens": a NameNode that lives would count as fenced.
    host.log.warn(`nc is not installed on ${name}: asking bash instead`);
    listening = await run(`bash -c ': < /dev/tcp/${name}/${port}'`);
  }
  if (listening === NO_SUCH_COMMAND) {
    host.log.warn(
      `Unable to fence - nothing was killed, and neither nc nor bash is there to tell whether it is running`,
    );
    return false;
  }
  if (listening === 0) {
    host.log.warn('Unable to fence - it is running but we cannot kill it');
    return false;
  }
  if (listening === SSH_FAILED) {
    host.log.warn(`Lost the connection to ${name} before it was known whether the service is down`);
    return false;
  }
  host.log.info('Verified that the service is down.');
  return true;
}
