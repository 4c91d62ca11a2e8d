/**
 * The options that every Hadoop tool takes in front of its own: `-D key=value`, `-conf FILE`, `-fs URI` and the like.
 * They become the command line's part of the configuration. Those that only matter to MapReduce are read and left at
 * that. Mirrors org.apache.hadoop.util.GenericOptionsParser, with commons-cli's GnuParser.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from '../base/errors.js';
import type { CommandLine } from '../config/hadoop/load.js';

export interface GenericOptions {
  readonly commandLine: CommandLine;
  /** What is left: the tool's own words. */
  readonly argv: readonly string[];
  /** Why they could not be read. The tool then goes on without any word at all, as Hadoop's does. */
  readonly fault?: string;
}

const OPTIONS: ReadonlySet<string> = new Set([
  'conf',
  'D',
  'fs',
  'jt',
  'files',
  'libjars',
  'archives',
  'tokenCacheFile',
]);
/** Lists of files that must be there, and the keys that they end up in. */
const FILE_LISTS: Readonly<Record<string, string>> = { files: 'tmpfiles', libjars: 'tmpjars', archives: 'tmparchives' };

/** Throws LabError `CONFIG_MISSING` for a file that is not there. */
export function genericOptions(argv: readonly string[]): GenericOptions {
  const given: [name: string, value: string][] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') {
      at++;
      break;
    }
    const { name, inline } = optionIn(word);
    if (name === undefined) break;
    const next = argv[at + 1];
    if (inline !== undefined) given.push([name, inline]);
    else if (next === undefined || (next.startsWith('-') && OPTIONS.has(bare(next))))
      return { commandLine: {}, argv: [], fault: `Missing argument for option: ${name}` };
    else {
      given.push([name, withoutQuotes(next)]);
      at++;
    }
  }
  return { commandLine: commandLineOf(given), argv: argv.slice(at).filter((word) => word !== '--') };
}

const bare = (word: string): string => word.replace(/^--?/, '');

/** `-D`, `--D`, `-conf=FILE`, `-Dkey=value` */
function optionIn(word: string): { readonly name?: string; readonly inline?: string } {
  if (!word.startsWith('-') || word === '-') return {};
  const text = bare(word);
  if (OPTIONS.has(text)) return { name: text };
  const equals = text.indexOf('=');
  if (equals > 0 && OPTIONS.has(text.slice(0, equals)))
    return { name: text.slice(0, equals), inline: text.slice(equals + 1) };
  return word.startsWith('-D') ? { name: 'D', inline: word.slice(2) } : {};
}

function withoutQuotes(word: string): string {
  return word.replace(/^"/, '').replace(/"$/, '');
}

function commandLineOf(given: readonly (readonly [name: string, value: string])[]): CommandLine {
  const first = (name: string): string | undefined => given.find(([option]) => option === name)?.[1];
  const all = (name: string): string[] => given.filter(([option]) => option === name).map(([, value]) => value);
  const properties = all('D').flatMap((text): [string, string][] => {
    const equals = text.indexOf('=');
    return equals < 0 ? [] : [[text.slice(0, equals), text.slice(equals + 1)]];
  });
  for (const [option, key] of Object.entries(FILE_LISTS)) {
    const list = first(option);
    if (list !== undefined) properties.push([key, list.split(',').map(qualified).join(',')]);
  }
  const tokens = first('tokenCacheFile');
  if (tokens !== undefined) qualified(tokens);
  const [fs, jt, files] = [first('fs'), first('jt'), all('conf')];
  return {
    ...(properties.length === 0 ? {} : { properties }),
    ...(files.length === 0 ? {} : { files }),
    ...(fs === undefined ? {} : { fs }),
    ...(jt === undefined ? {} : { jt }),
  };
}

/** One with a scheme lies elsewhere; all others must be there. */
function qualified(file: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(file)) return file;
  if (!existsSync(file))
    throw new LabError('CONFIG_MISSING', `File ${file} does not exist`, { remedy: 'name files of this machine' });
  return `file:${resolve(file)}`;
}

/** What is printed where they cannot be read. */
export const GENERAL_OPTIONS = `usage: general options are:
 -archives <paths>                     comma separated archives to be
                                       unarchived on the compute machines.
 -conf <configuration file>            specify an application
                                       configuration file
 -D <property=value>                   use value for given property
 -files <paths>                        comma separated files to be copied
                                       to the map reduce cluster
 -fs <file:///|hdfs://namenode:port>   specify default filesystem URL to
                                       use, overrides 'fs.defaultFS'
                                       property from configurations.
 -jt <local|resourcemanager:port>      specify a ResourceManager
 -libjars <paths>                      comma separated jar files to
                                       include in the classpath.
 -tokenCacheFile <tokensFile>          name of the file with the tokens`;

/** What a tool's own usage ends with. */
export const GENERIC_USAGE = `Generic options supported are:
-conf <configuration file>        specify an application configuration file
-D <property=value>               define a value for a given property
-fs <file:///|hdfs://namenode:port> specify default filesystem URL to use, overrides 'fs.defaultFS' property \
from configurations.
-jt <local|resourcemanager:port>  specify a ResourceManager
-files <file1,...>                specify a comma-separated list of files to be copied to the map reduce cluster
-libjars <jar1,...>               specify a comma-separated list of jar files to be included in the classpath
-archives <archive1,...>          specify a comma-separated list of archives to be unarchived on the compute machines

The general command line syntax is:
command [genericOptions] [commandOptions]

`;

/** `-h`, `-help`, `--help` and nothing else, as the daemons understand them. */
export function asksForHelp(argv: readonly string[]): boolean {
  return argv.length === 1 && /^(-h|--?help)$/.test(argv[0]!);
}
