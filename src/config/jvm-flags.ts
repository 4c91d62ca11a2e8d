/**
 * System properties among the flags of a JVM, as HADOOP_OPTS, HDFS_NAMENODE_OPTS or SERVER_JVMFLAGS hold them:
 * `-Dkey=value`. The flags are split at blanks only, as the scripts of Hadoop and ZooKeeper split them; of a key that
 * stands twice the last counts, as for java. Quotes are part of a word.
 */
export function systemPropertiesIn(...flags: readonly (string | undefined)[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (const word of flags.join(' ').split(/\s+/)) {
    const match = /^-D([^=]+)(?:=(.*))?$/s.exec(word);
    if (match !== null) out[match[1]!] = match[2] ?? '';
  }
  return out;
}
