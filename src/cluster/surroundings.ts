/** What a configuration's `${user.name}` and the like stand for on this machine. */
import { homedir, tmpdir, userInfo } from 'node:os';

export function surroundings(): { env: NodeJS.ProcessEnv; properties: Record<string, string> } {
  return {
    env: process.env,
    properties: { 'user.name': userName(), 'user.home': homedir(), 'java.io.tmpdir': tmpdir() },
  };
}

/** The user that Hadoop's SIMPLE authentication names: HADOOP_USER_NAME, or the one who runs this. */
export function userName(): string {
  const asked = process.env['HADOOP_USER_NAME'];
  if (asked !== undefined && asked !== '') return asked;
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'hdfs';
  }
}
