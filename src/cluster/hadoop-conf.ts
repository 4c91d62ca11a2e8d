/**
 * The one place where a process of the lab reads a Hadoop configuration, with all that Hadoop lets have a say in it.
 */
import { loadConfiguration, type CommandLine, type LoadedConfiguration } from '../config/hadoop/load.js';
import { OVERLAYS, type Profile } from '../config/profile.js';
import { surroundings } from './surroundings.js';

export interface ReadOptions {
  readonly profile: Profile;
  /** The subcommand of `hdfs`; absent for what speaks for the whole lab. */
  readonly command?: string | undefined;
  readonly commandLine?: CommandLine;
  readonly env?: NodeJS.ProcessEnv;
}

/** Rejects LabError `BAD_CONFIG`, `CONFIG_MISSING`. */
export async function readHadoop(confDir: string, options: ReadOptions): Promise<LoadedConfiguration> {
  const { profile, command, commandLine = {}, env } = options;
  return loadConfiguration(confDir, {
    around: await surroundings(confDir, command, env),
    overlay: OVERLAYS[profile].hadoop,
    overlaySource: `profile ${profile}`,
    commandLine,
  });
}
