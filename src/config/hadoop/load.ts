/**
 * Loads a Hadoop configuration directory: core-site.xml and hdfs-site.xml over Hadoop 3.3.6's defaults, in Hadoop's own
 * order (core-default, core-site, hdfs-default, hdfs-site), later over earlier unless final. Unknown keys are kept.
 * Mirrors org.apache.hadoop.conf.Configuration as HdfsConfiguration sets it up.
 */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { LabError } from '../../base/errors.js';
import type { Configuration } from './contract.js';
import { CODE_DEFAULTS, CORE_DEFAULTS, HDFS_DEFAULTS } from './defaults.js';
import { DEPRECATED_KEYS, currentName } from './deprecated.js';
import { expand, type Surroundings } from './expand.js';
import { bareUnitOf, parseBoolean, parseInteger, parseList, parseTimeMs } from './values.js';
import { readPropertyFile, type Property } from './xml.js';

interface Setting {
  readonly value: string;
  /** File, or `default`. */
  readonly source: string;
  /** The name the file used, where that is a deprecated one. */
  readonly writtenAs: string;
}

export interface LoadOptions {
  /** What `${...}` may see besides the keys. */
  readonly around?: Surroundings;
  /** Set after every file, final or not: a lab's profile. */
  readonly overlay?: Readonly<Record<string, string>>;
  /** Name of the overlay in messages. */
  readonly overlaySource?: string;
}

const NOTHING_AROUND: Surroundings = { env: {}, properties: {} };

/** A Configuration, and what its reader should be told though nothing failed. */
export interface LoadedConfiguration extends Configuration {
  readonly dir: string;
  readonly files: readonly string[];
  readonly warnings: readonly string[];
  /** Keys and values that the files themselves set, expanded, under their current names. */
  settings(): ReadonlyMap<string, string>;
}

/**
 * Reads `dir`/core-site.xml and `dir`/hdfs-site.xml. Throws LabError `CONFIG_MISSING` if the directory holds neither
 * file or lacks one of them, `BAD_CONFIG` naming file and line if one is malformed.
 */
export function loadConfiguration(dir: string, options: LoadOptions = {}): LoadedConfiguration {
  const coreSite = join(dir, 'core-site.xml');
  const hdfsSite = join(dir, 'hdfs-site.xml');
  for (const file of [coreSite, hdfsSite]) {
    if (!existsSync(file)) {
      throw new LabError('CONFIG_MISSING', `${file} does not exist`, {
        remedy: 'name the directory that holds core-site.xml and hdfs-site.xml with --config DIR or HADOOP_CONF_DIR',
      });
    }
  }
  return configurationFrom(
    dir,
    [readPropertyFile(coreSite), readPropertyFile(hdfsSite)],
    [coreSite, hdfsSite],
    options,
  );
}

/** A Configuration from keys alone, over the defaults: for tests and the simulator. */
export function configurationOf(values: Readonly<Record<string, string>>, source = 'given'): LoadedConfiguration {
  const properties = Object.entries(values).map(
    ([name, value]): Property => ({ name, value, final: false, file: source }),
  );
  return configurationFrom(source, [[], properties], [], {});
}

function configurationFrom(
  dir: string,
  [core, hdfs]: [Property[], Property[]],
  files: string[],
  options: LoadOptions,
): LoadedConfiguration {
  const settings = new Map<string, Setting>();
  const finals = new Map<string, string>();
  const warnings: string[] = [];

  const defaults = (table: Readonly<Record<string, string>>): void => {
    for (const key of Object.keys(table)) {
      const before = settings.get(key);
      if (finals.has(key)) continue;
      if (before !== undefined && before.source !== 'default' && before.value !== table[key]) {
        warnings.push(
          `${before.source}: ${key} has no effect there: hdfs-default.xml comes after core-site.xml; set it in ` +
            `hdfs-site.xml`,
        );
      }
      settings.set(key, { value: table[key]!, source: 'default', writtenAs: key });
    }
  };
  const apply = (properties: readonly Property[]): void => {
    for (const { name: writtenAs, value, final, file } of properties) {
      const name = currentName(writtenAs);
      if (value !== undefined) {
        const owner = finals.get(name);
        if (owner !== undefined) {
          if (settings.get(name)?.value !== value)
            warnings.push(`${file}: ${writtenAs} has no effect: ${owner} made it final`);
          continue;
        }
        settings.set(name, { value, source: file, writtenAs });
      }
      if (final && !finals.has(name)) finals.set(name, file);
    }
  };

  defaults(CODE_DEFAULTS);
  defaults(CORE_DEFAULTS);
  apply(core);
  defaults(HDFS_DEFAULTS);
  apply(hdfs);
  for (const [key, value] of Object.entries(options.overlay ?? {})) {
    settings.set(key, { value, source: options.overlaySource ?? 'overlay', writtenAs: key });
  }
  return new Loaded(dir, files, warnings, settings, options.around ?? NOTHING_AROUND);
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
    const setting = this.#settings.get(name);
    if (setting === undefined) return undefined;
    try {
      return expand(setting.value, (other) => this.#settings.get(currentName(other))?.value, this.#around).trim();
    } catch (error) {
      throw this.#bad(key, (error as Error).message);
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
    const out = new Map<string, string>();
    for (const name of [...this.#settings.keys()].sort()) out.set(name, this.get(name)!);
    return out;
  }

  settings(): ReadonlyMap<string, string> {
    const out = new Map<string, string>();
    for (const [name, { source }] of this.#settings) if (source !== 'default') out.set(name, this.get(name)!);
    return out;
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
      data: { key: name, file: setting?.source },
    });
  }
}

/** True where a key has an older name, for messages. */
export function isDeprecated(key: string): boolean {
  return DEPRECATED_KEYS.has(key);
}
