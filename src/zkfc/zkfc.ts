/**
 * The ZKFC: watches the health of its NameNode, holds the election's lock for it while it is healthy, makes it active
 * when it wins and standby when another does, and fences the one that was active before. Here the machines
 * (health-monitor.ts, elector.ts, controller.ts) meet the NameNode's RPC, ZooKeeper and the fencing methods. Mirrors
 * org.apache.hadoop.ha.ZKFailoverController and org.apache.hadoop.hdfs.tools.DFSZKFailoverController of 3.3.6, exit
 * codes and messages included.
 */
import { LabError, hasCode, messageOf } from '../base/errors.js';
import type { Host, Timer } from '../host/host.js';
import type { RunningRole } from '../host/role.js';
import type { RpcServer } from '../wire/hadoop/rpc/server.js';
import { parseConnectString } from '../zookeeper/client/connect-string.js';
import { encodeActiveNodeInfo, targetOf } from './breadcrumb.js';
import type { HaTarget, ZkfcConfig } from './config.js';
import { ControllerMachine } from './controller.js';
import type { ControllerEffect, ControllerInput } from './controller.js';
import { EffectQueue } from './effect-queue.js';
import { Elector } from './elector-shell.js';
import type { ElectorConfig } from './elector-shell.js';
import { FailoverController } from './failover-controller.js';
import { createNodeFencer } from './fencing/node-fencer.js';
import { HaServices, errorText } from './ha-service.js';
import { HealthMonitor } from './health-shell.js';
import { addressOf, socketAddressText, targetText } from './target-text.js';
import { retryingOnLoss } from './retrying.js';
import { parseAcls, parseAuths, resolveIndirection } from './zookeeper-security.js';
import { serveZkfc } from './zkfc-server.js';

/** ZKFailoverController's exit codes. */
export const ZkfcExit = {
  FORMAT_DENIED: 2,
  NO_PARENT_ZNODE: 3,
  NO_FENCER: 4,
  AUTO_FAILOVER_NOT_ENABLED: 5,
  NO_ZK: 6,
} as const;

export interface RunningZkfc extends RunningRole {
  readonly kind: 'zkfc';
  /** For tests and status: what the ZKFC believes. */
  readonly controller: Pick<ControllerMachine, 'health' | 'service'>;
}

/**
 * Resolves once ZooKeeper was reached and ZKFCProtocol is served; the election follows by itself. Rejects LabError with
 * `data.exitCode`: `AUTO_FAILOVER_NOT_ENABLED` 5, `NO_ZOOKEEPER` 6, `NO_PARENT_ZNODE` 3, `NO_FENCER` 4; other faults (a
 * port in use, a bad value) as they are. A fatal error later ends the process through `host.exit(1)`.
 */
export async function startZkfc(host: Host, config: ZkfcConfig): Promise<RunningZkfc> {
  const text = await targetText(host, config.local);
  host.log.info(`Failover controller configured for NameNode ${text}`);
  checkAutoFailover(config, text);
  const electorConfig = await electorConfigFrom(host, config);
  const controller = new Zkfc(host, config, electorConfig, text);
  await controller.start();
  return controller;
}

/** Throws LabError `AUTO_FAILOVER_NOT_ENABLED`. */
export function checkAutoFailover(config: ZkfcConfig, text: string): void {
  if (config.local.autoFailoverEnabled) return;
  throw new LabError(
    'AUTO_FAILOVER_NOT_ENABLED',
    `Automatic failover is not enabled for ${text}. Please ensure that automatic failover is enabled in the ` +
      `configuration before running the ZK failover controller.`,
    {
      remedy: 'set dfs.ha.automatic-failover.enabled to true in hdfs-site.xml',
      data: { exitCode: ZkfcExit.AUTO_FAILOVER_NOT_ENABLED },
    },
  );
}

