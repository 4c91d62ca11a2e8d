/**
 * How many operations a second does a NameNode answer over RPC? It runs alone, without HA, in a process of its own,
 * with its edits on this disk; 16 connections keep 8 calls each under way.
 *
 *   node test/bench/namenode.mjs DIST[,DIST] [SECONDS] [ROUNDS]
 *
 * Each DIST is a directory of compiled sources (`npm run build`: dist). Of two, rounds alternate, so that both meet the
 * same machine, and the ratio of the second to the first is told; the client is the first one's for both. Beside the
 * operations a second stand those for each second of the NameNode's CPU time, which other work does not disturb.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONNECTIONS = 16;
const OUTSTANDING = 8;
const ADDRESS = '127.77.0.1';

if (process.argv[2] === '--server') await serve(process.argv[3], process.argv[4], Number(process.argv[5]));
else await compare();

async function serve(dist, directory, port) {
  const load = (path) => import(join(dist, path));
  const [{ configurationOf }, { createLiveHost }, { nameNodeConfigFrom }, { formatNameNode, startNameNode }] =
    await Promise.all([
      load('config/hadoop/load.js'),
      load('host/live/index.js'),
      load('namenode/config.js'),
      load('namenode/name-node.js'),
    ]);
  const host = createLiveHost({ id: 'nn', address: ADDRESS, logLevel: 'error', logStream: process.stderr });
  const conf = configurationOf({
    'fs.defaultFS': `hdfs://${ADDRESS}:${port}`,
    'dfs.namenode.http-address': `${ADDRESS}:${port + 1}`,
    'dfs.namenode.name.dir': join(directory, 'name'),
    'hadoop.tmp.dir': directory,
  });
  const config = nameNodeConfigFrom(conf, { user: 'hdfs', address: ADDRESS });
  await formatNameNode(host, config, {});
  await startNameNode(host, config);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send((user + system) / 1e6);
  });
  process.send('up');
}

async function compare() {
  const dists = (process.argv[2] ?? '')
    .split(',')
    .filter(Boolean)
    .map((path) => resolve(path));
  if (dists.length === 0) {
    console.error('usage: namenode.mjs DIST[,DIST] [SECONDS] [ROUNDS]');
    process.exit(2);
  }
  const seconds = Number(process.argv[3] ?? 5);
  const rounds = Number(process.argv[4] ?? 3);
  const results = dists.map(() => ({}));
  for (let round = 0; round < rounds; round++) {
    for (const [index, dist] of dists.entries()) {
      const rates = await measure(dist, dists[0], seconds, 31000 + 10 * (round * dists.length + index));
      for (const [operation, rate] of Object.entries(rates)) (results[index][operation] ??= []).push(rate);
    }
  }
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  for (const operation of Object.keys(results[0])) {
    const told = ['perSecond', 'perCpuSecond'].map((unit) => {
      const rates = results.map((result) => median(result[operation].map((rate) => rate[unit])));
      const ratio = rates.length === 2 ? ` ratio ${(rates[1] / rates[0]).toFixed(2)}` : '';
      return `${rates.map((rate) => String(Math.round(rate)).padStart(7)).join('')}${ratio}`;
    });
    console.log(`${operation.padEnd(12)} ${told[0]} a second, ${told[1]} a second of CPU`);
  }
}

async function measure(dist, clientDist, seconds, port) {
  const directory = mkdtempSync(join(tmpdir(), 'halab-bench-'));
  const server = spawn(process.execPath, [fileURLToPath(import.meta.url), '--server', dist, directory, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const rates = {};
  const cpuSeconds = () =>
    new Promise((answer) => {
      server.once('message', answer);
      server.send('cpu');
    });
  try {
    await new Promise((up, failed) => {
      server.once('message', up);
      server.once('exit', (code) => failed(new Error(`the NameNode of ${dist} ended with ${code}`)));
    });
    const [{ createLiveHost }, { createRpcClient }, { clientNamenodeProtocol: protocol }] = await Promise.all([
      import(join(clientDist, 'host/live/index.js')),
      import(join(clientDist, 'wire/hadoop/rpc/client.js')),
      import(join(clientDist, 'wire/hadoop/protocols/client-namenode.js')),
    ]);
    const host = createLiveHost({ id: 'client-bench', logLevel: 'error' });
    const clients = Array.from({ length: CONNECTIONS }, () => createRpcClient(host, { user: 'hdfs' }));
    const at = { host: ADDRESS, port };
    const call = (client, method, request) => client.call(protocol, method, at, request);
    const mode = { perm: 0o755 };
    const operations = {
      mkdirs: (client, name) => call(client, 'mkdirs', { src: `/d/${name}`, masked: mode, createParent: true }),
      create: async (client, name) => {
        const src = `/f/${name}`;
        const clientName = 'bench';
        await call(client, 'create', {
          src,
          masked: mode,
          clientName,
          createFlag: 1,
          createParent: true,
          replication: 3,
          blockSize: 134217728n,
          cryptoProtocolVersion: [],
        });
        await call(client, 'complete', { src, clientName });
      },
      rename: (client, name) => call(client, 'rename', { src: `/d/${name}`, dst: `/r/${name}` }),
      getFileInfo: (client, name) => call(client, 'getFileInfo', { src: `/f/${name}` }),
    };
    await call(clients[0], 'mkdirs', { src: '/r', masked: mode, createParent: true });
    const made = {};
    for (const [operation, run] of Object.entries(operations)) {
      made[operation] = 0;
      const limit = operation === 'rename' ? made.mkdirs : Infinity;
      const names = operation === 'getFileInfo' ? made.create : Infinity;
      const cpu = await cpuSeconds();
      const start = performance.now();
      const end = start + seconds * 1000;
      await Promise.all(
        Array.from({ length: CONNECTIONS * OUTSTANDING }, async (_, lane) => {
          const client = clients[lane % CONNECTIONS];
          while (performance.now() < end && made[operation] < limit) await run(client, made[operation]++ % names);
        }),
      );
      const took = (performance.now() - start) / 1000;
      const used = (await cpuSeconds()) - cpu;
      rates[operation] = { perSecond: made[operation] / took, perCpuSecond: made[operation] / used };
    }
    for (const client of clients) client.close();
  } finally {
    server.removeAllListeners('exit');
    server.kill('SIGKILL');
    await new Promise((ended) => server.once('exit', ended));
    rmSync(directory, { recursive: true, force: true });
  }
  return rates;
}
