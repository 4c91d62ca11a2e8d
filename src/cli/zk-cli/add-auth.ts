/** `addauth`: credentials for this session. Mirrors org.apache.zookeeper.cli.AddAuthCommand. */
import { wrongUsage, type CliCommand } from './command.js';
import { parseOptions } from './options.js';

export const addAuth: CliCommand = {
  name: 'addauth',
  options: 'scheme auth',
  async run({ client }, words) {
    const [scheme, auth] = parseOptions({}, words).words;
    if (scheme === undefined) throw wrongUsage(addAuth);
    // Nobody waits for the answer: refused credentials end the session, and that is told as its event.
    client.connection.addAuth(scheme, Buffer.from(auth ?? ''));
  },
};
