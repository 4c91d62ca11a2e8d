/**
 * Runs Apache's own programs for a test: one-shot (`java`) or as a server (`startJava`), from the jars that fetch.ts
 * brought, with a configuration directory in front of the class path. Every process started here is ended by `stopAll`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from './fetch.js';

export type Classpath = 'zk' | 'zk-old' | 'hadoop';

export interface JavaOptions {
  readonly classpath: Classpath;
  /** A directory with *-site.xml, zoo.cfg, log4j.properties; first on the class path. */
  readonly conf?: string;
  /** More entries: compiled test classes. */
  readonly extra?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Kills the program after this long. */
  readonly timeoutMs?: number;
}

export interface JavaResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

const LOG4J = `log4j.rootLogger=WARN,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
`;
let logConfiguration: string | undefined;

function commandLine(main: string, args: readonly string[], options: JavaOptions): string[] {
  if (logConfiguration === undefined) {
    logConfiguration = join(cacheDirectory, 'conf');
    mkdirSync(logConfiguration, { recursive: true });
    writeFileSync(join(logConfiguration, 'log4j.properties'), LOG4J);
    // Hadoop's web faces come in its tarball, not in its jars; its servers start only with a directory for each.
    for (const face of ['hdfs', 'journal', 'datanode', 'static']) {
      mkdirSync(join(logConfiguration, 'webapps', face, 'WEB-INF'), { recursive: true });
      writeFileSync(
        join(logConfiguration, 'webapps', face, 'WEB-INF', 'web.xml'),
        '<?xml version="1.0"?>\n<web-app version="2.4" xmlns="http://java.sun.com/xml/ns/j2ee"/>\n',
      );
    }
  }
  const classpath = [
    ...(options.conf === undefined ? [] : [options.conf]),
    ...(options.extra ?? []),
    logConfiguration,
    join(cacheDirectory, options.classpath, '*'),
  ].join(':');
  const properties = Object.entries({ 'java.net.preferIPv4Stack': 'true', ...options.properties }).map(
    ([key, value]) => `-D${key}=${value}`,
  );
  return ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...properties, '-cp', classpath, main, ...args];
}

function launch(main: string, args: readonly string[], options: JavaOptions): ChildProcess {
  const child = spawn('java', commandLine(main, args, options), {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a main class to its end. */
export async function java(main: string, args: readonly string[], options: JavaOptions): Promise<JavaResult> {
  const child = launch(main, args, options);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', (exit) => resolve(exit)));
  clearTimeout(timer);
  return { code, stdout, stderr };
}

/**
 * Runs one of Hadoop's tools (a class that implements Tool) once for each command line, all in one JVM: a start takes
 * longer than most of what they do. `input` is what is typed at it.
 */
export async function tools(
  tool: string,
  lines: readonly { readonly words: readonly string[]; readonly input?: string }[],
  options: JavaOptions,
): Promise<JavaResult[]> {
  classes ??= await javac([fileURLToPath(new URL('java/ToolBatch.java', import.meta.url))], 'hadoop');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const input = lines.map(({ words, input: typed = '' }) => [typed, ...words].map(base64).join('\t')).join('\n');
  const result = await java('ToolBatch', [tool], {
    ...options,
    extra: [...(options.extra ?? []), classes],
    input: `${input}\n`,
  });
  const answers = result.stdout.split('\n').filter((line) => line !== '');
  if (answers.length !== lines.length)
    throw new Error(`${tool}: ${answers.length} answers to ${lines.length} lines\n${result.stdout}\n${result.stderr}`);
  return answers.map((line) => {
    const [code, stdout, stderr] = line.split('\t') as [string, string, string];
    return {
      code: Number(code) & 0xff,
      stdout: Buffer.from(stdout, 'base64').toString(),
      stderr: Buffer.from(stderr, 'base64').toString(),
    };
  });
}

let classes: string | undefined;

export interface JavaServer {
  readonly pid: number;
  /** All that it has printed, both streams. */
  output(): string;
  kill(signal?: NodeJS.Signals): void;
  readonly exited: Promise<number | null>;
}

/** Starts a main class that goes on until killed. */
export function startJava(main: string, args: readonly string[], options: JavaOptions): JavaServer {
  const child = launch(main, args, options);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  child.stdin!.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    pid: child.pid!,
    output: () => output,
    kill: (signal = 'SIGKILL') => {
      child.kill(signal);
    },
    exited,
  };
}

/** Ends every process that this file started: for afterAll. */
export async function stopAll(): Promise<void> {
  await Promise.all(
    [...running].map(
      (child) =>
        new Promise<void>((resolve) => {
          child.once('exit', () => resolve());
          child.kill('SIGKILL');
        }),
    ),
  );
}

/**
 * Compiles Java sources (absolute paths) against a class path, once for each version of them; returns the directory of
 * classes.
 */
export async function javac(sources: readonly string[], classpath: Classpath): Promise<string> {
  const hash = createHash('sha256').update(classpath);
  for (const source of sources) hash.update(readFileSync(source));
  const directory = join(cacheDirectory, 'classes', hash.digest('hex').slice(0, 16));
  if (existsSync(directory)) return directory;
  const fresh = `${directory}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const child = spawn('javac', ['-nowarn', '-d', fresh, '-cp', join(cacheDirectory, classpath, '*'), ...sources], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code === 0 && !existsSync(directory)) renameSync(fresh, directory);
  rmSync(fresh, { recursive: true, force: true });
  if (code !== 0) throw new Error(`javac ended with ${code}:\n${text}`);
  return directory;
}

/** The jar of an artifact, for a test that reads what is inside. */
export function jar(classpath: Classpath, prefix: string): string {
  const name = readdirSync(join(cacheDirectory, classpath)).find((file) => file.startsWith(prefix));
  if (name === undefined) throw new Error(`no jar ${prefix}* in ${join(cacheDirectory, classpath)}`);
  return join(cacheDirectory, classpath, name);
}

/** Waits until `probe` gives something other than undefined; fails with `what` after the limit. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  limitMs = 30_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what}: not within ${limitMs} ms${last === undefined ? '' : ` (${String(last)})`}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
