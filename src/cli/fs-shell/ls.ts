/** `-ls`. Mirrors org.apache.hadoop.fs.shell.Ls. */
import type { HdfsFileStatusProto } from '../../wire/hadoop/gen/hdfs.js';
import { childItem, childrenOf, isDirectory, type Item } from './items.js';

export interface ListOptions {
  readonly pathsOnly: boolean;
  readonly recursive: boolean;
  readonly directoryItself: boolean;
  readonly humanReadable: boolean;
  readonly hideNonPrintable: boolean;
  readonly order: 'name' | 'time' | 'size';
  readonly reverse: boolean;
  readonly accessTime: boolean;
}

export function listOptions(flags: ReadonlySet<string>): ListOptions {
  return {
    pathsOnly: flags.has('C'),
    recursive: flags.has('R') && !flags.has('d'),
    directoryItself: flags.has('d'),
    humanReadable: flags.has('h'),
    hideNonPrintable: flags.has('q'),
    order: flags.has('t') ? 'time' : flags.has('S') ? 'size' : 'name',
    reverse: flags.has('r'),
    accessTime: flags.has('u'),
  };
}

export interface ListWorld {
  readonly print: (line: string) => void;
  /** A directory that cannot be read is told, and the next one shown. */
  readonly trying: (work: () => Promise<void>) => Promise<void>;
}

/** What each argument shows: directories their content, files themselves. */
export async function list(item: Item, options: ListOptions, world: ListWorld): Promise<void> {
  const { print } = world;
  if (!isDirectory(item.status) || options.directoryItself) {
    for (const line of lines([item], options)) print(line);
    return;
  }
  const found = (await childrenOf(item.fs, item.path)).map((status) => childItem(item, status));
  const children = ordered(found, options);
  if (!options.recursive && !options.pathsOnly && children.length > 0) print(`Found ${children.length} items`);
  const texts = lines(children, options);
  for (const [index, child] of children.entries()) {
    print(texts[index]!);
    if (options.recursive && isDirectory(child.status)) await world.trying(() => list(child, options, world));
  }
}

function ordered(items: readonly Item[], options: ListOptions): readonly Item[] {
  const timeOf = ({ status }: Item): bigint => (options.accessTime ? status!.access_time : status!.modification_time);
  if (options.order === 'name') return options.reverse ? [...items].reverse() : items;
  const key = options.order === 'time' ? timeOf : ({ status }: Item): bigint => status!.length;
  // Those that are equal stay in the order of their names.
  return [...items].sort((a, b) => Number(key(b) - key(a)) * (options.reverse ? -1 : 1));
}

function lines(items: readonly Item[], options: ListOptions): readonly string[] {
  const names = items.map(({ shown }) => (options.hideNonPrintable ? shown.replace(/\p{C}/gu, '?') : shown));
  if (options.pathsOnly) return names;
  const rows = items.map(({ status }) => columns(status!, options));
  const width = (column: keyof Columns, least: number): number =>
    Math.max(least, ...rows.map((row) => row[column].length));
  const [replication, size] = [width('replication', 3), width('size', 10)];
  const named = (text: string, columnWidth: number): string =>
    columnWidth === 0 ? '' : `${text.padEnd(columnWidth)} `;
  const [owner, group] = [width('owner', 0), width('group', 0)];
  return rows.map(
    (row, index) =>
      `${row.mode} ${row.replication.padStart(replication)} ${named(row.owner, owner)}${named(row.group, group)}` +
      `${row.size.padStart(size)} ${row.time} ${names[index]}`,
  );
}

interface Columns {
  readonly mode: string;
  readonly replication: string;
  readonly owner: string;
  readonly group: string;
  readonly size: string;
  readonly time: string;
}

function columns(status: HdfsFileStatusProto, options: ListOptions): Columns {
  const directory = isDirectory(status);
  const bits = [...'rwxrwxrwx'].map((letter, index) =>
    (status.permission.perm & (0o400 >> index)) !== 0 ? letter : '-',
  );
  if ((status.permission.perm & 0o1000) !== 0) bits[8] = bits[8] === 'x' ? 't' : 'T';
  const at = new Date(Number(options.accessTime ? status.access_time : status.modification_time));
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    mode: `${directory ? 'd' : '-'}${bits.join('')}`,
    replication: directory ? '-' : String(status.block_replication ?? 0),
    owner: status.owner,
    group: status.group,
    size: options.humanReadable ? humanSize(Number(status.length)) : String(status.length),
    time:
      `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
      `${two(at.getHours())}:${two(at.getMinutes())}`,
  };
}

/** `1.5 K`. Mirrors StringUtils.TraditionalBinaryPrefix.long2String with one decimal place. */
function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  const power = Math.floor(Math.log2(bytes) / 10);
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${' KMGTPE'[power]}`;
}
