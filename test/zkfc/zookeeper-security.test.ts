/** ha.zookeeper.acl and ha.zookeeper.auth. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveHost } from '../../src/host/live/index.js';
import { CREATOR_ALL_ACL } from '../../src/wire/zookeeper/data/acl.js';
import { parseAcls, parseAuths, resolveIndirection } from '../../src/zkfc/zookeeper-security.js';

test('ACLs: scheme, an id that may hold colons, permissions', () => {
  expect(parseAcls(' sasl:hdfs/host1@MY.DOMAIN:cdrwa , digest:hdfs:Kx9rGZ=:rw,')).toEqual([
    { perms: 31, id: { scheme: 'sasl', id: 'hdfs/host1@MY.DOMAIN' } },
    { perms: 3, id: { scheme: 'digest', id: 'hdfs:Kx9rGZ=' } },
  ]);
});

test('no ACL: everything to the creator', () => {
  expect(parseAcls('')).toEqual(CREATOR_ALL_ACL);
});

test.each([
  ['world:anyone', "ha.zookeeper.acl: ACL 'world:anyone' not of expected form scheme:id:perm"],
  ['world:anyone:rwx', "ha.zookeeper.acl: Invalid permission 'x' in permission string 'rwx'"],
])('%s is refused', (text, message) => {
  expect(() => parseAcls(text)).toThrow(message);
});

test('credentials, never quoted in a message', () => {
  expect(parseAuths('digest:hdfs:secret, x:y')).toEqual([
    { scheme: 'digest', auth: Buffer.from('hdfs:secret') },
    { scheme: 'x', auth: Buffer.from('y') },
  ]);
  expect(() => parseAuths('digest:a,s3cret')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('s3cret') as unknown }),
  );
});

test('@file holds the value', async () => {
  const host = createLiveHost({ id: 'zkfc1' });
  const file = join(mkdtempSync(join(tmpdir(), 'acl-')), 'auth.txt');
  writeFileSync(file, 'digest:hdfs:secret\n');
  expect(await resolveIndirection(host, 'ha.zookeeper.auth', `@${file}`)).toBe('digest:hdfs:secret');
  expect(await resolveIndirection(host, 'ha.zookeeper.auth', 'plain')).toBe('plain');
  await expect(resolveIndirection(host, 'ha.zookeeper.auth', '@/no/such/file')).rejects.toThrow(
    /ha\.zookeeper\.auth is @\/no\/such\/file, but there is no file/,
  );
});
