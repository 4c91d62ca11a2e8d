/**
 * The namespace's answers, in Hadoop's classes and words: taken down from Apache's NameNode 3.3.6 where a message is
 * given.
 */
import { expect, test, describe } from 'vitest';
import { setOwner, setPermission, setReplication, setTimes } from '../../../src/namenode/namespace/attributes.js';
import { complete, releaseExpiredLeases } from '../../../src/namenode/namespace/complete.js';
import { create } from '../../../src/namenode/namespace/create.js';
import { deletePath } from '../../../src/namenode/namespace/delete.js';
import { compareNames } from '../../../src/namenode/namespace/inode.js';
import { mkdirs } from '../../../src/namenode/namespace/mkdirs.js';
import type { Namespace } from '../../../src/namenode/namespace/namespace.js';
import type { Caller } from '../../../src/namenode/namespace/permissions.js';
import { rename, rename2 } from '../../../src/namenode/namespace/rename.js';
import { getContentSummary, getFileInfo, getListing } from '../../../src/namenode/namespace/status.js';
import { NO_RPC_IDS } from '../../../src/wire/edits/ops/writable.js';
import { bob, eve, hdfs, newNamespace } from './new-namespace.js';

function touch(
  ns: Namespace,
  caller: Caller,
  path: string,
  options: { overwrite?: boolean; open?: boolean; client?: string; createParent?: boolean } = {},
): void {
  const client = options.client ?? 'client-1';
  create(ns, caller, {
    path,
    mode: 0o644,
    clientName: client,
    clientMachine: '127.0.0.1',
    flags: options.overwrite === true ? 3 : 1,
    createParent: options.createParent ?? true,
    replication: 3,
    blockSize: 134217728,
    rpcIds: NO_RPC_IDS,
  });
  if (options.open !== true) complete(ns, caller, { path, clientName: client, fileId: 0, last: undefined });
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const { className, message } = error as { className: string; message: string };
    return `${className}: ${message}`;
  }
  return 'no refusal';
}

const names = (ns: Namespace, path: string): string[] =>
  getListing(ns, hdfs, path, '')!.entries.map(({ name }) => name);

describe('mkdirs', () => {
  test('makes what is missing, passable for its owner, and is content with what exists', () => {
    const { ns, log } = newNamespace();
    mkdirs(ns, hdfs, '/a/b/c', 0o500, true);
    expect(log.map((op) => (op.type === 'OP_MKDIR' ? [op.path, op.permission.mode.toString(8)] : op.type))).toEqual([
      ['/a', '700'],
      ['/a/b', '700'],
      ['/a/b/c', '500'],
    ]);
    mkdirs(ns, hdfs, '/a/b/c', 0o755, true);
    expect(log).toHaveLength(3);
  });

  test('refuses', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/user/empty');
    expect(refusal(() => mkdirs(ns, hdfs, '/user/empty/x', 0o755, true))).toBe(
      'org.apache.hadoop.fs.ParentNotDirectoryException: /user/empty (is not a directory)',
    );
    expect(refusal(() => mkdirs(ns, hdfs, '/user/empty', 0o755, true))).toBe(
      'org.apache.hadoop.fs.FileAlreadyExistsException: Path is not a directory: /user/empty',
    );
    expect(refusal(() => mkdirs(ns, hdfs, '/no/parent', 0o755, false))).toBe(
      "java.io.FileNotFoundException: Parent directory doesn't exist: /no",
    );
    expect(refusal(() => mkdirs(ns, hdfs, `/${'x'.repeat(300)}`, 0o755, true))).toBe(
      `org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException: The maximum path component ` +
        `name limit of ${'x'.repeat(300)} in directory / is exceeded: limit=255 length=300`,
    );
    expect(refusal(() => mkdirs(ns, hdfs, '/a:b', 0o755, true))).toBe(
      'org.apache.hadoop.fs.InvalidPathException: Invalid path name Invalid file name: /a:b',
    );
    expect(refusal(() => mkdirs(ns, hdfs, '/a/../b', 0o755, true))).toContain('InvalidPathException');
    expect(refusal(() => mkdirs(ns, hdfs, '/.reserved', 0o755, true))).toContain(
      'File name ".reserved" is reserved and cannot be created.',
    );
    expect(refusal(() => mkdirs(ns, hdfs, '/a/.snapshot', 0o755, true))).toContain('".snapshot" is a reserved name.');
    expect(refusal(() => mkdirs(ns, bob, '/bob', 0o755, true))).toBe(
      'org.apache.hadoop.security.AccessControlException: Permission denied: user=bob, access=WRITE, ' +
        'inode="/":hdfs:supergroup:drwxr-xr-x',
    );
  });
});

