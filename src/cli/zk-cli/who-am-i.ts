/** `whoami`: as whom the server sees this session. Mirrors org.apache.zookeeper.cli.WhoAmICommand. */
import type { CliCommand } from './command.js';

export const whoAmI: CliCommand = {
  name: 'whoami',
  options: '',
  async run({ client, out }) {
    const infos = await client.whoAmI();
    out('Auth scheme: User');
    for (const { authScheme, user } of infos) out(`${authScheme}: ${user}`);
  },
};
