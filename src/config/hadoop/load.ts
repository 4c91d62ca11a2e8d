/**
 * Loads a Hadoop configuration directory: core-site.xml and hdfs-site.xml over Hadoop 3.3.6's defaults, in Hadoop's own
 * order (core-default, core-site, hdfs-default, hdfs-site), later over earlier unless final; then what the command line
 * says. A file that is not there is no error. Unknown keys are kept. Mirrors org.apache.hadoop.conf.Configuration as
 * HdfsConfiguration and GenericOptionsParser set it up.
 */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { LabError, messageOf } from '../../base/errors.js';
import type { Configuration } from './contract.js';
import { CODE_DEFAULTS } from './defaults.js';
import { currentName } from './deprecated.js';
import { expand, type Surroundings } from './expand.js';
import { CORE_DEFAULTS } from './gen/core-default.js';
import { HDFS_DEFAULTS } from './gen/hdfs-default.js';
import { bareUnitOf, parseBoolean, parseInteger, parseList, parseTimeMs } from './values.js';
import { readPropertyFile, type Property } from './xml.js';

/** One key as somebody set it. Defaults have none. */
interface Setting {
  /** As written. */
  readonly value: string;
  /** File and line, or what else it comes from. */
  readonly source: string;
  /** The name that was used, where that is a deprecated one. */
  readonly writtenAs: string;
}

/** What a command line says of the configuration: Hadoop's generic options. */
export interface CommandLine {
  /** `-D key=value`, in their order. They stand above a final value. */
  readonly properties?: readonly (readonly [key: string, value: string])[];
  /** `-conf FILE`, in their order: read after hdfs-site.xml. One that is not there is passed over. */
  readonly files?: readonly string[];
  /** `-fs URI`; a bare `host:port` means hdfs. */
  readonly fs?: string;
  /** `-jt local|host:port` */
  readonly jt?: string;
}

export interface LoadOptions {
  /** What `${...}` may see besides the keys. */
  readonly around?: Surroundings;
  /** Set after the files, final or not: a lab's profile. */
  readonly overlay?: Readonly<Record<string, string>>;
  /** Name of the overlay in messages. */
  readonly overlaySource?: string;
  readonly commandLine?: CommandLine;
}

const NOTHING_AROUND: Surroundings = { env: {}, properties: {} };

/** A Configuration, and what its reader should be told though nothing failed. */
export interface LoadedConfiguration extends Configuration {
  readonly dir: string;
  /** Those of core-site.xml and hdfs-site.xml that are there. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
  /** Keys and values that somebody set, expanded, under their current names. */
  settings(): ReadonlyMap<string, string>;
}

/**
 * Reads `dir`/core-site.xml and `dir`/hdfs-site.xml, as far as they are there. Throws LabError `BAD_CONFIG` naming file
 * and line if one is malformed, `CONFIG_MISSING` if one cannot be read.
 */
export function loadConfiguration(dir: string, options: LoadOptions = {}): LoadedConfiguration {
  const [core, hdfs] = ['core-site.xml', 'hdfs-site.xml'].map((name) => {
    const path = join(dir, name);
    return existsSync(path) ? { path, properties: readPropertyFile(path, dir) } : undefined;
  });
  return configurationFrom(
    dir,
    [core?.properties ?? [], hdfs?.properties ?? []],
    [core, hdfs].flatMap((file) => (file === undefined ? [] : [file.path])),
    options,
  );
}

/** A Configuration from keys alone, over the defaults: for tests and the simulator. */
export function configurationOf(values: Readonly<Record<string, string>>, source = 'given'): LoadedConfiguration {
  const settings = new Map<string, Setting>();
  for (const [key, value] of Object.entries(values)) settings.set(currentName(key), { value, source, writtenAs: key });
  return new Loaded(source, [], [], settings, NOTHING_AROUND);
}

function configurationFrom(
  dir: string,
  [core, hdfs]: [readonly Property[], readonly Property[]],
  files: readonly string[],
  options: LoadOptions,
): LoadedConfiguration {
  const settings = new Map<string, Setting>();
  const finals = new Map<string, string>();
  const warnings: string[] = [];

  const apply = (properties: readonly Property[]): void => {
    for (const { name: writtenAs, value, final, file, line } of properties) {
      const name = currentName(writtenAs);
      const source = `${file}: line ${line}`;
      if (value !== undefined) {
        const owner = finals.get(name);
        if (owner !== undefined) {
          if (settings.get(name)?.value !== value)
            warnings.push(`${source}: ${writtenAs} has no effect: ${owner} made it final`);
          continue;
        }
        settings.set(name, { value, source, writtenAs });
      }
      if (final && !finals.has(name)) finals.set(name, file);
    }
  };
  const set = (writtenAs: string, value: string, source: string): void => {
    settings.set(currentName(writtenAs), { value, source, writtenAs });
  };

  apply(core);
  for (const [name, { value, source }] of settings) {
    if (!Object.hasOwn(HDFS_DEFAULTS, name) || finals.has(name)) continue;
    if (value !== HDFS_DEFAULTS[name]) {
      warnings.push(
        `${source}: ${name} has no effect there: hdfs-default.xml comes after core-site.xml; set it in hdfs-site.xml`,
      );
    }
    settings.delete(name);
  }
  apply(hdfs);
  for (const [key, value] of Object.entries(options.overlay ?? {})) set(key, value, options.overlaySource ?? 'overlay');

  const { properties = [], files: more = [], fs, jt } = options.commandLine ?? {};
  for (const file of more) if (existsSync(file)) apply(readPropertyFile(file, dir));
  const source = 'the command line';
  if (fs !== undefined) set('fs.defaultFS', defaultFsOf(fs), source);
  if (jt !== undefined) {
    if (jt === 'local') set('mapreduce.framework.name', jt, source);
    set('yarn.resourcemanager.address', jt, source);
  }
  for (const [key, value] of properties) set(key.trim(), value, source);
  return new Loaded(dir, files, warnings, settings, options.around ?? NOTHING_AROUND);
}