describe('create and complete', () => {
  test('refuses what is there, unless told to overwrite', () => {
    const { ns, log } = newNamespace();
    mkdirs(ns, hdfs, '/user/e', 0o755, true);
    touch(ns, hdfs, '/user/f');
    expect(refusal(() => touch(ns, hdfs, '/user/e'))).toBe(
      'org.apache.hadoop.fs.FileAlreadyExistsException: /user/e already exists as a directory',
    );
    expect(refusal(() => touch(ns, hdfs, '/user/f'))).toBe(
      'org.apache.hadoop.fs.FileAlreadyExistsException: /user/f for client 127.0.0.1 already exists',
    );
    const before = getFileInfo(ns, hdfs, '/user/f')!.fileId;
    touch(ns, hdfs, '/user/f', { overwrite: true });
    expect(getFileInfo(ns, hdfs, '/user/f')!.fileId).toBe(before + 1);
    expect(log.filter(({ type }) => type === 'OP_DELETE')).toEqual([]);
  });

  test('a lease keeps others off until its soft limit, and is taken away at the hard one', () => {
    const { ns, clock, log } = newNamespace();
    touch(ns, hdfs, '/f', { open: true, client: 'writer' });
    expect(refusal(() => touch(ns, hdfs, '/f', { client: 'other' }))).toBe(
      'org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException: Failed to CREATE_FILE /f for other on ' +
        '127.0.0.1 because this file lease is currently owned by writer on 127.0.0.1',
    );
    expect(refusal(() => touch(ns, hdfs, '/f', { client: 'writer' }))).toContain(
      'because writer is already the current lease holder.',
    );
    expect(refusal(() => complete(ns, hdfs, { path: '/f', clientName: 'other', fileId: 16386, last: undefined }))).toBe(
      'org.apache.hadoop.hdfs.server.namenode.LeaseExpiredException: Client (=other) is not the lease owner ' +
        '(=writer: /f (inode 16386) Holder other does not have any open files.',
    );
    clock.ms += 61_000;
    expect(refusal(() => touch(ns, hdfs, '/f', { client: 'other' }))).toContain('already exists');
    expect(log.at(-1)!.type).toBe('OP_CLOSE');

    touch(ns, hdfs, '/g', { open: true, client: 'writer' });
    clock.ms += 1_199_000;
    ns.leases.renew('writer');
    clock.ms += 2_000;
    expect(releaseExpiredLeases(ns, 1_200_000)).toBe(0);
    clock.ms += 1_200_000;
    expect(releaseExpiredLeases(ns, 1_200_000)).toBe(1);
    expect(ns.leases.fileCount).toBe(0);
  });

  test('completing twice is a retry', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/f');
    expect(complete(ns, hdfs, { path: '/f', clientName: 'client-1', fileId: 16386, last: undefined }).value).toBe(true);
    expect(
      refusal(() => complete(ns, hdfs, { path: '/none', clientName: 'c', fileId: 99999, last: undefined })),
    ).toContain('FileNotFoundException: File does not exist: /none (inode 99999)');
  });

  test('a file that was renamed while it was written is completed by its id', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/f', { open: true });
    rename(ns, hdfs, '/f', '/g', NO_RPC_IDS);
    expect(complete(ns, hdfs, { path: '/f', clientName: 'client-1', fileId: 16386, last: undefined }).value).toBe(true);
    expect(getFileInfo(ns, hdfs, '/g')!.fileId).toBe(16386);
  });

  test('limits of block size and replication', () => {
    const { ns } = newNamespace();
    const request = {
      path: '/f',
      mode: 0o644,
      clientName: 'c',
      clientMachine: 'm',
      flags: 1,
      createParent: true,
      replication: 3,
      blockSize: 1024,
      rpcIds: NO_RPC_IDS,
    };
    expect(refusal(() => create(ns, hdfs, request))).toBe(
      'java.io.IOException: Specified block size is less than configured minimum value ' +
        '(dfs.namenode.fs-limits.min-block-size): 1024 < 1048576',
    );
    expect(refusal(() => create(ns, hdfs, { ...request, blockSize: 1048576, replication: 600 }))).toBe(
      'java.io.IOException: Requested replication factor of 600 exceeds maximum of 512 for /f, clientName=m',
    );
  });
});

