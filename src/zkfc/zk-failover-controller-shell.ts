/**
 * The ZKFC itself: where its machines (health-monitor.ts, elector.ts, zk-failover-controller.ts, graceful-failover.ts)
 * meet the NameNode's RPC, ZooKeeper and the fencing methods. Mirrors org.apache.hadoop.ha.ZKFailoverController.
 */
import { LabError, hasCode, messageOf } from '../base/errors.js';
import { Driver } from '../base/machine.js';
import type { Carried } from '../base/machine.js';
import type { Host } from '../host/host.js';
import type { RunningRole } from '../host/role.js';
import type { RpcServer } from '../wire/hadoop/rpc/server.js';
import { encodeActiveNodeInfo, targetOf } from './breadcrumb.js';
import type { HaTarget, ZkfcConfig } from './config.js';
import { ElectorShell } from './elector-shell.js';
import type { ElectorConfig } from './elector-shell.js';
import { gracefulFencePatience, refusalText } from './failover-controller.js';
import { createNodeFencer } from './fencing/node-fencer.js';
import { GracefulFailoverShell } from './graceful-failover-shell.js';
import { HaServices, errorText } from './ha-service.js';
import { HealthMonitorShell } from './health-monitor-shell.js';
import { retryingOnLoss } from './retrying.js';
import { addressOf, socketAddressText, targetText } from './target-text.js';
import { ZKFailoverController } from './zk-failover-controller.js';
import type { ControllerEffect, ControllerInput } from './zk-failover-controller.js';
import { ZkfcExit, noZooKeeper } from './zkfc-exit.js';
import { serveZkfc } from './zkfc-server.js';

export class ZKFailoverControllerShell implements RunningRole {
  readonly kind = 'zkfc' as const;
  readonly #host: Host;
  readonly #config: ZkfcConfig;
  /** The NameNode, as messages name it. */
  readonly #text: string;
  readonly #services: HaServices;
  readonly #elector: ElectorShell;
  readonly #health: HealthMonitorShell;
  readonly #machine: ZKFailoverController;
  readonly #driver: Driver<ControllerInput, ControllerEffect>;
  readonly #failovers = new Set<GracefulFailoverShell>();
  /** The one to be fenced, and how messages name it. */
  #oldActive: { readonly target: HaTarget; readonly text: string } | undefined;
  /** Who waits for its cedeActive, by number. */
  readonly #cedes = new Map<number, () => void>();
  #calls = 0;
  #server: RpcServer | undefined;
  #stopped = false;

