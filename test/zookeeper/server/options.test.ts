/** What zoo.cfg and system properties change about a server; see conversation-options.ts for the answers themselves. */
import { describe, expect, test } from 'vitest';
import { writeSetAclRequest } from '../../../src/wire/zookeeper/client/set-acl.js';
import { writeCreateTtlRequest } from '../../../src/wire/zookeeper/client/create-ttl.js';
import { OPEN_ACL_UNSAFE, Perms } from '../../../src/wire/zookeeper/data/acl.js';
import type { Acl } from '../../../src/wire/zookeeper/data/acl.js';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { create, del, exists, get, set } from './requests.js';
import { TestClient } from './test-client.js';
import { testServer } from './test-server.js';

const theirs: readonly Acl[] = [{ perms: Perms.ALL, id: { scheme: 'digest', id: 'somebody:hash' } }];

describe('skipACL', () => {
  for (const skipAcl of [false, true]) {
    test(skipAcl ? 'on: everybody may do everything, and hears of it' : 'off', async () => {
      const host = await testServer({ skipAcl });
      const [watcher, writer] = [new TestClient(host), new TestClient(host)];
      await watcher.connect();
      await writer.connect();
      await writer.call(...create('/n'));
      await watcher.call(...get('/n', true));
      await writer.call(Op.setACL, (w) => writeSetAclRequest(w, { path: '/n', acl: theirs, version: -1 }));
      const code = skipAcl ? ErrorCode.OK : ErrorCode.NOAUTH;
      expect((await writer.call(...set('/n', 'x'))).err).toBe(code);
      expect(await watcher.events()).toEqual(skipAcl ? ['3 /n'] : []);
      expect((await watcher.call(...get('/n'))).err).toBe(code);
      expect((await watcher.call(...create('/n/below'))).err).toBe(code);
    });
  }
});

test('a node with a time to live goes a minute after it at the latest, and not while it has children', async () => {
  const host = await testServer({ extendedTypesEnabled: true });
  const client = new TestClient(host);
  await client.connect({ timeOut: 40_000 });
  for (const path of ['/short', '/busy'])
    await client.call(Op.createTTL, (w) =>
      writeCreateTtlRequest(w, { path, data: null, acl: OPEN_ACL_UNSAFE, flags: 5, ttl: 1000n }),
    );
  await client.call(...create('/busy/child'));
  for (let i = 0; i < 4; i++) {
    await host.advance(20_000);
    await client.call(Op.ping, undefined, -2);
  }
  expect((await client.call(...exists('/short'))).err).toBe(ErrorCode.NONODE);
  expect((await client.call(...exists('/busy'))).err).toBe(ErrorCode.OK);
});

describe('quotas', () => {
  const limit = (text: string): Parameters<TestClient['call']> =>
    create('/zookeeper/quota/q/zookeeper_limits', 0, text);

  async function limited(enforceQuota: boolean, text: string) {
    const host = await testServer({ enforceQuota });
    const client = new TestClient(host);
    await client.connect();
    for (const request of [
      create('/q', 0, ''),
      create('/zookeeper/quota/q'),
      limit(text),
      create('/zookeeper/quota/q/zookeeper_stats', 0, 'count=0,bytes=0'),
    ])
      expect((await client.call(...request)).err).toBe(ErrorCode.OK);
    return { host, client };
  }

  test('a soft limit is told of in the log, a hard one refuses', async () => {
    const { host, client } = await limited(true, 'count=1,bytes=-1=;byteHardLimit=3');
    expect((await client.call(...create('/q/a', 0, 'abc'))).err).toBe(ErrorCode.OK);
    expect(host.logLines).toContain('quota of /q exceeded: count 2, soft limit 1');
    await host.advance(200);
    expect((await client.call(...create('/q/b', 0, 'd'))).err).toBe(ErrorCode.QUOTAEXCEEDED);
    expect((await client.call(...set('/q/a', 'abcd'))).err).toBe(ErrorCode.QUOTAEXCEEDED);
    // Nothing was counted for what was refused.
    expect((await client.call(...del('/q/a'))).err).toBe(ErrorCode.OK);
    expect((await client.call(...create('/q/b', 0, 'abc'))).err).toBe(ErrorCode.OK);
  });

  test('without enforceQuota no limit refuses', async () => {
    const { client } = await limited(false, 'count=1,bytes=-1=;countHardLimit=1');
    expect((await client.call(...create('/q/a'))).err).toBe(ErrorCode.OK);
  });
});