describe('rename', () => {
  test('says no by false', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/user/hdfs/f');
    touch(ns, hdfs, '/g');
    expect(rename(ns, hdfs, '/nope', '/x', NO_RPC_IDS).value).toBe(false);
    expect(rename(ns, hdfs, '/user', '/user/hdfs/sub', NO_RPC_IDS).value).toBe(false);
    expect(rename(ns, hdfs, '/user/hdfs/f', '/g', NO_RPC_IDS).value).toBe(false);
    expect(rename(ns, hdfs, '/g', '/no/parent', NO_RPC_IDS).value).toBe(false);
    expect(rename(ns, hdfs, '/', '/x', NO_RPC_IDS).value).toBe(false);
  });

  test('goes into a directory, keeps ids and what is below', () => {
    const { ns, log } = newNamespace();
    mkdirs(ns, hdfs, '/a/b/c', 0o755, true);
    mkdirs(ns, hdfs, '/into', 0o755, true);
    const id = getFileInfo(ns, hdfs, '/a/b/c')!.fileId;
    expect(rename(ns, hdfs, '/a/b', '/into', NO_RPC_IDS).value).toBe(true);
    expect(log.at(-1)).toMatchObject({ type: 'OP_RENAME_OLD', src: '/a/b', dst: '/into/b' });
    expect(getFileInfo(ns, hdfs, '/into/b/c')!.fileId).toBe(id);
    expect(names(ns, '/a')).toEqual([]);
  });

  test('rename2 says why', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/f');
    touch(ns, hdfs, '/g');
    mkdirs(ns, hdfs, '/d/e', 0o755, true);
    const to = (src: string, dst: string, ...options: number[]): string =>
      refusal(() => rename2(ns, hdfs, src, dst, options, NO_RPC_IDS));
    expect(to('/nope', '/x', 0)).toBe('java.io.FileNotFoundException: rename source /nope is not found.');
    expect(to('/f', '/g', 0)).toBe(
      'org.apache.hadoop.fs.FileAlreadyExistsException: rename destination /g already exists',
    );
    expect(to('/f', '/f', 0)).toBe(
      'org.apache.hadoop.fs.FileAlreadyExistsException: The source /f and destination /f are the same',
    );
    expect(to('/f', '/d', 1)).toBe('java.io.IOException: Source /f and destination /d must both be directories');
    expect(to('/d', '/d/e/x', 0)).toBe(
      'java.io.IOException: Rename destination /d/e/x is a directory or file under source /d',
    );
    expect(to('/f', '/no/x', 0)).toBe('java.io.FileNotFoundException: rename destination parent /no/x not found.');
    mkdirs(ns, hdfs, '/other', 0o755, true);
    expect(to('/other', '/d', 1)).toBe('java.io.IOException: rename destination directory is not empty: /d');
    expect(to('/f', '/g', 1)).toBe('no refusal');
    expect(names(ns, '/')).toEqual(['d', 'g', 'other']);
  });
});

describe('delete', () => {
  test('wants to be told to take a whole tree', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/user/a/f', { open: true });
    expect(refusal(() => deletePath(ns, hdfs, '/user', false, NO_RPC_IDS))).toBe(
      "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException: `/user is non empty': Directory is not empty",
    );
    expect(deletePath(ns, hdfs, '/user', true, NO_RPC_IDS).value).toBe(true);
    expect([ns.inodeCount, ns.leases.fileCount]).toEqual([1, 0]);
    expect(deletePath(ns, hdfs, '/user', true, NO_RPC_IDS).value).toBe(false);
    expect(deletePath(ns, hdfs, '/', true, NO_RPC_IDS).value).toBe(false);
  });

  test('the sticky bit protects what others own', () => {
    const { ns } = newNamespace();
    mkdirs(ns, hdfs, '/tmp', 0o1777, true);
    touch(ns, bob, '/tmp/bobs');
    expect(refusal(() => deletePath(ns, eve, '/tmp/bobs', false, NO_RPC_IDS))).toBe(
      'org.apache.hadoop.security.AccessControlException: Permission denied by sticky bit: user=eve, ' +
        'path="/tmp/bobs":bob:supergroup:-rw-r--r--, parent="/tmp":hdfs:supergroup:drwxrwxrwt',
    );
    expect(deletePath(ns, bob, '/tmp/bobs', false, NO_RPC_IDS).value).toBe(true);
  });
});

