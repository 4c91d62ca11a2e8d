/** One ZooKeeper server of ours in this process, on a loopback address of its own, and zkCli.sh's shell on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZkShell } from '../../src/cli/zk-cli/shell.js';
import { quorumPeerConfig } from '../../src/config/quorum-peer-config.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { startQuorumPeer } from '../../src/zookeeper/quorum-peer.js';

export interface ZkServer {
  readonly server: string;
  stop(): Promise<void>;
}

let started = 0;

export async function startZooKeeper(): Promise<ZkServer> {
  const address = `127.16.${process.pid % 250}.${++started}`;
  const directory = mkdtempSync(join(tmpdir(), 'halab-zk-'));
  const host = createLiveHost({ id: 'zk1', address });
  const peer = await startQuorumPeer(
    host,
    quorumPeerConfig({
      sid: 1,
      dataDir: directory,
      tickTimeMs: 1000,
      client: { host: address, port: 2181 },
      servers: [
        { sid: 1, host: address, quorumPort: 2888, electionPort: 3888, type: 'participant', client: undefined },
      ],
    }),
  );
  return {
    server: `${address}:2181`,
    async stop() {
      await peer.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly line: string;
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Types the lines one after the other; what a line brings about is awaited. */
export async function typeAt(server: string, lines: readonly string[]): Promise<readonly Answer[]> {
  let out = '';
  let err = '';
  const shell = new ZkShell(createLiveHost({ id: 'zkcli' }), {
    server,
    timeoutMs: 20_000,
    out: (text) => (out += `${text}\n`),
    error: (text) => (err += `${text}\n`),
  });
  const settle = (): Promise<void> => shell.client.sync('/').catch(() => undefined);
  await settle();
  const answers: Answer[] = [];
  for (const line of lines) {
    out = err = '';
    await shell.line(line);
    await settle();
    answers.push({ line, code: shell.exitCode, out, err });
  }
  await shell.client.close();
  return answers;
}

/**
 * As a transcript: what was typed after `$`, what came on standard error after `!`, an exit code other than 0 after
 * `=`. What differs from run to run is left out.
 */
export function transcript(answers: readonly Answer[], server: string): string {
  const marked = (text: string, mark: string): string =>
    text
      .replaceAll(server, 'HOST:2181')
      .replaceAll(server.split(':')[0]!, 'HOST')
      .replace(/0x[0-9a-f]+/g, '0x-')
      .replace(/^([cm]time = ).*$/gm, '$1-')
      .split('\n')
      .slice(0, -1)
      .map((line) => `${mark}${line}\n`)
      .join('');
  return answers
    .map(
      ({ line, code, out, err }) =>
        `$ ${line}\n${marked(out, '')}${marked(err, '! ')}${code === 0 ? '' : `= ${code}\n`}`,
    )
    .join('');
}
