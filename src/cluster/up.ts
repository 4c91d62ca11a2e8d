/**
 * `halab up`: from nothing, or from what is there, to a lab that serves. ZooKeeper and JournalNodes first, all at once;
 * then, on first use, the formatting; then NameNodes and ZKFCs. Nothing waits for a time: everything waits for an
 * answer. What was started is stopped again if something fails.
 */
import { LabError } from '../base/errors.js';
import { accepts, checkPort, portInUse } from './addresses.js';
import { stopRoles } from './control.js';
import type { Described } from './draft.js';
import { checkFormattable, lookWhatIsFormatted, writeMyIds } from './first-use.js';
import { openGate, type GateWord } from './gate.js';
import { saveLab, type Lab } from './lab.js';
import { takeLabLock } from './lab-lock.js';
import { launch } from './launch.js';
import { readPidFile } from './pid-file.js';
import { hostOf, rolesOfPlan, type PlannedRole } from './plan.js';
import type { Prober } from './probe.js';
import { waitFor } from './ready.js';
import { configurationOn } from './render-hosts.js';
import { pidFile } from './state-dir.js';
import { isSettled, rolesOf, type LabStatus } from './status.js';

export interface UpOptions {
  /** `active`: one NameNode active, the others standby. `started`: every role answers. */
  readonly wait: 'active' | 'started';
  readonly limitMs?: number;
  /** Something a user should know, as it happens. */
  readonly notice?: (text: string) => void;
}

const DEFAULT_LIMIT_MS = 60_000;

/** Resolves with the lab as it stands. Rejects LabError; then what this call started is stopped. */
export async function bringUp(lab: Lab, described: Described, options: UpOptions): Promise<LabStatus> {
  const { release } = await takeLabLock(lab, { waitMs: options.limitMs ?? DEFAULT_LIMIT_MS, notice: options.notice });
  const started: PlannedRole[] = [];
  const start = new Start(lab, described, options, started);
  try {
    return await start.run();
  } catch (error) {
    await stopRoles(lab, started, 2000);
    throw error;
  } finally {
    await start.close();
    await release();
  }
}

class Start {
  readonly #lab: Lab;
  readonly #described: Described;
  readonly #options: UpOptions;
  readonly #started: PlannedRole[];
  readonly #deadline: number;
  #loaded: Promise<Prober> | undefined;

  constructor(lab: Lab, described: Described, options: UpOptions, started: PlannedRole[]) {
    this.#lab = lab;
    this.#described = described;
    this.#options = options;
    this.#started = started;
    this.#deadline = Date.now() + (options.limitMs ?? DEFAULT_LIMIT_MS);
  }

  /** Clients of every protocol, loaded while the processes load theirs. */
  #prober(): Promise<Prober> {
    return (this.#loaded ??= import('./probe.js').then(({ createProber }) => createProber(this.#lab)));
  }