/** Rejects LabError `BAD_CONFIG` for a quorum, an ACL or credentials that cannot be used. */
export async function electorConfigFrom(host: Host, config: ZkfcConfig): Promise<ElectorConfig> {
  if (config.quorum === undefined) {
    throw new LabError('BAD_CONFIG', "Missing required configuration 'ha.zookeeper.quorum' for ZooKeeper quorum", {
      remedy: 'set ha.zookeeper.quorum in core-site.xml, for example m1:2181,m2:2181,m3:2181',
    });
  }
  try {
    parseConnectString(config.quorum);
  } catch (error) {
    throw new LabError('BAD_CONFIG', `ha.zookeeper.quorum: ${(error as Error).message}`, {
      remedy: 'for example m1:2181,m2:2181,m3:2181',
      cause: error,
    });
  }
  const acl = await resolveIndirection(host, 'ha.zookeeper.acl', config.zookeeperAcl);
  const auth = await resolveIndirection(host, 'ha.zookeeper.auth', config.zookeeperAuth);
  return {
    connectString: config.quorum,
    sessionTimeoutMs: config.sessionTimeoutMs,
    parentZnode: config.parentZnode,
    acl: parseAcls(acl ?? ''),
    auth: parseAuths(auth),
    retries: config.zookeeperRetries,
    nameNode: config.local.nameNodeId,
  };
}

/** What `ConnectionLoss` at the start means. */
export function noZooKeeper(config: ZkfcConfig, cause: unknown): LabError {
  return new LabError(
    'NO_ZOOKEEPER',
    `Unable to start failover controller. Unable to connect to ZooKeeper quorum at ${config.quorum ?? ''}. ` +
      'Please check the configured value for ha.zookeeper.quorum and ensure that ZooKeeper is running.',
    {
      remedy: 'start ZooKeeper (zkServer.sh start) on a majority of its servers',
      data: { exitCode: ZkfcExit.NO_ZK },
      cause,
    },
  );
}

interface ActiveAttempt {
  readonly ok: boolean;
  readonly status: string;
  readonly atMs: number;
}

class Zkfc implements RunningZkfc {
  readonly kind = 'zkfc' as const;
  readonly #host: Host;
  readonly #config: ZkfcConfig;
  readonly #text: string;
  readonly #services: HaServices;
  readonly #elector: Elector;
  readonly #health: HealthMonitor;
  readonly #machine: ControllerMachine;
  readonly #effects = new EffectQueue<ControllerEffect>((effect) => this.#carryOut(effect));
  #server: RpcServer | undefined;
  #recheckTimer: Timer | undefined;
  /** Own requests to the local NameNode that are under way: what it reports meanwhile proves nothing. */
  #transitions = 0;
  #attempt: ActiveAttempt | undefined;
  #onAttempt: (() => void)[] = [];
  #stopped = false;

