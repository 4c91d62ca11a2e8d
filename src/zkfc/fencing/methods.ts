/**
 * dfs.ha.fencing.methods: one method a line, `name` or `name(argument)`, `#` starts a comment. The names are those that
 * ship with Hadoop, short or as Java classes; others cannot run here, so they are refused as classes that are not
 * there. Mirrors org.apache.hadoop.ha.NodeFencer.parseMethods.
 */
import { LabError } from '../../base/errors.js';

export interface FencingMethod {
  readonly kind: 'shell' | 'sshfence' | 'powershell';
  /** Between the brackets; undefined without them. */
  readonly argument: string | undefined;
  /** As Hadoop's log prints it: `org.apache.hadoop.ha.ShellCommandFencer(/bin/true)`. */
  readonly text: string;
}

const CLASSES: ReadonlyMap<string, { readonly kind: FencingMethod['kind']; readonly className: string }> = new Map(
  (
    [
      ['shell', 'shell', 'org.apache.hadoop.ha.ShellCommandFencer'],
      ['sshfence', 'sshfence', 'org.apache.hadoop.ha.SshFenceByTcpPort'],
      ['powershell', 'powershell', 'org.apache.hadoop.ha.PowerShellFencer'],
    ] as const
  ).flatMap(([name, kind, className]) => [
    [name, { kind, className }] as const,
    [className, { kind, className }] as const,
  ]),
);

/**
 * Throws LabError `BAD_FENCING` with Hadoop's message for a line that does not parse, an unknown class or a bad
 * argument.
 */
export function parseFencingMethods(spec: string): readonly FencingMethod[] {
  const methods: FencingMethod[] = [];
  for (const raw of spec.split('\n')) {
    const line = trimmed(raw.replace(/#.*$/, ''));
    if (line !== '') methods.push(parseMethod(line));
  }
  return methods;
}

/** As Java's String.trim: a no-break space, as a page on the web has it, is none that goes. */
function trimmed(line: string): string {
  let [from, to] = [0, line.length];
  while (from < to && line[from]! <= ' ') from++;
  while (to > from && line[to - 1]! <= ' ') to--;
  return line.slice(from, to);
}

function parseMethod(line: string): FencingMethod {
  const match = /^([a-zA-Z0-9.$]+)(?:\((.+)\))?$/.exec(line);
  if (match === null) throw badFencing(`Unable to parse line: '${line}'`);
  const [, name, argument] = match;
  const known = CLASSES.get(name!);
  if (known === undefined) throw badFencing(`Could not find configured fencing method ${name!}`);
  if (known.kind === 'shell' && argument === undefined)
    throw badFencing("No argument passed to 'shell' fencing method");
  if (known.kind === 'sshfence') parseSshArgument(argument);
  return { kind: known.kind, argument, text: `${known.className}(${argument ?? 'null'})` };
}

/** `user`, `:port`, `user:port` or nothing. Throws LabError `BAD_FENCING`. */
export function parseSshArgument(argument: string | undefined): {
  readonly user: string | undefined;
  readonly port: number;
} {
  if (argument === undefined || argument === '') return { user: undefined, port: 22 };
  const match = /^([^:]+?)?(?::(\d+))?$/.exec(argument);
  if (match === null) throw badFencing(`Unable to parse user and SSH port: ${argument}`);
  const port = match[2] === undefined ? 22 : Number(match[2]);
  if (port > 0x7fffffff) throw badFencing(`Port number '${match[2]}' invalid`);
  return { user: match[1], port };
}

/** A BadFencingConfigurationException. */
export function badFencing(message: string): LabError {
  return new LabError('BAD_FENCING', message, { remedy: 'see dfs.ha.fencing.methods in hdfs-site.xml' });
}
