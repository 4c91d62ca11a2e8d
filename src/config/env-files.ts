/**
 * Shell files that set variables for Apache's programs (hadoop-env.sh, zookeeper-env.sh, java.env), read as their
 * scripts read them: by bash, which alone knows what such a file means. Which files, and what their variables say, is
 * for the callers.
 */
import { LabError } from '../base/errors.js';

/** A file that waits for something, a prompt say, must not hang a role. */
const LIMIT_MS = 10_000;

/**
 * The environment as it is behind the files: what they export, and of what they only set the variables named here.
 * Where there is no file, nothing is run. Rejects LabError `BAD_CONFIG`.
 */
export async function afterEnvFiles(
  files: readonly string[],
  variables: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  if (files.length === 0) return env;
  // Loaded only where it is needed: a role's start is short.
  const { execa } = await import('execa');
  // What the files themselves print must not be taken for an answer.
  const script = `for file in "$@"; do . "$file" >&2; done
    for name in ${variables.join(' ')}; do if [ -n "\${!name+x}" ]; then printf '%s=%s\\0' "$name" "\${!name}"; fi; done
    env -0`;
  const result = await execa('bash', ['-c', script, 'bash', ...files], {
    env,
    extendEnv: false,
    stdin: 'ignore',
    timeout: LIMIT_MS,
    reject: false,
    stripFinalNewline: false,
  });
  if (result.failed) {
    const why = firstLine(result.stderr) ?? `it ended with ${result.exitCode ?? result.signal ?? 'an error'}`;
    throw new LabError('BAD_CONFIG', `${files.join(', ')}: cannot be run: ${why}`, {
      remedy: `mend what bash says of it: bash -x ${files.at(-1)}`,
      data: { file: files.at(-1), exitCode: 2 },
    });
  }
  return Object.fromEntries(
    result.stdout
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n').find((line) => line.trim() !== '');
}
