import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PeerState } from '../../../src/wire/zookeeper/election/notification.js';
import type { Notification } from '../../../src/wire/zookeeper/election/notification.js';
import type { QuorumServer } from '../../../src/config/quorum-peer-config.js';
import { FastLeaderElection } from '../../../src/zookeeper/election/fast-leader-election.js';
import type { ElectionEffect } from '../../../src/zookeeper/election/fast-leader-election.js';
import { Membership } from '../../../src/zookeeper/election/membership.js';
import { runTrace } from '../../trace.js';
import type { Command } from '../../trace.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const stateNames = Object.fromEntries(Object.entries(PeerState).map(([name, state]) => [state, name])) as Record<
  PeerState,
  string
>;
const hex = (value: bigint): string => (value < 0n ? 'none' : `0x${value.toString(16)}`);
const sidText = (sid: number): string => (sid < 0 ? 'nobody' : String(sid));

/** An ensemble of machines whose messages move only when the trace says so. */
class Table {
  readonly #machines = new Map<number, FastLeaderElection>();
  #wires: { from: number; to: number; notification: Notification }[] = [];

  execute({ name, args, options }: Command): string[] {
    switch (name) {
      case 'ensemble': {
        const voters = (options['voters'] ?? '').split(',').map(Number);
        const observers = (options['observers'] ?? '')
          .split(',')
          .filter((word) => word !== '')
          .map(Number);
        const servers: QuorumServer[] = [...voters, ...observers].map((sid) => ({
          sid,
          host: `m${sid}`,
          quorumPort: 2888,
          electionPort: 3888,
          type: voters.includes(sid) ? 'participant' : 'observer',
          client: undefined,
        }));
        for (const { sid } of servers) this.#machines.set(sid, new FastLeaderElection(sid, new Membership(servers)));
        return ['ok'];
      }
      case 'look':
        return args.flatMap((arg) =>
          this.#take(
            Number(arg),
            this.#machine(arg).look({
              lastZxid: BigInt(options['zxid'] ?? 0),
              currentEpoch: BigInt(options['epoch'] ?? 0),
            }),
          ),
        );
      case 'leave':
        for (const arg of args) this.#machine(arg).leave();
        return ['ok'];
      case 'established':
        for (const arg of args) this.#machine(arg).epochEstablished(BigInt(options['epoch']!));
        return ['ok'];
      case 'timeout':
        return args.flatMap((arg) => this.#take(Number(arg), this.#machine(arg).timeout()));
      // deliver            everything, until nothing is on its way
      // deliver 1->2       the messages of one wire that are on their way now
      case 'deliver': {
        if (args.length > 0) return args.flatMap((arg) => this.#deliver(arg));
        const lines: string[] = [];
        while (this.#wires.length > 0) lines.push(...this.#deliver(`${this.#wires[0]!.from}->${this.#wires[0]!.to}`));
        return lines;
      }
      case 'lose':
        this.#wires = args.length === 0 ? [] : this.#wires.filter(({ from, to }) => !args.includes(`${from}->${to}`));
        return ['ok'];
      case 'show':
        return [...this.#machines].map(([sid, machine]) => {
          const { leader, zxid, peerEpoch } = machine.vote;
          return (
            `${sid} ${stateNames[machine.state]} round=${machine.round} vote=(${sidText(leader)} ${hex(zxid)} ` +
            `epoch ${hex(peerEpoch)})`
          );
        });
      default:
        throw new Error(`unknown command ${name}`);
    }
  }

  #machine(sid: string): FastLeaderElection {
    return this.#machines.get(Number(sid))!;
  }

  #deliver(wire: string): string[] {
    const moving = this.#wires.filter(({ from, to }) => `${from}->${to}` === wire);
    this.#wires = this.#wires.filter((message) => !moving.includes(message));
    return moving.flatMap(({ from, to, notification: n }) => [
      `${from}->${to} ${stateNames[n.state]} round=${n.round} vote=(${sidText(n.leader)} ${hex(n.zxid)} epoch ` +
        `${hex(n.peerEpoch)})`,
      ...this.#take(to, this.#machines.get(to)!.receive(from, n)).map((line) => `  ${line}`),
    ]);
  }

  #take(sid: number, effects: readonly ElectionEffect[]): string[] {
    return effects.map((effect) => {
      switch (effect.kind) {
        case 'send':
          this.#wires.push({ from: sid, to: effect.to, notification: effect.notification });
          return (
            `${sid} sends to ${effect.to}: ${stateNames[effect.notification.state]} ` +
            `round=${effect.notification.round} vote=(${sidText(effect.notification.leader)} ` +
            `${hex(effect.notification.zxid)} epoch ${hex(effect.notification.peerEpoch)})`
          );
        case 'setTimer':
          return `${sid} waits ${effect.ms} ms`;
        case 'cancelTimer':
          return `${sid} waits no more`;
        case 'connectAll':
          return `${sid} connects to all`;
        case 'elected':
          return (
            `${sid} is ${stateNames[effect.state]}, server ${effect.vote.leader} leads, round ` + `${effect.vote.round}`
          );
      }
    });
  }
}

const traces = readdirSync(here).filter((name) => name.endsWith('.trace'));
test.each(traces)('%s', async (name) => {
  const table = new Table();
  await expect(runTrace(here + name, (command) => table.execute(command))).toMatchFileSnapshot(here + name);
});
