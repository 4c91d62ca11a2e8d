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
import { FailoverController } from './failover-controller.js';
import { createNodeFencer } from './fencing/node-fencer.js';
import { GracefulFailover } from './graceful-failover.js';
import type { GracefulFailoverEffect, GracefulFailoverInput } from './graceful-failover.js';
import { HaServices, errorText } from './ha-service.js';
import { HealthMonitorShell } from './health-monitor-shell.js';
import { retryingOnLoss } from './retrying.js';
import { addressOf, socketAddressText, targetText } from './target-text.js';
import { ZKFailoverController } from './zk-failover-controller.js';
import type { ControllerEffect, ControllerInput } from './zk-failover-controller.js';
import { ZkfcExit, noZooKeeper } from './zkfc-exit.js';
import { serveZkfc } from './zkfc-server.js';

export interface RunningZkfc extends RunningRole {
  readonly kind: 'zkfc';
  /** For tests and status: what the ZKFC believes. */
  readonly controller: Pick<ZKFailoverController, 'health' | 'service'>;
}

export class ZKFailoverControllerShell implements RunningZkfc {
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
  readonly #failovers = new Set<Driver<GracefulFailoverInput, GracefulFailoverEffect>>();
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

  get controller(): Pick<ZKFailoverController, 'health' | 'service'> {
    return this.#machine;
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
        this.#answer('transitioned', this.#services.transitionToActive(local.address, 'REQUEST_BY_ZKFC', patience));
        break;
      }
      case 'transitionToStandby': {
        const patience = { timeoutMs: rpc.gracefulFenceTimeoutMs, connectRetries: 1 };
        this.#answer('transitioned', this.#services.transitionToStandby(local.address, 'REQUEST_BY_ZKFC', patience));
        break;
      }
      case 'fence':
        this.#answer('fenced', this.#fenceOldActive(effect.data));
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

  #answer(type: 'transitioned' | 'fenced', outcome: Promise<void>): void {
    outcome.then(
      () => this.#driver.feed({ type, ok: true, reason: '' }),
      (error: unknown) => this.#driver.feed({ type, ok: false, reason: errorText(error) }),
    );
  }

  #fatal(message: string): void {
    if (this.#stopped) return;
    this.#host.log.error(`Fatal error occurred:${message}`);
    const exit = (): void => this.#host.exit(1, `ZK Failover Controller failed: ${message}`);
    void this.stop().then(exit, exit);
  }

  // --- fencing
  // -----------------------------------------------------------------------------------------------------------

  async #fenceOldActive(data: Buffer): Promise<void> {
    let name = 'unknown';
    try {
      const target = await targetOf(this.#host, this.#config, data);
      name = target.nameNodeId;
      const text = await targetText(this.#host, target);
      this.#host.log.info(`Should fence: ${text}`);
      this.#host.emit({ type: 'FencingStarted', target: name });
      const method = await this.#fence(target, text);
      this.#host.emit({ type: 'ActiveFenced', target: name, method });
    } catch (error) {
      this.#host.emit({ type: 'FencingFailed', target: name, reason: errorText(error) });
      throw error;
    }
  }

  /** Resolves with what worked: the node's own obedience, or a method. */
  async #fence(target: HaTarget, text: string): Promise<string> {
    const { rpc, ssh } = this.#config;
    const failover = new FailoverController({
      host: this.#host,
      services: this.#services,
      rpc,
      ssh,
      source: 'REQUEST_BY_ZKFC',
    });
    if (await failover.tryGracefulFence(target)) {
      this.#host.log.info(`Successfully transitioned ${text} to standby state without fencing`);
      return 'transitionToStandby';
    }
    const fencer = createNodeFencer(this.#host, target.fencingMethods, text, ssh);
    const addressText = socketAddressText(target.address, await addressOf(this.#host, target.address.host));
    const method = await fencer.fence({ target, addressText, transitionTo: undefined });
    if (method === undefined) throw new LabError('FENCING_FAILED', `Unable to fence ${text}`);
    return method;
  }

  // --- ZKFCProtocol
  // ------------------------------------------------------------------------------------------------------

  /** Resolves when the election is left. */
  cedeActive(millisToCede: number, by: string): Promise<void> {
    const call = ++this.#calls;
    return new Promise((resolve) => {
      this.#cedes.set(call, resolve);
      this.#driver.feed({ type: 'cede', call, forMs: millisToCede, by });
    });
  }

  gracefulFailover(): Promise<void> {
    const { rpc, local, others } = this.#config;
    const cedeForMs = rpc.gracefulFenceTimeoutMs * 2;
    const machine = new GracefulFailover({
      nameNode: local.nameNodeId,
      target: this.#text,
      others: others.map(({ nameNodeId }) => nameNodeId),
      cedeForMs,
      attemptWithinMs: cedeForMs + rpc.newActiveTimeoutMs,
    });
    const remotes = new Map(others.map((other) => [other.nameNodeId, other]));
    let driver: Driver<GracefulFailoverInput, GracefulFailoverEffect> | undefined;
    const over = new Promise<void>((resolve, reject) => {
      driver = new Driver<GracefulFailoverInput, GracefulFailoverEffect>(machine, {
        clock: this.#host.clock,
        carryOut: (effect) => {
          switch (effect.type) {
            case 'readLock':
              return this.#readLock(remotes);
            case 'cede':
              return this.#askToCede(remotes.get(effect.nameNode)!, effect.forMs, cedeForMs);
            case 'done':
              return resolve();
            case 'refuse':
              return reject(new LabError('SERVICE_FAILED', effect.message));
            case 'log':
              return this.#host.log[effect.level](effect.message);
          }
        },
        failed: reject,
      });
      this.#failovers.add(driver);
      driver.feed({ type: 'start', health: this.#machine.health, service: this.#machine.service });
    });
    return over.finally(() => {
      driver!.stop();
      this.#failovers.delete(driver!);
    });
  }

  /** What the lock says of its holder, its ZKFC's port too, goes before our configuration. */
  async #readLock(remotes: Map<string, HaTarget>): Promise<GracefulFailoverInput> {
    const data = await this.#elector.activeData();
    if (data === undefined) return { type: 'lockRead', active: undefined };
    const active = await targetOf(this.#host, this.#config, data);
    remotes.set(active.nameNodeId, active);
    return { type: 'lockRead', active: active.nameNodeId };
  }

  async #askToCede(remote: HaTarget, forMs: number, timeoutMs: number): Promise<GracefulFailoverInput> {
    if (forMs > 0) {
      const text = await targetText(this.#host, remote);
      this.#host.log.info(`Asking ${text} to cede its active state for ${forMs}ms`);
    }
    await this.#services.cedeActive(remote.zkfc, forMs, { timeoutMs, connectRetries: 1 });
    return { type: 'ceded' };
  }
}