  constructor(host: Host, config: ZkfcConfig, electorConfig: ElectorConfig, text: string) {
    this.#host = host;
    this.#config = config;
    this.#text = text;
    this.#services = new HaServices(host, config.rpc);
    this.#machine = new ZKFailoverController(text, config.local.nameNodeId);
    this.#driver = new Driver<ControllerInput, ControllerEffect>(this.#machine, {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
      failed: (error) => this.#fatal(messageOf(error)),
    });
    this.#elector = new ElectorShell(host, electorConfig, {
      becomeActive: () => this.#driver.feed({ type: 'becomeActive' }),
      becomeStandby: () => this.#driver.feed({ type: 'becomeStandby' }),
      fence: (data) => this.#driver.feed({ type: 'fence', data }),
      held: () => this.#driver.feed({ type: 'held' }),
      left: () => this.#driver.feed({ type: 'left' }),
      fatal: (message) => this.#fatal(message),
    });
    this.#health = new HealthMonitorShell(host, config, text, {
      entered: (from, to) => {
        host.emit({ type: 'HealthChanged', from, to });
        this.#driver.feed({ type: 'health', state: to });
        for (const failover of this.#failovers) failover.feed({ type: 'health', state: to });
      },
      status: ({ state }) => this.#driver.feed({ type: 'status', state, electionBusy: this.#elector.busy }),
    });
  }

  async start(): Promise<void> {
    const { bind } = this.#config;
    try {
      await this.#checkParentNode();
      this.#checkFencing();
      this.#host.log.info(`ZKFC RpcServer binding to ${bind.host}:${bind.port}`);
      this.#server = await serveZkfc(this.#host, bind, this, {
        user: this.#config.rpc.user,
        administrators: this.#config.administrators,
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#host.emit({ type: 'RoleStarted', kind: 'zkfc', address: bind.host, port: this.#server.endpoint.port });
    this.#health.start();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#driver.stop();
    for (const failover of this.#failovers) failover.stop();
    this.#health.stop();
    await this.#server?.close();
    await this.#elector.stop();
    this.#services.close();
  }

  async #checkParentNode(): Promise<void> {
    const { parentZnode, zookeeperRetries } = this.#config;
    const client = await this.#elector.connect().catch((error: unknown) => {
      throw hasCode(error, 'ConnectionLoss', 'SessionExpired', 'AuthFailed') ? noZooKeeper(this.#config, error) : error;
    });
    if (await retryingOnLoss(zookeeperRetries, async () => (await client.exists(parentZnode)) !== undefined)) return;
    throw new LabError(
      'NO_PARENT_ZNODE',
      'Unable to start failover controller. Parent znode does not exist.\nRun with -formatZK flag to ' +
        'initialize ZooKeeper.',
      { remedy: 'run: hdfs zkfc -formatZK', data: { exitCode: ZkfcExit.NO_PARENT_ZNODE } },
    );
  }

  #checkFencing(): void {
    try {
      createNodeFencer(this.#host, this.#config.local.fencingMethods, this.#text, this.#config.ssh);
    } catch (error) {
      throw new LabError(
        'NO_FENCER',
        `Fencing is not configured for ${this.#text}.\nYou must configure a fencing method before using ` +
          `automatic failover. (${messageOf(error)})`,
        {
          remedy: 'set dfs.ha.fencing.methods in hdfs-site.xml, for example shell(/bin/true)',
          data: { exitCode: ZkfcExit.NO_FENCER },
          cause: error,
        },
      );
    }
  }

  #carryOut(effect: Carried<ControllerEffect>): void {
    const { local, rpc, bind } = this.#config;
    switch (effect.type) {
      case 'join':
        this.#elector.feed({
          type: 'join',
          data: encodeActiveNodeInfo(local, this.#server?.endpoint.port ?? bind.port),
        });
        break;
      case 'quit':
      case 'hold':
      case 'release':
      case 'becameActive':
      case 'becameStandby':
      case 'fenced':
        this.#elector.feed(effect);
        break;
      case 'transitionToActive': {
        const patience = { timeoutMs: rpc.newActiveTimeoutMs, connectRetries: 1 };
        this.#transition(this.#services.transitionToActive(local.address, 'REQUEST_BY_ZKFC', patience));
        break;
      }
      case 'transitionToStandby': {
        const patience = { timeoutMs: rpc.gracefulFenceTimeoutMs, connectRetries: 1 };
        this.#transition(this.#services.transitionToStandby(local.address, 'REQUEST_BY_ZKFC', patience));
        break;
      }
      case 'findOldActive':
        this.#answer(this.#findOldActive(effect.data), (reason) => ({ type: 'notFound', reason }));
        break;
      case 'askOldActive':
        this.#answer(this.#askOldActive(), (reason) => ({ type: 'oldActiveAsked', obeyed: false, reason }));
        break;
      case 'runFencingMethods':
        this.#answer(this.#runFencingMethods(), (reason) => ({ type: 'fencingEnded', method: undefined, reason }));
        break;
      case 'attempted':
        for (const failover of this.#failovers) failover.feed({ ...effect, atMs: this.#host.clock.nowMs() });
        break;
      case 'ceded':
        this.#cedes.get(effect.call)?.();
        this.#cedes.delete(effect.call);
        break;
      case 'fatal':
        this.#fatal(effect.message);
        break;
      case 'event':
        this.#host.emit(effect.event);
        break;
      case 'log':
        this.#host.log[effect.level](effect.message);
        break;
    }
  }

  #transition(outcome: Promise<void>): void {
    const ended = outcome.then((): ControllerInput => ({ type: 'transitioned', ok: true, reason: '' }));
    this.#answer(ended, (reason) => ({ type: 'transitioned', ok: false, reason }));
  }

  #answer(input: Promise<ControllerInput>, failed: (reason: string) => ControllerInput): void {
    input.then(
      (answer) => this.#driver.feed(answer),
      (error: unknown) => this.#driver.feed(failed(errorText(error))),
    );
  }

  #fatal(message: string): void {
    if (this.#stopped) return;
    this.#host.log.error(`Fatal error occurred:${message}`);
    const exit = (): void => this.#host.exit(1, `ZK Failover Controller failed: ${message}`);
    void this.stop().then(exit, exit);
  }

  // --- fencing

  async #findOldActive(data: Buffer): Promise<ControllerInput> {
    const target = await targetOf(this.#host, this.#config, data);
    const text = await targetText(this.#host, target);
    this.#oldActive = { target, text };
    return { type: 'oldActive', nameNode: target.nameNodeId, target: text };
  }

  async #askOldActive(): Promise<ControllerInput> {
    const patience = gracefulFencePatience(this.#config.rpc);
    const { address } = this.#oldActive!.target;
    try {
      const asked = this.#services.transitionToStandby(address, 'REQUEST_BY_ZKFC', patience);
      // If it does not obey, a fencing command is next.
      this.#host.exec.prepare?.();
      await asked;
      return { type: 'oldActiveAsked', obeyed: true, reason: '' };
    } catch (error) {
      return { type: 'oldActiveAsked', obeyed: false, reason: refusalText(error) };
    }
  }

  async #runFencingMethods(): Promise<ControllerInput> {
    const { target, text } = this.#oldActive!;
    const fencer = createNodeFencer(this.#host, target.fencingMethods, text, this.#config.ssh);
    const addressText = socketAddressText(target.address, await addressOf(this.#host, target.address.host));
    const method = await fencer.fence({ target, addressText, transitionTo: undefined });
    return { type: 'fencingEnded', method, reason: `Unable to fence ${text}` };
  }

  // --- ZKFCProtocol

  /** Resolves when the election is left. */
  cedeActive(millisToCede: number, by: string): Promise<void> {
    const call = ++this.#calls;
    return new Promise((resolve) => {
      this.#cedes.set(call, resolve);
      this.#driver.feed({ type: 'cede', call, forMs: millisToCede, by });
    });
  }

  async gracefulFailover(): Promise<void> {
    const failover = new GracefulFailoverShell({
      host: this.#host,
      config: this.#config,
      text: this.#text,
      services: this.#services,
      elector: this.#elector,
    });
    this.#failovers.add(failover);
    failover.feed({ type: 'start', health: this.#machine.health, service: this.#machine.service });
    await failover.over.finally(() => this.#failovers.delete(failover));
  }
}
