/**
 * Traces: prose, then inputs (`> ...`) and what a machine makes of each, one effect a line. A trace is kept beside its
 * test as a `.trace` file and compared as a whole.
 */
export interface Scene<Input> {
  readonly about: string;
  readonly inputs: readonly Input[];
}

/** Renders every scene with a machine of its own. */
export function trace<Input extends { readonly type: string }, Effect extends { readonly type: string }>(
  title: string,
  scenes: readonly Scene<Input>[],
  machine: () => { step(input: Input): readonly Effect[]; state: () => string },
): string {
  const lines = [title, ''];
  for (const { about, inputs } of scenes) {
    lines.push('-'.repeat(100), about, '');
    const { step, state } = machine();
    for (const input of inputs) {
      lines.push(`> ${line(input)}`);
      for (const effect of step(input)) if (effect.type !== 'log') lines.push(`    ${line(effect)}`);
      lines.push(`  ${state()}`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

function line(value: { readonly type: string }): string {
  const rest = Object.entries(value)
    .filter(([key]) => key !== 'type')
    .map(([key, entry]) => `${key}=${show(entry)}`);
  return [value.type, ...rest].join(' ');
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Buffer.isBuffer(value))
    return value.length === 0
      ? "''"
      : value.every((byte) => byte >= 0x20 && byte < 0x7f)
        ? value.toString('latin1')
        : value.toString('hex');
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${key}: ${show(entry)}`)
      .join(', ')}}`;
  }
  return String(value);
}
