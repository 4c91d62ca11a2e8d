/**
 * Values of zoo.cfg as Java reads them (Integer.parseInt, QuorumPeerConfig.parseBoolean) and the error that names file,
 * line and key. Every such error ends a server with Apache's exit code 2 (ExitCode.INVALID_INVOCATION).
 */
import { LabError } from '../../base/errors.js';
import type { JavaProperty } from '../properties.js';

/** ExitCode.INVALID_INVOCATION: a configuration that is refused. */
const INVALID_INVOCATION = 2;

/** `file: line N: key`, or where else a setting comes from. */
export function placeOf({ file, key, line }: JavaProperty): string {
  return line === 0 ? `${file}: ${key}` : `${file}: line ${line}: ${key}`;
}

export function bad(property: JavaProperty, problem: string, remedy: string): LabError {
  const { file, key, line } = property;
  return new LabError('BAD_CONFIG', `${placeOf(property)}: ${problem}`, {
    remedy,
    data: { file, key, line, exitCode: INVALID_INVOCATION },
  });
}

/** For what no single line is to blame for. */
export function badFile(file: string, problem: string, remedy: string): LabError {
  return new LabError('BAD_CONFIG', `${file}: ${problem}`, {
    remedy,
    data: { file, exitCode: INVALID_INVOCATION },
  });
}

/** A sign and decimal digits, of 32 bits. */
export function integer(property: JavaProperty): number {
  const { value } = property;
  const number = wholeNumber(value);
  if (number === undefined)
    throw bad(property, `"${value}" is not a whole number`, 'write digits only, without a unit or a comment behind');
  if (BigInt.asIntN(32, number) !== number)
    throw bad(property, `"${value}" is more than 32 bits hold`, 'write a number up to 2147483647');
  return Number(number);
}

/** A sign and decimal digits, of 64 bits. */
export function long(property: JavaProperty): bigint {
  const number = parseLong(property.value);
  if (number === undefined)
    throw bad(property, `"${property.value}" is not a whole number of 64 bits`, 'write digits only');
  return number;
}

/** Long.parseLong, and undefined where that throws. */
export function parseLong(text: string): bigint | undefined {
  const number = wholeNumber(text);
  return number !== undefined && BigInt.asIntN(64, number) === number ? number : undefined;
}

function wholeNumber(text: string): bigint | undefined {
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
}

export function portNumber(property: JavaProperty): number {
  const value = integer(property);
  if (value < 0 || value > 65_535)
    throw bad(property, `"${property.value}" is not a port`, 'a port is a number up to 65535');
  return value;
}

export function boolean(property: JavaProperty): boolean {
  const lower = property.value.toLowerCase();
  if (lower !== 'true' && lower !== 'false')
    throw bad(property, `"${property.value}" is neither true nor false`, 'write true or false');
  return lower === 'true';
}
