/** `start-dfs.sh` */
import { forAllHosts } from './dfs-scripts.js';
import { enterLab } from './enter-lab.js';
import { notice, report } from './terminal.js';

export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length > 0) {
    notice('Usage: start-dfs.sh');
    process.exitCode = argv[0] === '--help' ? 0 : 1;
    return;
  }
  try {
    await enterLab();
    process.exitCode = await forAllHosts('start');
  } catch (error) {
    process.exitCode = report(error, 'start-dfs.sh');
  }
}
