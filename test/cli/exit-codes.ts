/**
 * What commands end with, and the first line they say, where their words are wrong or ask for help. The values are
 * those of Hadoop 3.3.6's own classes; test/apache holds them to that. No daemon runs here, and none is started.
 */
export interface ExitCase {
  /** Behind `hdfs`. */
  readonly line: string;
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}

const NAMENODE = 'Usage: hdfs namenode [-backup] | ';
const ZKFC = 'Usage: hdfs zkfc [ -formatZK [-force] [-nonInteractive] ]';
const GETCONF = 'hdfs getconf is utility for getting configuration information from the config file.';
const HAADMIN = 'Usage: haadmin [-ns <nameserviceId>]';
const GENERAL = 'usage: general options are:';
const BOOTSTRAP = 'Usage: BootstrapStandby [-force] [-nonInteractive] [-skipSharedEditsCheck]';
const DATANODE = 'Usage: hdfs datanode [-regular | -rollback | -rollingupgrade rollback ]';

/** The subcommands' own words: a class of Hadoop's behind each. */
export const TOOL_CASES: readonly ExitCase[] = [
  { line: 'namenode -foo', code: 0, err: NAMENODE },
  { line: 'namenode help', code: 0, err: NAMENODE },
  { line: 'namenode -h', code: 0, out: NAMENODE },
  { line: 'namenode -help', code: 0, out: NAMENODE },
  { line: 'namenode --help', code: 0, out: NAMENODE },
  { line: 'namenode -format -clusterid', code: 0, err: NAMENODE },
  { line: 'namenode -format -clusterid -force', code: 0, err: NAMENODE },
  { line: 'namenode -regular -foo', code: 0, err: NAMENODE },
  { line: 'namenode -initializeSharedEdits -foo', code: 0, err: NAMENODE },
  { line: 'namenode -initializeSharedEdits -FORCE', code: 0, err: NAMENODE },
  { line: 'namenode -bootstrapStandby -foo', code: 1, out: BOOTSTRAP },
  { line: 'namenode -bootstrapStandby -FORCE', code: 1, out: BOOTSTRAP },
  { line: 'namenode -D dfs.ha.namenode.id=nn1 -foo', code: 0, err: NAMENODE },
  { line: 'namenode -genClusterId', code: 0 },
  { line: 'namenode -GENCLUSTERID', code: 0 },
  { line: 'namenode -genclusterid -foo', code: 0, err: NAMENODE },
  { line: 'namenode -D', code: 1, out: GENERAL },
  { line: 'namenode -files /nowhere', code: 1 },
  { line: 'zkfc -h', code: 0, out: ZKFC },
  { line: 'zkfc -help', code: 0, out: ZKFC },
  { line: 'zkfc --help', code: 0, out: ZKFC },
  { line: 'zkfc -foramtZK', code: 1 },
  { line: 'zkfc help', code: 1 },
  { line: 'zkfc -formatZK -x', code: 1 },
  { line: 'zkfc -D', code: 1, out: GENERAL },
  { line: 'datanode -h', code: 0, out: DATANODE },
  { line: 'datanode --help', code: 0, out: DATANODE },
  { line: 'datanode -foo', code: 1, err: DATANODE },
  { line: 'datanode -regular -foo', code: 1, err: DATANODE },
  { line: 'getconf', code: 255, err: GETCONF },
  { line: 'getconf -foo', code: 255, err: GETCONF },
  { line: 'getconf -h', code: 0, out: GETCONF },
  { line: 'getconf --help', code: 0, out: GETCONF },
  { line: 'getconf -confKey', code: 255, err: 'usage: -confKey [key]' },
  { line: 'getconf -confKey a b', code: 255, err: 'usage: -confKey [key]' },
  { line: 'getconf -namenodes x', code: 255, err: 'Did not expect argument: x' },
  { line: 'getconf -D', code: 255, out: GENERAL, err: GETCONF },
  { line: 'getconf -D -namenodes', code: 255, err: GETCONF },
  { line: 'getconf -conf -D a=b -namenodes', code: 255, out: GENERAL },
  { line: 'getconf -D a=b -confKey a', code: 0, out: 'b' },
  { line: 'getconf -Da=b -confKey a', code: 0, out: 'b' },
  { line: 'getconf -D=a=b=c -confKey a', code: 0, out: 'b=c' },
  { line: 'getconf --D a=b -confKey a', code: 0, out: 'b' },
  { line: 'getconf -D a=b -D a=c -confKey a', code: 0, out: 'c' },
  { line: 'getconf -D a -confKey a', code: 255, err: 'Configuration a is missing.' },
  { line: 'getconf -D dfs.nameservices=other -confKey dfs.nameservices', code: 0, out: 'other' },
  { line: 'getconf -conf /nowhere -confKey dfs.nameservices', code: 0, out: 'ns1' },
  { line: 'getconf -conf=/nowhere -confKey dfs.nameservices', code: 0, out: 'ns1' },
  { line: 'getconf -fs h:1 -confKey fs.defaultFS', code: 0, out: 'hdfs://h:1' },
  { line: 'getconf -fs local -confKey fs.defaultFS', code: 0, out: 'file:///' },
  { line: 'getconf -fs hdfs://x -confKey fs.defaultFS', code: 0, out: 'hdfs://x' },
  { line: 'getconf -jt local -confKey mapreduce.framework.name', code: 0, out: 'local' },
  { line: 'getconf -files /nowhere -namenodes', code: 1 },
  { line: 'getconf -libjars /nowhere -namenodes', code: 1 },
  { line: 'getconf -tokenCacheFile /nowhere -namenodes', code: 1 },
  { line: 'getconf -files /etc/passwd -confKey tmpfiles', code: 0, out: 'file:/etc/passwd' },
  { line: 'getconf -- -confKey dfs.nameservices', code: 0, out: 'ns1' },
  { line: 'getconf -confKey -D', code: 255, err: 'Configuration -D is missing.' },
  { line: 'haadmin', code: 255, err: HAADMIN },
  { line: 'haadmin -foo', code: 255, err: 'foo: Unknown command' },
  { line: 'haadmin --help', code: 255, err: '-help: Unknown command' },
  { line: 'haadmin -help', code: 0, out: HAADMIN },
  { line: 'haadmin -D', code: 255, out: GENERAL, err: HAADMIN },
  { line: 'haadmin -conf', code: 255, out: GENERAL, err: HAADMIN },
  { line: 'haadmin -files /nowhere -help', code: 1 },
  { line: 'haadmin -D a=b -help', code: 0, out: HAADMIN },
  { line: 'dfs', code: 255 },
  { line: 'dfs -foo', code: 255, err: '-foo: Unknown command' },
  { line: 'dfs foo', code: 255, err: 'foo: Unknown command' },
  { line: 'dfs -D dfs.client.retry.policy.enabled=true -foo', code: 255, err: '-foo: Unknown command' },
  { line: 'dfs -fs hdfs://127.0.0.1:1 -foo', code: 255, err: '-foo: Unknown command' },
  { line: 'dfs -conf /nowhere -foo', code: 1 },
  { line: 'dfs -conf /nowhere -help', code: 1 },
  { line: 'dfs -help', code: 0 },
  { line: 'dfs -D a=b -help', code: 0 },
  { line: 'dfs -D', code: 255, out: GENERAL },
];

