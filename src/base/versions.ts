/** Whose wire and disk formats this project speaks. What its programs say of themselves where a peer asks. */
export const ZOOKEEPER_VERSION = '3.8.4';
export const HADOOP_VERSION = '3.3.6';