  async close(): Promise<void> {
    await (await this.#loaded)?.close();
  }

  async run(): Promise<LabStatus> {
    const lab = this.#lab;
    // Without automatic failover a ZKFC would only refuse to run.
    const all = rolesOfPlan(lab.plan).filter((role) => role.kind !== 'zkfc' || lab.plan.automaticFailover);
    const kind = (...kinds: PlannedRole['kind'][]): PlannedRole[] => all.filter((role) => kinds.includes(role.kind));
    const missing = all.filter((role) => !this.#runs(role));
    await this.#checkPorts(missing);
    const found = lookWhatIsFormatted(lab, this.#described);
    checkFormattable(lab, found);
    writeMyIds(lab, this.#described);

    // All at once: what may only begin later loads its code meanwhile and waits at its gate.
    this.#launch(kind('zookeeper', 'journalnode'));
    this.#launch(kind('namenode', 'zkfc'), true);
    const election = lab.plan.automaticFailover ? this.#election(kind('zkfc')) : Promise.resolve();
    // A failure of the other branch must not go unheard while this one waits.
    election.catch(() => {});
    const controllers = await this.#nameNodes(kind('journalnode'), found, election);
    await Promise.all([election, ...controllers]);
    const status = await this.#settled(all);
    saveLab({ ...lab, startedAt: missing.length > 0 ? Date.now() : lab.startedAt });
    return status;
  }

  /** Resolves with what still goes on when all NameNodes are launched: each has its ZKFC launched once it answers. */
  async #nameNodes(
    journalNodes: readonly PlannedRole[],
    found: ReturnType<typeof lookWhatIsFormatted>,
    election: Promise<void>,
  ): Promise<readonly Promise<void>[]> {
    let first = found.nameNodes;
    let bare = found.bare;
    if (first.length === 0) {
      // Every JournalNode is formatted with the namespace, so all have to answer, not a majority.
      await Promise.all(journalNodes.map((role) => this.#open(role)));
      first = bare.slice(0, 1);
      bare = bare.slice(1);
      this.#begin(first, 'format');
    } else {
      this.#begin(first, 'start');
    }
    const controllers: Promise<void>[] = [];
    const follow = (roles: readonly PlannedRole[]): void => {
      for (const role of roles) {
        const controller = this.#controller(role, election);
        controller.catch(() => {}); // heard by whoever waits for all
        controllers.push(controller);
      }
    };
    follow(first);
    if (bare.length > 0) {
      await this.#open(first[0]!);
      this.#begin(bare, 'bootstrap');
      follow(bare);
    }
    return controllers;
  }

  /** A ZKFC that finds its NameNode not there yet looks again only after a second: so it comes after. */
  async #controller(nameNode: PlannedRole, election: Promise<void>): Promise<void> {
    const zkfc = rolesOfPlan(this.#lab.plan).find(
      (role) => role.kind === 'zkfc' && role.nameNodeId === nameNode.nameNodeId,
    );
    if (zkfc === undefined) return;
    await Promise.all([this.#open(nameNode), election]);
    this.#begin([zkfc], 'start');
  }

  async #election(zkfcs: readonly PlannedRole[]): Promise<void> {
    const first = zkfcs[0];
    if (first === undefined) return;
    const servers = rolesOfPlan(this.#lab.plan).filter((role) => role.kind === 'zookeeper');
    // One that serves is enough: it has a leader. Asked in turn, since any of them may be down.
    let turn = 0;
    await waitFor(
      this.#lab,
      { what: 'ZooKeeper to elect a leader', limitMs: this.#left(), roles: servers, pollMs: 30 },
      async () => {
        const { mode } = await (await this.#prober()).look(servers[turn++ % servers.length]!);
        return mode === undefined || mode === 'looking' ? undefined : true;
      },
    );
    const { formatElection } = await import('./format-election.js');
    await formatElection(this.#lab, first, configurationOn(this.#lab, first.host, this.#described));
  }

  /** With one active and the others standby, or with every role answering. */
  #settled(all: readonly PlannedRole[]): Promise<LabStatus> {
    const active = this.#options.wait === 'active' && this.#lab.plan.automaticFailover;
    return waitFor(
      this.#lab,
      {
        what: active ? 'one NameNode to become active' : 'every role to answer',
        limitMs: this.#left(),
        roles: all,
        pollMs: 60,
      },
      async () => {
        const prober = await this.#prober();
        const status = await prober.probe({ memory: false });
        const silent = rolesOf(status)
          .filter(({ id }) => all.some((role) => role.id === id))
          .filter((role) => !role.answers || role.mode === 'looking');
        // Why, should it never come to be.
        if (silent.length > 0)
          throw new Error(
            silent.map(({ id, detail }) => `${id} ${detail === '' ? 'does not answer' : `(${detail})`}`).join(', '),
          );
        return !active || isSettled(status) ? prober.probe({ memory: true }) : undefined;
      },
    );
  }

  #launch(roles: readonly PlannedRole[], gated = false): void {
    for (const role of roles) {
      if (this.#runs(role)) continue;
      const { stale } = launch(this.#lab, role, { gated });
      this.#started.push(role);
      if (stale !== undefined)
        this.#options.notice?.(`${role.id}: removed the pid file of process ${stale}, which is gone`);
    }
  }

  /** Only those that this call started wait for it. */
  #begin(roles: readonly PlannedRole[], word: GateWord): void {
    for (const role of roles) if (this.#started.includes(role)) openGate(this.#lab.dir, role.id, word);
  }

  #runs(role: PlannedRole): boolean {
    return readPidFile(pidFile(this.#lab.dir, role.id)).kind === 'alive';
  }

  async #checkPorts(roles: readonly PlannedRole[]): Promise<void> {
    await Promise.all(
      roles.flatMap((role) =>
        role.ports.map(async (port) => {
          const { address } = hostOf(this.#lab.plan, role.host);
          const verdict = await checkPort(address, port);
          if (verdict === 'in-use') throw portInUse(address, port, role.id);
          if (verdict === 'forbidden')
            throw new LabError('PORT_FORBIDDEN', `${role.id} needs ${address}:${port}, which only root may open`, {
              remedy: 'use a port above 1023',
            });
        }),
      ),
    );
  }

  /** The port accepts connections. */
  #open(role: PlannedRole): Promise<true> {
    const { address } = hostOf(this.#lab.plan, role.host);
    return waitFor(
      this.#lab,
      { what: `${role.id} to listen on ${address}:${role.ports[0]}`, limitMs: this.#left(), roles: [role], pollMs: 25 },
      async () => ((await accepts(address, role.ports[0]!)) ? true : undefined),
    );
  }

  #left(): number {
    return Math.max(0, this.#deadline - Date.now());
  }
}
