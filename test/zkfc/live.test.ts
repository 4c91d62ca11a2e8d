/** Two ZKFCs over real sockets, with a real fencing command: the simulator's world is not the only one they work in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LabEvent } from '../../src/base/events.js';
import { configurationOf } from '../../src/config/hadoop/load.js';
import type { Host } from '../../src/host/host.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { bindProtocol, createRpcServer } from '../../src/wire/hadoop/rpc/server.js';
import { zkfcConfigFrom } from '../../src/zkfc/config.js';
import { formatZk } from '../../src/zkfc/format-zk.js';
import { startZkfc } from '../../src/zkfc/zkfc.js';
import { quorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { startQuorumPeer } from '../../src/zookeeper/quorum-peer.js';

const LOOPBACK = '127.0.0.1';
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

test('format, elect, lose the active, fence, take over', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'zkfc-live-'));
  running.push(async () => rmSync(directory, { recursive: true }));
  const events: (LabEvent & { role: string })[] = [];
  let look = (): void => {};
  const hostOf = (id: string, address: string): Host => ({
    ...createLiveHost({ id, address }),
    emit: (event) => {
      events.push({ ...event, role: id });
      look();
    },
  });
  const reached = (what: string, holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `not within 20 s: ${what}; so far ${events.map(({ role, type }) => `${role} ${type}`).join(', ')}`,
            ),
          ),
        20_000,
      );
      look = () => {
        if (!holds()) return;
        clearTimeout(timer);
        resolve();
      };
      look();
    });

  // A port that is free now, most likely still is in a moment.
  const probe = await hostOf('probe', LOOPBACK).net.listen({ host: LOOPBACK, port: 0 }, () => ({
    onData: () => {},
    onClose: () => {},
  }));
  const client = { host: LOOPBACK, port: probe.endpoint.port };
  await probe.close();
  const zookeeper = await startQuorumPeer(
    hostOf('zk1', LOOPBACK),
    quorumPeerConfig({ sid: 1, servers: [], client, dataDir: join(directory, 'zk'), tickTimeMs: 500 }),
  );
  running.push(() => zookeeper.stop());

  const nameNodes = await Promise.all(
    (['nn1', 'nn2'] as const).map(async (id) => {
      const self = { id, state: 'STANDBY' as keyof typeof HAServiceStateProto };
      const server = await createRpcServer(
        hostOf(id, LOOPBACK),
        { host: LOOPBACK, port: 0 },
        {
          protocols: [
            bindProtocol(haServiceProtocol, {
              getServiceStatus: (_request, call) =>
                call.reply({ state: HAServiceStateProto[self.state], readyToBecomeActive: true }),
              monitorHealth: (_request, call) => call.reply({}),
              transitionToActive: (_request, call) => {
                self.state = 'ACTIVE';
                call.reply({});
              },
              transitionToStandby: (_request, call) => {
                self.state = 'STANDBY';
                call.reply({});
              },
            }),
          ],
        },
      );
      running.push(() => server.close());
      return Object.assign(self, { server });
    }),
  );

  const conf = configurationOf({
    'ha.zookeeper.quorum': `${client.host}:${client.port}`,
    'dfs.nameservices': 'ns',
    'dfs.ha.namenodes.ns': 'nn1,nn2',
    ...Object.fromEntries(
      nameNodes.map(({ id, server }) => [
        `dfs.namenode.rpc-address.ns.${id}`,
        `${server.endpoint.host}:${server.endpoint.port}`,
      ]),
    ),
    'dfs.ha.zkfc.port': '0',
    'dfs.ha.automatic-failover.enabled': 'true',
    'dfs.ha.fencing.methods': `shell(echo "$target_namenodeid" >> ${join(directory, 'fenced')})`,
  });
  const configs = nameNodes.map(({ id }) => zkfcConfigFrom(conf, { nameserviceId: 'ns', nameNodeId: id }));
  expect(
    await formatZk(hostOf('format', LOOPBACK), configs[0]!, {
      force: false,
      nonInteractive: true,
      confirm: () => Promise.resolve(false),
    }),
  ).toBe(0);
  for (const [index, config] of configs.entries()) {
    const zkfc = await startZkfc(hostOf(`zkfc${index + 1}`, LOOPBACK), config);
    running.push(() => zkfc.stop());
  }
  await reached('one standby', () => events.some(({ type }) => type === 'StandbyRequested'));
  await reached('one asked to be active', () => events.some(({ type }) => type === 'ActivationRequested'));
  const target = (events.find(({ type }) => type === 'ActivationRequested') as { target: string }).target;
  const active = nameNodes.find(({ id }) => id === target)!;
  const standby = nameNodes.find(({ id }) => id !== target)!;
  await active.server.close();
  await reached('the other asked to be active', () =>
    events.some((event) => event.type === 'ActivationRequested' && event.target === standby.id),
  );
  expect(readFileSync(join(directory, 'fenced'), 'utf8')).toBe(`${active.id}\n`);
});