  constructor(host: Host, config: ZkfcConfig, electorConfig: ElectorConfig, text: string) {
    this.#host = host;
    this.#config = config;
    this.#text = text;
    this.#services = new HaServices(host, config.rpc);
    this.#machine = new ControllerMachine(text);
    this.#elector = new Elector(host, electorConfig, {
      becomeActive: () => this.#becomeActive(),
      becomeStandby: () => this.#becomeStandby(),
      fenceOldActive: (data) => this.#fenceOldActive(data),
      fatal: (message) => this.#fatal(message),
    });
    this.#health = new HealthMonitor(host, config, text, {
      entered: (from, to) => {
        host.emit({ type: 'HealthChanged', from, to });
        this.#step({ type: 'health', state: to });
      },
      status: ({ state }) => {
        if (this.#transitions === 0 && !this.#elector.busy) this.#step({ type: 'status', state });
      },
    });
  }

  get controller(): Pick<ControllerMachine, 'health' | 'service'> {
    return this.#machine;
  }

  async start(): Promise<void> {
    const { parentZnode, zookeeperRetries, local, ssh, bind } = this.#config;
    try {
      const client = await this.#elector.connect().catch((error: unknown) => {
        throw hasCode(error, 'ConnectionLoss') || hasCode(error, 'SessionExpired') || hasCode(error, 'AuthFailed')
          ? noZooKeeper(this.#config, error)
          : error;
      });
      if (
        !(await retryingOnLoss(zookeeperRetries, () => client.exists(parentZnode).then((stat) => stat !== undefined)))
      ) {
        throw new LabError(
          'NO_PARENT_ZNODE',
          'Unable to start failover controller. Parent znode does not exist.\nRun with -formatZK flag to ' +
            'initialize ZooKeeper.',
          { remedy: 'run: hdfs zkfc -formatZK', data: { exitCode: ZkfcExit.NO_PARENT_ZNODE } },
        );
      }
      try {
        createNodeFencer(this.#host, local.fencingMethods, this.#text, ssh);
      } catch (error) {
        throw new LabError(
          'NO_FENCER',
          `Fencing is not configured for ${this.#text}.\nYou must configure a fencing method before using ` +
            `automatic failover.` +
            ` (${messageOf(error)})`,
          {
            remedy: 'set dfs.ha.fencing.methods in hdfs-site.xml, for example shell(/bin/true)',
            data: { exitCode: ZkfcExit.NO_FENCER },
            cause: error,
          },
        );
      }
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
    this.#recheckTimer?.cancel();
    this.#health.stop();
    await this.#server?.close();
    await this.#elector.stop();
    this.#services.close();
  }

  // --- the machine
  // -------------------------------------------------------------------------------------------------------

  #step(input: ControllerInput): void {
    if (!this.#stopped) this.#effects.add(this.#machine.step(input, this.#host.clock.nowMs()));
  }

  #carryOut(effect: ControllerEffect): void {
    switch (effect.type) {
      case 'join':
        this.#elector.join(
          encodeActiveNodeInfo(this.#config.local, this.#server?.endpoint.port ?? this.#config.bind.port),
        );
        break;
      case 'quit':
        void this.#elector.quit(effect.needFence);
        break;
      case 'recheckAfter':
        this.#recheckTimer?.cancel();
        this.#recheckTimer = this.#host.clock.after(effect.delayMs, () => this.#step({ type: 'recheck' }));
        break;
      case 'fatal':
        this.#fatal(effect.message);
        break;
      case 'log':
        this.#host.log[effect.level](effect.message);
        break;
    }
  }

  #fatal(message: string): void {
    if (this.#stopped) return;
    this.#host.log.error(`Fatal error occurred:${message}`);
    const exit = (): void => this.#host.exit(1, `ZK Failover Controller failed: ${message}`);
    void this.stop().then(exit, exit);
  }

  // --- what the election asks for
  // ----------------------------------------------------------------------------------------

  async #becomeActive(): Promise<void> {
    const { log } = this.#host;
    const target = this.#config.local.nameNodeId;
    log.info(`Trying to make ${this.#text} active...`);
    this.#host.emit({ type: 'ActivationRequested', target });
    try {
      await this.#transition(() =>
        this.#services.transitionToActive(this.#config.local.address, 'REQUEST_BY_ZKFC', {
          timeoutMs: this.#config.rpc.newActiveTimeoutMs,
          connectRetries: 1,
        }),
      );
    } catch (error) {
      const reason = errorText(error);
      const message = `Couldn't make ${this.#text} active`;
      log.error(`${message}: ${reason}`);
      this.#host.emit({ type: 'ActivationFailed', target, reason });
      this.#recordAttempt(false, `${message}\n${reason}`);
      throw error;
    }
    const message = `Successfully transitioned ${this.#text} to active state`;
    log.info(message);
    this.#step({ type: 'madeActive' });
    this.#recordAttempt(true, message);
  }

  async #becomeStandby(): Promise<void> {
    const { log } = this.#host;
    log.info(`ZK Election indicated that ${this.#text} should become standby`);
    this.#host.emit({ type: 'StandbyRequested', target: this.#config.local.nameNodeId });
    try {
      await this.#toStandby();
      log.info(`Successfully transitioned ${this.#text} to standby state`);
    } catch (error) {
      log.error(`Couldn't transition ${this.#text} to standby state: ${errorText(error)}`);
    }
    this.#step({ type: 'madeStandby' });
  }

  #toStandby(): Promise<void> {
    const patience = { timeoutMs: this.#config.rpc.gracefulFenceTimeoutMs, connectRetries: 1 };
    return this.#transition(() =>
      this.#services.transitionToStandby(this.#config.local.address, 'REQUEST_BY_ZKFC', patience),
    );
  }

  async #transition(action: () => Promise<void>): Promise<void> {
    this.#transitions++;
    try {
      await action();
    } finally {
      this.#transitions--;
    }
  }

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
      const reason = errorText(error);
      this.#host.emit({ type: 'FencingFailed', target: name, reason });
      this.#recordAttempt(false, `Unable to fence old active: ${reason}`);
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

  async cedeActive(millisToCede: number, by: string): Promise<void> {
    if (millisToCede <= 0) {
      this.#step({ type: 'uncede' });
      return;
    }
    await this.#elector.hold(async () => {
      this.#host.log.info(`Requested by ${by} to cede active role.`);
      let obeyed = true;
      this.#host.emit({ type: 'StandbyRequested', target: this.#config.local.nameNodeId });
      try {
        await this.#toStandby();
        this.#host.log.info('Successfully ensured local node is in standby mode');
      } catch (error) {
        obeyed = false;
        this.#host.log.warn(`Unable to transition local node to standby: ${errorText(error)}`);
        this.#host.log.warn('Quitting election but indicating that fencing is necessary');
      }
      // The machine's own `quit` would wait behind what else came in: it goes with the release instead.
      const effects = this.#machine.step({ type: 'ceded', forMs: millisToCede, obeyed }, this.#host.clock.nowMs());
      this.#effects.add(effects.filter((effect) => effect.type !== 'quit'));
      return { quit: { needFence: !obeyed } };
    });
  }

  async gracefulFailover(): Promise<void> {
    const { rpc, local, others } = this.#config;
    const timeoutMs = rpc.gracefulFenceTimeoutMs * 2;
    this.#checkEligible();

    const data = await this.#elector.activeData();
    if (data === undefined) throw serviceFailed('No other node is currently active.');
    const active = await targetOf(this.#host, this.#config, data);
    if (active.nameNodeId === local.nameNodeId) {
      this.#host.log.info(`Local node ${this.#text} is already active. No need to failover. Returning success.`);
      return;
    }

    const startedMs = this.#host.clock.nowMs();
    const patience = { timeoutMs, connectRetries: 1 };
    // The active one is asked last, so that nobody but us is there to take over.
    const inTurn = [...others.filter(({ nameNodeId }) => nameNodeId !== active.nameNodeId), active];
    for (const remote of inTurn) {
      this.#host.log.info(`Asking ${await targetText(this.#host, remote)} to cede its active state for ${timeoutMs}ms`);
      await this.#services.cedeActive(remote.zkfc, timeoutMs, patience);
    }

    const attempt = await this.#waitForAttempt(timeoutMs + rpc.newActiveTimeoutMs, startedMs);
    if (attempt === undefined) {
      if (this.#machine.health !== 'SERVICE_HEALTHY') {
        throw serviceFailed('Unable to become active. Service became unhealthy while trying to failover.');
      }
      throw serviceFailed(
        'Unable to become active. Local node did not get an opportunity to do so from ZooKeeper, or the local node ' +
          'took too long to transition to active.',
      );
    }
    // They may run for election again: a quick way back if we crash at once.
    for (const remote of inTurn) await this.#services.cedeActive(remote.zkfc, -1, patience);
    if (!attempt.ok) throw serviceFailed(`Failed to become active. ${attempt.status}`);
    this.#host.log.info(`Successfully became active. ${attempt.status}`);
  }

  #checkEligible(): void {
    if (this.#machine.health !== 'SERVICE_HEALTHY')
      throw serviceFailed(`${this.#text} is not currently healthy. Cannot be failover target`);
    if (this.#machine.service === 'OBSERVER')
      throw serviceFailed(`${this.#text} is in observer state. Cannot be failover target`);
  }

  #recordAttempt(ok: boolean, status: string): void {
    this.#attempt = { ok, status, atMs: this.#host.clock.nowMs() };
    const waiting = this.#onAttempt;
    this.#onAttempt = [];
    for (const callback of waiting) callback();
  }

  /**
   * An attempt made since `sinceMs`; undefined when time is up or the NameNode is no longer healthy (looked at every
   * second).
   */
  async #waitForAttempt(timeoutMs: number, sinceMs: number): Promise<ActiveAttempt | undefined> {
    const untilMs = sinceMs + timeoutMs;
    do {
      if (this.#machine.health !== 'SERVICE_HEALTHY') return undefined;
      if (this.#attempt !== undefined && this.#attempt.atMs >= sinceMs) return this.#attempt;
      await new Promise<void>((resolve) => {
        const timer = this.#host.clock.after(1000, done);
        function done(): void {
          timer.cancel();
          resolve();
        }
        this.#onAttempt.push(done);
      });
    } while (this.#host.clock.nowMs() < untilMs && !this.#stopped);
    this.#host.log.warn(`${timeoutMs}ms timeout elapsed waiting for an attempt to become active`);
    return undefined;
  }
}

function serviceFailed(message: string): LabError {
  return new LabError('SERVICE_FAILED', message);
}
