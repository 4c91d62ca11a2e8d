/**
 * System properties as ZooKeeper's server sees them: what `-D` says, and over it the lines of zoo.cfg that
 * QuorumPeerConfig does not know, each as `zookeeper.<key>` (System.setProperty comes after the JVM's own). They are
 * read as Integer.getInteger and its like read them: what is no number is as good as not there, and a warning says so.
 */
import type { JavaProperty } from '../properties.js';
import type { SystemProperties } from './jvm-flags.js';
import { findFileKey, findProperty } from './keys.js';
import { bad, integer, parseLong, placeOf } from './values.js';
import type { ZooFile } from './zoo-file.js';

export class Settings {
  readonly warnings: string[] = [];
  readonly #properties = new Map<string, JavaProperty>();

  /** Throws LabError `BAD_CONFIG` for a property that asks for what is not offered. */
  constructor(zoo: ZooFile, flags: SystemProperties = new Map()) {
    for (const [key, { value, from }] of flags) {
      const property = { key, raw: value, value, line: 0, file: `${from}: -D` };
      this.#properties.set(key, property);
      this.#check(property);
    }
    for (const property of zoo.properties.values())
      if (findFileKey(property.key)?.where !== 'zoo.cfg') this.#properties.set(`zookeeper.${property.key}`, property);
  }

  /** Lines of the file are checked where the file is read. */
  #check(property: JavaProperty): void {
    const entry = findProperty(property.key);
    if (entry === undefined) {
      const key = property.key.replace(/^zookeeper\./, '');
      if (!property.key.startsWith('zookeeper.')) return; // a library's or the JVM's own
      this.warnings.push(
        findFileKey(key)?.where === 'zoo.cfg'
          ? `${placeOf(property)}: has no effect: write ${key} into zoo.cfg`
          : `${placeOf(property)}: ZooKeeper knows no such property`,
      );
      return;
    }
    if (entry.state === 'works' || entry.asks?.(property.value) === false) return;
    if (entry.state === 'refused') throw bad(property, entry.note, `take it out of ${property.file.split(':')[0]}`);
    this.warnings.push(`${placeOf(property)}: has no effect here: ${entry.note}`);
  }

  get(name: string): string | undefined {
    return this.#properties.get(name)?.value;
  }

  /** Integer.getInteger. */
  integer(name: string, fallback: number): number {
    const property = this.#properties.get(name);
    if (property === undefined) return fallback;
    const number = decode(property.value);
    if (number !== undefined && BigInt.asIntN(32, number) === number) return Number(number);
    this.#notANumber(property, fallback);
    return fallback;
  }

  /** Integer.parseInt in a try: decimal digits only. */
  decimal(name: string, fallback: number): number {
    const property = this.#properties.get(name);
    if (property === undefined) return fallback;
    const number = parseLong(property.value);
    if (number !== undefined && BigInt.asIntN(32, number) === number) return Number(number);
    this.#notANumber(property, fallback);
    return fallback;
  }

  /** Integer.parseInt with nothing around it: what is no number ends the server. */
  number(name: string, fallback: number): number {
    const property = this.#properties.get(name);
    return property === undefined ? fallback : integer(property);
  }

  #notANumber(property: JavaProperty, fallback: number): void {
    this.warnings.push(`${placeOf(property)}: "${property.value}" is not a number; ${fallback} is used`);
  }

  /** Boolean.getBoolean: everything but "true" is false. */
  flag(name: string, fallback: boolean): boolean {
    const value = this.get(name);
    return value === undefined ? fallback : value.toLowerCase() === 'true';
  }

  /** For messages: where a property stands. */
  place(name: string): string {
    const property = this.#properties.get(name);
    return property === undefined ? name : placeOf(property);
  }
}

/** Integer.decode and Long.decode: decimal, 0x, 0X or # for hexadecimal, 0 in front for octal, a sign before all. */
export function decode(text: string): bigint | undefined {
  const match = /^([+-]?)(?:(?:0[xX]|#)([0-9a-fA-F]+)|0([0-7]+)|(\d+))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, octal, decimal] = match;
  if (decimal !== undefined && decimal.length > 1 && decimal.startsWith('0')) return undefined; // 08 is no octal
  const size = hex !== undefined ? BigInt(`0x${hex}`) : octal !== undefined ? BigInt(`0o${octal}`) : BigInt(decimal!);
  return sign === '-' ? -size : size;
}
