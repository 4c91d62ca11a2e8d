/** A node's Stat as zkCli.sh prints it. Mirrors org.apache.zookeeper.cli.StatPrinter. */
import type { Stat } from '../../wire/zookeeper/data/stat.js';
import { javaDate } from '../java-date.js';
import type { CliContext } from './command.js';

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

export function printStat({ out }: CliContext, stat: Stat): void {
  out(`cZxid = ${hex(stat.czxid)}`);
  out(`ctime = ${javaDate(Number(stat.ctime))}`);
  out(`mZxid = ${hex(stat.mzxid)}`);
  out(`mtime = ${javaDate(Number(stat.mtime))}`);
  out(`pZxid = ${hex(stat.pzxid)}`);
  out(`cversion = ${stat.cversion}`);
  out(`dataVersion = ${stat.version}`);
  out(`aclVersion = ${stat.aversion}`);
  out(`ephemeralOwner = ${hex(stat.ephemeralOwner)}`);
  out(`dataLength = ${stat.dataLength}`);
  out(`numChildren = ${stat.numChildren}`);
}