/** What `-fs` may leave out, as FileSystem.fixName puts it in. */
function defaultFsOf(text: string): string {
  return text === 'local' ? 'file:///' : text.includes('/') ? text : `hdfs://${text}`;
}

function defaultOf(name: string): string | undefined {
  return [HDFS_DEFAULTS, CORE_DEFAULTS, CODE_DEFAULTS].find((table) => Object.hasOwn(table, name))?.[name];
}

class Loaded implements LoadedConfiguration {
  readonly dir: string;
  readonly files: readonly string[];
  readonly warnings: readonly string[];
  readonly #settings: ReadonlyMap<string, Setting>;
  readonly #around: Surroundings;

  constructor(
    dir: string,
    files: readonly string[],
    warnings: readonly string[],
    settings: ReadonlyMap<string, Setting>,
    around: Surroundings,
  ) {
    this.dir = dir;
    this.files = files;
    this.warnings = warnings;
    this.#settings = settings;
    this.#around = around;
  }

  get(key: string): string | undefined {
    const name = currentName(key);
    const text = this.#written(name);
    if (text === undefined) return undefined;
    try {
      return expand(text, (other) => this.#written(currentName(other)), this.#around).trim();
    } catch (error) {
      throw this.#bad(key, messageOf(error));
    }
  }

  getInt(key: string): number {
    return this.#parsed(key, parseInteger, 'a whole number');
  }

  getBoolean(key: string): boolean {
    return this.#parsed(key, parseBoolean, 'true or false');
  }

  getTimeMs(key: string): number {
    const unit = bareUnitOf(currentName(key));
    return this.#parsed(
      key,
      (text) => parseTimeMs(text, unit),
      `a time such as ${unit === 's' ? '60s' : unit === 'm' ? '10m' : '20000 or 20s'}`,
    );
  }

  getList(key: string): readonly string[] {
    const value = this.get(key);
    return value === undefined ? [] : parseList(value);
  }

  sourceOf(key: string): string {
    return this.#settings.get(currentName(key))?.source ?? 'default';
  }

  entries(): ReadonlyMap<string, string> {
    return this.#sorted([...Object.keys(CODE_DEFAULTS), ...this.#declared()], (name) => this.#getOrWritten(name));
  }

  rawEntries(): ReadonlyMap<string, string> {
    return this.#sorted(this.#declared(), (name) => this.#written(name)!);
  }

  settings(): ReadonlyMap<string, string> {
    return new Map([...this.#settings.keys()].map((name) => [name, this.#getOrWritten(name)]));
  }

  #declared(): string[] {
    return [...Object.keys(CORE_DEFAULTS), ...Object.keys(HDFS_DEFAULTS), ...this.#settings.keys()];
  }

  #sorted(names: readonly string[], valueOf: (name: string) => string): Map<string, string> {
    const current = new Set(names.filter((name) => currentName(name) === name));
    return new Map([...current].sort().map((name) => [name, valueOf(name)]));
  }

  #written(name: string): string | undefined {
    return this.#settings.get(name)?.value ?? defaultOf(name);
  }

  /** For whoever shows all keys: one that leads back to itself must not hide the others. */
  #getOrWritten(name: string): string {
    try {
      return this.get(name)!;
    } catch {
      return this.#written(name)!;
    }
  }

  #parsed<T>(key: string, parse: (text: string) => T | undefined, what: string): T {
    const text = this.get(key);
    if (text === undefined) {
      throw new LabError('BAD_CONFIG', `${this.dir}: ${key} is not set and has no default`, {
        remedy: `set ${key} to ${what} in hdfs-site.xml`,
        data: { key },
      });
    }
    const value = parse(text);
    if (value === undefined) throw this.#bad(key, `"${text}" is not ${what}`, `set it to ${what}`);
    return value;
  }

  #bad(key: string, problem: string, remedy?: string): LabError {
    const setting = this.#settings.get(currentName(key));
    const name = setting?.writtenAs ?? key;
    return new LabError('BAD_CONFIG', `${setting?.source ?? this.dir}: ${name}: ${problem}`, {
      remedy: remedy ?? `mend ${name} there`,
      data: { key: name },
    });
  }
}