describe('attributes', () => {
  test('who may change what', () => {
    const { ns } = newNamespace();
    mkdirs(ns, hdfs, '/user', 0o755, true);
    mkdirs(ns, hdfs, '/tmp', 0o1777, true);
    touch(ns, bob, '/tmp/bobs');
    expect(refusal(() => setOwner(ns, bob, '/tmp/bobs', 'alice', ''))).toBe(
      'org.apache.hadoop.security.AccessControlException: User bob is not a super user (non-super user cannot ' +
        'change owner).',
    );
    expect(refusal(() => setOwner(ns, bob, '/tmp/bobs', '', 'staff'))).toBe(
      'org.apache.hadoop.security.AccessControlException: User bob does not belong to staff',
    );
    expect(refusal(() => setPermission(ns, bob, '/user', 0o777))).toBe(
      'org.apache.hadoop.security.AccessControlException: Permission denied. user=bob is not the owner of inode=/user',
    );
    expect(refusal(() => setTimes(ns, bob, '/user', 1, 1))).toBe(
      'org.apache.hadoop.security.AccessControlException: Permission denied: user=bob, access=WRITE, ' +
        'inode="/user":hdfs:supergroup:drwxr-xr-x',
    );
    expect(refusal(() => setPermission(ns, hdfs, '/.reserved', 0))).toBe(
      'org.apache.hadoop.fs.InvalidPathException: Invalid path name /.reserved',
    );
    expect(refusal(() => setPermission(ns, hdfs, '/none', 0))).toBe(
      'java.io.FileNotFoundException: File does not exist: /none',
    );
    expect(setReplication(ns, hdfs, '/user', 2).value).toBe(false);
    expect(setReplication(ns, hdfs, '/tmp/bobs', 2).value).toBe(true);
    setOwner(ns, bob, '/tmp/bobs', '', 'bob');
    expect(getFileInfo(ns, hdfs, '/tmp/bobs')).toMatchObject({ owner: 'bob', group: 'bob', replication: 2 });
  });

  test('without permissions everybody may', () => {
    const { ns } = newNamespace({ permissionsEnabled: false });
    mkdirs(ns, bob, '/user/x', 0o000, true);
    setOwner(ns, eve, '/user', 'eve', 'staff');
    expect(getFileInfo(ns, bob, '/user/x')).toBeDefined();
  });
});

describe('looking', () => {
  test('below a file there is nothing for the superuser, and no way for others', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/f');
    expect(getFileInfo(ns, hdfs, '/f/x')).toBeUndefined();
    expect(refusal(() => getFileInfo(ns, bob, '/f/x'))).toBe(
      'org.apache.hadoop.security.AccessControlException: /f (is not a directory)',
    );
    mkdirs(ns, hdfs, '/closed/in', 0o700, true);
    expect(refusal(() => getFileInfo(ns, bob, '/closed/in'))).toBe(
      'org.apache.hadoop.security.AccessControlException: Permission denied: user=bob, access=EXECUTE, ' +
        'inode="/closed":hdfs:supergroup:drwx------',
    );
    expect(getFileInfo(ns, bob, '/closed')).toBeDefined();
    expect(getListing(ns, hdfs, '/none', '')).toBeUndefined();
  });

  test('a long listing comes in pages', () => {
    const { ns } = newNamespace({ lsLimit: 10 });
    for (let i = 0; i < 35; i++) mkdirs(ns, hdfs, `/d/${String(i).padStart(2, '0')}`, 0o755, true);
    const seen: string[] = [];
    let after = '';
    const remaining: number[] = [];
    for (;;) {
      const page = getListing(ns, hdfs, '/d', after)!;
      seen.push(...page.entries.map(({ name }) => name));
      remaining.push(page.remaining);
      if (page.remaining === 0) break;
      after = seen.at(-1)!;
      deletePath(ns, hdfs, `/d/${after}`, true, NO_RPC_IDS);
    }
    expect(seen).toHaveLength(35);
    expect(new Set(seen).size).toBe(35);
    expect(remaining).toEqual([25, 15, 5, 0]);
  });

  test('names stand in the order of signed bytes, as Java keeps them', () => {
    const order = ['\u{1F600}', 'a', 'Z', '\uFF5E', 'ü', '名', 'aa', '0'].sort(compareNames);
    expect(order).toEqual(['ü', '名', '\uFF5E', '\u{1F600}', '0', 'Z', 'a', 'aa']);
    const bytes = [...order].map((name) => [...Buffer.from(name)].map((byte) => (byte << 24) >> 24));
    for (let i = 1; i < bytes.length; i++) {
      const at = bytes[i]!.findIndex((byte, j) => byte !== bytes[i - 1]![j]);
      expect(bytes[i]![at]!).toBeGreaterThan(bytes[i - 1]![at] ?? -129);
    }
  });

  test('content summary', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/a/f');
    touch(ns, hdfs, '/a/b/g');
    expect(getContentSummary(ns, hdfs, '/')).toMatchObject({
      fileCount: 2,
      directoryCount: 3,
      quota: 0x7fffffffffffffffn,
      spaceQuota: -1n,
    });
    expect(getContentSummary(ns, hdfs, '/a/f')).toMatchObject({ fileCount: 1, directoryCount: 0 });
  });

  test('an inode by its id', () => {
    const { ns } = newNamespace();
    touch(ns, hdfs, '/a/f');
    expect(getFileInfo(ns, hdfs, '/.reserved/.inodes/16387')!.fileId).toBe(16387);
    expect(getFileInfo(ns, hdfs, '/.reserved/.inodes/16386/f')!.fileId).toBe(16387);
    expect(refusal(() => getFileInfo(ns, hdfs, '/.reserved/.inodes/99'))).toContain(
      'File for given inode path does not exist',
    );
  });
});
