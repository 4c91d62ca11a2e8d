/**
 * `current/VERSION`: Java properties that say whose data lies here. Mirrors Storage#writeProperties and StorageInfo.
 */
import { LabError } from '../../base/errors.js';
import type { StorageInfo } from '../state/types.js';

export function encodeVersionFile(info: StorageInfo): Buffer {
  const escape = (value: string): string => value.replace(/[\\:=#!]/g, (c) => `\\${c}`);
  return Buffer.from(
    [
      '# whose edits these are',
      `namespaceID=${info.namespaceId}`,
      `clusterID=${escape(info.clusterId)}`,
      `cTime=${info.cTime}`,
      'storageType=JOURNAL_NODE',
      `layoutVersion=${info.layoutVersion}`,
      '',
    ].join('\n'),
  );
}

function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (/^\s*([#!]|$)/.test(line)) continue;
    const match = /^\s*((?:\\.|[^\\:=\s])+)\s*[:=\s]\s*(.*)$/.exec(line);
    if (match !== null) properties.set(match[1]!.replace(/\\(.)/g, '$1'), match[2]!.trimEnd().replace(/\\(.)/g, '$1'));
  }
  return properties;
}

/** Throws LabError `CORRUPT` that names the file and the property. */
export function decodeVersionFile(bytes: Buffer, path: string): StorageInfo {
  const properties = parseProperties(bytes.toString('utf8'));
  const corrupt = (what: string): LabError =>
    new LabError('CORRUPT', `${path}: ${what}`, {
      remedy:
        "Restore the file from another JournalNode of the same journal, or move the journal's directory away and " +
        'format it again.',
    });
  const property = (name: string): string => {
    const value = properties.get(name);
    if (value === undefined) throw corrupt(`the property ${name} is missing`);
    return value;
  };
  const whole = (name: string): bigint => {
    const value = property(name);
    if (!/^-?\d{1,19}$/.test(value)) throw corrupt(`${name}=${value} is not a whole number`);
    return BigInt(value);
  };
  const storageType = property('storageType');
  if (storageType !== 'JOURNAL_NODE')
    throw corrupt(`storageType=${storageType}, and this is a JournalNode's directory`);
  return {
    namespaceId: Number(whole('namespaceID')),
    clusterId: property('clusterID'),
    cTime: whole('cTime'),
    layoutVersion: Number(whole('layoutVersion')),
  };
}
