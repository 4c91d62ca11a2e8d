/**
 * The keys of ZooKeeper 3.8.4 that would change what is served and are not offered: a server that is asked for one does
 * not start, and says which and why. keys.ts says how to read an entry.
 */
import type { KeyPlace, ZooKeeperKey } from './keys.js';

const isTrue = (value: string): boolean => value.toLowerCase() === 'true';
const isFalse = (value: string): boolean => value.toLowerCase() === 'false';

const refused = (
  key: string,
  where: KeyPlace,
  note: string,
  asks?: (value: string) => boolean,
  type?: ZooKeeperKey['type'],
): ZooKeeperKey => ({
  key,
  where,
  state: 'refused',
  note,
  ...(asks === undefined ? {} : { asks }),
  ...(type === undefined ? {} : { type }),
});

const TLS = 'TLS is not offered';
const SASL = 'SASL is not offered';

/** Providers that are there without being named. */
const OWN_PROVIDERS = /^org\.apache\.zookeeper\.server\.auth\.(DigestAuthenticationProvider|IPAuthenticationProvider)$/;

export const REFUSED_KEYS: readonly ZooKeeperKey[] = [
  refused('secureClientPort', 'zoo.cfg', TLS, (value) => Number(value) !== 0, 'integer'),
  refused('secureClientPortAddress', 'zoo.cfg', TLS),
  refused('sslQuorum', 'zoo.cfg', `${TLS} between servers`, isTrue, 'boolean'),
  refused('portUnification', 'zoo.cfg', `${TLS} between servers`, isTrue, 'boolean'),
  refused('client.portUnification', 'both', TLS, isTrue),
  refused('quorum.auth.enableSasl', 'zoo.cfg', `${SASL} between servers`, isTrue, 'boolean'),
  refused('quorum.auth.serverRequireSasl', 'zoo.cfg', `${SASL} between servers`, isTrue, 'boolean'),
  refused('quorum.auth.learnerRequireSasl', 'zoo.cfg', `${SASL} between servers`, isTrue, 'boolean'),
  refused('group*', 'zoo.cfg', 'groups of servers are not offered: every server has one vote'),
  refused('weight*', 'zoo.cfg', 'weights are not offered: every server has one vote'),
  refused('observerMasterPort', 'zoo.cfg', 'observer masters are not offered', (value) => Number(value) > 0, 'integer'),
  refused('oraclePath', 'zoo.cfg', 'the quorum oracle is not offered'),
  refused('localSessionsEnabled', 'zoo.cfg', 'local sessions are not offered', isTrue, 'boolean'),
  refused('reconfigEnabled', 'zoo.cfg', 'reconfiguration is not offered', isTrue, 'boolean'),
  refused('authProvider.*', 'both', 'only digest, ip and world are offered', (value) => !OWN_PROVIDERS.test(value)),
  refused('DigestAuthenticationProvider.enabled', 'both', 'digest cannot be switched off', (value) => !isTrue(value)),
  refused(
    'DigestAuthenticationProvider.digestAlg',
    'both',
    'only SHA1 is offered',
    (value) => !/^sha-?1$/i.test(value),
  ),
  refused('sessionRequireClientSASLAuth', 'both', SASL, isTrue),
  refused('enforce.auth.enabled', 'both', 'the demand that clients authenticate is not offered', isTrue),
  refused('readonlymode.enabled', 'property', 'read-only servers are not offered', isTrue),
  refused('db.autocreate', 'both', 'a history is never asked for by an "initialize" file', isFalse),
  refused('emulate353TTLNodes', 'both', 'the nodes with a time to live of 3.5.3 are not offered', isTrue),
];
