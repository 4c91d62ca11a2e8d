/** `close`: ends the session; the shell stays. Mirrors org.apache.zookeeper.cli.CloseCommand. */
import type { CliCommand } from './command.js';

export const close: CliCommand = {
  name: 'close',
  options: '',
  run: ({ client }) => client.close(),
};
