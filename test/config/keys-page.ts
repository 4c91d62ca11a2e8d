/**
 * src/KEYS.md, made of the tables of keys. `npx vitest run --config test/vitest.config.ts test/config -u` writes it.
 */
import { HADOOP_KEYS } from '../../src/config/hadoop/keys.js';
import { KEY_STATES, ZOOKEEPER_KEYS, type KeyState } from '../../src/config/zookeeper/keys.js';

interface Row {
  readonly key: string;
  readonly state: KeyState;
  readonly note: string;
  /** How it is set; without it, in the file of its kind. */
  readonly set?: string;
}

interface Section {
  readonly title: string;
  readonly prose: string;
  readonly rows: readonly Row[];
}

const SECTIONS: readonly Section[] = [
  {
    title: 'ZooKeeper 3.8.4',
    prose: `zoo.cfg holds the keys of QuorumPeerConfig. A line with any other key becomes the system property
\`zookeeper.KEY\`. System properties also come by \`-D\` in \`SERVER_JVMFLAGS\` and \`JVMFLAGS\`, from the environment
or from \`zookeeper-env.sh\` and \`java.env\` beside zoo.cfg, which bash reads; a line of zoo.cfg is stronger. A few
properties have no \`zookeeper.\` in front and come by \`-D\` alone.`,
    rows: ZOOKEEPER_KEYS.map(({ key, where, state, note }) => ({
      key,
      state,
      note,
      set: where === 'both' ? 'zoo.cfg or -Dzookeeper.KEY' : where === 'property' ? '-DKEY' : 'zoo.cfg',
    })),
  },
  {
    title: 'Hadoop 3.3.6',
    prose: `Of core-site.xml, hdfs-site.xml, the command line (\`-D\`, \`-conf\`, \`-fs\`) and hadoop-env.sh: every
\`ha.\`, \`dfs.ha.\`, \`dfs.namenode.\`, \`dfs.journalnode.\`, \`dfs.qjournal.\` and \`ipc.\` key that the release
declares, and others that are refused. Keys that Hadoop reads with a nameservice and a NameNode behind them are
read so here. \`halab up\` names, in one line, what the files set without effect. hadoop-env.sh is read by bash:
what it exports is seen by \`\${env.NAME}\`, and of HADOOP_OPTS, HADOOP_CLIENT_OPTS and a command's own
HDFS_NAMENODE_OPTS, HDFS_ZKFC_OPTS, HDFS_JOURNALNODE_OPTS every \`-D\` is a system property.`,
    rows: HADOOP_KEYS,
  },
];

const INTRODUCTION = `# Keys

Every key that the programs of Apache read, and what it does here. This page is made of the tables in the code,
and a test holds both to the truth.

- **works**: does what it does there.
- **refused**: would change what is served and is not offered; a program that is asked for it does not start,
  and says so. Values that ask for nothing (\`false\`, 0) are taken.
- **no meaning here**: taken without effect, and a warning in the log says so where the value asks for
  something.

A key in no table is unknown to Apache's programs too, or has no part in high availability.
`;

export function keysPage(): string {
  return [INTRODUCTION, ...SECTIONS.map(section)].join('\n');
}

function section({ title, prose, rows }: Section): string {
  const parts = KEY_STATES.map((state) => {
    const sorted = rows.filter((row) => row.state === state).sort((a, b) => (a.key < b.key ? -1 : 1));
    return `### ${state} (${sorted.length})\n\n| key | set by | what |\n|---|---|---|\n${sorted.map(line).join('')}`;
  });
  return `## ${title}\n\n${prose}\n\n${parts.join('\n')}`;
}

function line({ key, set = '', note }: Row): string {
  return `| \`${key}\` | ${set} | ${note.replaceAll('|', '\\|')} |\n`;
}
