/**
 * What says to which namespace a directory belongs: the VERSION file. Mirrors NNStorage.setPropertiesFromFields and
 * StorageInfo; the file is a Java properties file.
 */
import { LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { IMAGE_LAYOUT_VERSION } from '../../wire/fsimage/container.js';
import type { NamespaceInfo } from '../../journal/writer/api.js';

export type { NamespaceInfo } from '../../journal/writer/api.js';

/** `layoutVersion:namespaceID:cTime:clusterID`, as image transfers carry it. */
export function storageInfoText(info: NamespaceInfo): string {
  return `${info.layoutVersion}:${info.namespaceId}:${info.cTime}:${info.clusterId}`;
}

export function versionFileText(info: NamespaceInfo): string {
  return (
    `namespaceID=${info.namespaceId}\nblockpoolID=${info.blockPoolId}\nstorageType=NAME_NODE\ncTime=${info.cTime}\n` +
    `clusterID=${info.clusterId}\nlayoutVersion=${info.layoutVersion}\n`
  );
}

/** Throws LabError CORRUPT naming `path`, or UNSUPPORTED_LAYOUT. */
export function parseVersionFile(text: string, path: string): NamespaceInfo {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at > 0)
      values.set(
        line.slice(0, at).trim(),
        line
          .slice(at + 1)
          .trim()
          .replaceAll('\\:', ':'),
      );
  }
  const value = (key: string, pattern: RegExp): string => {
    const found = values.get(key);
    if (found === undefined || !pattern.test(found)) {
      throw new LabError(
        'CORRUPT',
        `${path}: ${found === undefined ? `${key} is missing` : `${key}=${found} is not valid`}`,
        {
          remedy: 'Restore the directory from another name directory, or bootstrap this NameNode from the other one.',
        },
      );
    }
    return found;
  };
  const layoutVersion = Number(value('layoutVersion', /^-\d+$/));
  if (value('storageType', /./) !== 'NAME_NODE') {
    throw new LabError('CORRUPT', `${path}: storageType is not NAME_NODE`, {
      remedy: 'This is the directory of another daemon: set dfs.namenode.name.dir to a directory of its own.',
    });
  }
  if (layoutVersion !== IMAGE_LAYOUT_VERSION) {
    throw new LabError(
      'UNSUPPORTED_LAYOUT',
      `${path}: layout version ${layoutVersion}, this NameNode reads ${IMAGE_LAYOUT_VERSION} (Hadoop 3.3) only`,
      {
        remedy: 'Use a directory that Hadoop 3.3 has written, or bootstrap this NameNode from one that runs.',
      },
    );
  }
  return {
    namespaceId: Number(value('namespaceID', /^-?\d+$/)),
    clusterId: value('clusterID', /./),
    blockPoolId: value('blockpoolID', /./),
    cTime: BigInt(value('cTime', /^\d+$/)),
    layoutVersion,
  };
}

/** `-clusterid` takes one, `-genClusterId` prints one. */
export function newClusterId({ random }: Host): string {
  const hex = (random.bits64().toString(16).padStart(16, '0') + random.bits64().toString(16).padStart(16, '0')).split(
    '',
  );
  hex[12] = '4';
  hex[16] = '89ab'[parseInt(hex[16]!, 16) & 3]!;
  const text = hex.join('');
  const uuid = [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
  return `CID-${uuid}`;
}

/** Ids for a namespace that never was, as NNStorage makes them. */
export function newNamespaceInfo(host: Host, options: { clusterId?: string; address: string }): NamespaceInfo {
  const { random, clock } = host;
  const fresh = newClusterId(host);
  return {
    namespaceId: 1 + random.below(0x7ffffffe),
    clusterId: options.clusterId ?? fresh,
    blockPoolId: `BP-${random.below(0x7fffffff)}-${options.address}-${clock.wallMs()}`,
    cTime: BigInt(clock.wallMs()),
    layoutVersion: IMAGE_LAYOUT_VERSION,
  };
}
