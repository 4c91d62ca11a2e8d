/**
 * Loaded into every process of a test by NODE_OPTIONS: appends a line (process, program, file) to the file that
 * COUNT_READS names, each time a Hadoop or ZooKeeper configuration file is read.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { readFileSync, appendFileSync } = fs;
fs.readFileSync = (path, ...rest) => {
  if (/(-site\.xml|zoo\.cfg)$/.test(String(path))) {
    const words = process.argv.slice(1).map((word) => basename(word));
    appendFileSync(process.env.COUNT_READS, `${process.pid}\t${words.join(' ')}\t${basename(String(path))}\n`);
  }
  return readFileSync(path, ...rest);
};
syncBuiltinESMExports();
