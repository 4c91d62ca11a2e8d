/** ZooKeeper's configuration: what other folders use of config/zookeeper. */
export { envFilesIn, systemProperties, zooEnvironment } from './zookeeper/jvm-flags.js';
export { clientPacketLimit } from './zookeeper/client-settings.js';
export { clientOf, loadZooConfig } from './zookeeper/load.js';
export { readMyId } from './zookeeper/my-id.js';
export { parseZoo, readLines, readZooFile, type ZooFile } from './zookeeper/zoo-file.js';