const SCRIPT = 'Usage: hdfs [OPTIONS] SUBCOMMAND [SUBCOMMAND OPTIONS]';

/** The script's own. */
export const SCRIPT_CASES: readonly ExitCase[] = [
  { line: '', code: 1, out: SCRIPT },
  { line: '--help', code: 0, out: SCRIPT },
  { line: 'help', code: 0, out: SCRIPT },
  { line: '-?', code: 0, out: SCRIPT },
  { line: 'foo', code: 1, out: SCRIPT, err: 'ERROR: foo is not COMMAND nor fully qualified CLASSNAME.' },
  { line: '--config', code: 1, out: SCRIPT, err: 'ERROR: No parameter provided for --config ' },
  { line: '--config /nowhere version', code: 1, err: 'ERROR: Cannot find configuration directory "/nowhere"' },
  { line: '--config /etc/passwd version', code: 1, err: 'ERROR: Cannot find configuration directory "/etc/passwd"' },
  {
    line: '--daemon',
    code: 1,
    out: SCRIPT,
    err: 'ERROR: --daemon must be followed by either "start", "stop", or "status".',
  },
  {
    line: '--daemon restart namenode',
    code: 1,
    err: 'ERROR: --daemon must be followed by either "start", "stop", or "status".',
  },
  { line: '--hosts nowhere version', code: 1, err: 'ERROR: Cannot find hosts file "nowhere"' },
  { line: '--debug --buildpaths --loglevel TRACE version', code: 0 },
  { line: '--daemon start version', code: 0 },
  { line: '--workers --hostnames m1 version', code: 1 },
  { line: '--workers --hostnames m1 --daemon status namenode', code: 1 },
];
