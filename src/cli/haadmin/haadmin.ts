/**
 * `hdfs haadmin`: looks at and moves the HA states of NameNodes. Every subcommand, option, message and exit code of
 * Hadoop 3.3.6's org.apache.hadoop.hdfs.tools.DFSHAAdmin; where automatic failover is on, `-failover` goes through the
 * ZKFCs.
 */
import { hostname, networkInterfaces } from 'node:os';
import { LabError, hasCode } from '../../base/errors.js';
import type { Configuration } from '../../config/hadoop/contract.js';
import { nameNodeIds, nameserviceIds, parseHostPort, suffixed } from '../../config/hadoop/nameservice.js';
import type { Endpoint, Host } from '../../host/host.js';
import { haRpcConfigFrom, haTargetFrom, sshFenceConfigFrom } from '../../zkfc/config.js';
import type { HaRpcConfig, HaTarget } from '../../zkfc/config.js';
import { FailoverController } from '../../zkfc/failover-controller.js';
import { HaServices, isHealthCheckFailed } from '../../zkfc/ha-service.js';
import type { RequestSource } from '../../zkfc/ha-service.js';
import { addressOf, targetText } from '../../zkfc/target-text.js';
import { confirm } from '../hdfs-confirm.js';
import type { TypedLines } from '../typed-lines.js';
import { javaMessage } from './java-message.js';
import { parseFlags } from './options.js';
import type { ParsedCommand } from './options.js';
import { COMMANDS, FORCEMANUAL_QUESTION, commandHelp, commandUsage, fullUsage } from './usage.js';

export interface HaadminIo {
  /** Standard output; the text holds its line ends. */
  out(text: string): void;
  /** Standard error. */
  err(text: string): void;
  /** What is typed where it asks. */
  readonly lines: TypedLines;
}

const OK = 0;
/** Hadoop's -1, as a shell sees it. */
const FAILED = 255;

/** How long another NameNode may take to say that it is not active, before one is made active. */
const OTHER_NODE_TIMEOUT_MS = 5000;

/**
 * Resolves with the exit code. `argv` without the generic options, which `conf` holds. `user`: who the NameNodes see;
 * default is the configuration's or `hdfs`. `hostName`: this host's, for messages; default is the machine's.
 */
export async function runHaadmin(
  host: Host,
  conf: Configuration,
  argv: readonly string[],
  io: HaadminIo,
  options: { readonly user?: string; readonly hostName?: string | undefined } = {},
): Promise<number> {
  let services: HaServices | undefined;
  try {
    const rpc = haRpcConfigFrom(conf, options.user);
    services = new HaServices(host, rpc);
    return await new Haadmin(host, conf, io, services, rpc, options.hostName ?? hostname()).run(argv);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    io.err(`${error.code === 'BAD_CONFIG' ? `Illegal argument: ${error.message}` : error.toString()}\n`);
    return FAILED;
  } finally {
    services?.close();
  }
}

/** A call failed: the message is whole, in Hadoop's words. */
class OperationFailed extends Error {}

class Haadmin {
  readonly #host: Host;
  readonly #conf: Configuration;
  readonly #io: HaadminIo;
  readonly #services: HaServices;
  readonly #rpc: HaRpcConfig;
  readonly #hostName: string;
  #nameservice: string | undefined;
  #source: RequestSource = 'REQUEST_BY_USER';

  constructor(
    host: Host,
    conf: Configuration,
    io: HaadminIo,
    services: HaServices,
    rpc: HaRpcConfig,
    hostName: string,
  ) {
    this.#host = host;
    this.#conf = conf;
    this.#io = io;
    this.#services = services;
    this.#rpc = rpc;
    this.#hostName = hostName;
  }

  async run(argv: readonly string[]): Promise<number> {
    try {
      return await this.#run(argv);
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      this.#io.err(`Operation failed: ${error.message}\n`);
      return FAILED;
    }
  }

  async #run(argv: readonly string[]): Promise<number> {
    let words = argv;
    if (words.length === 0) return this.#refuse(fullUsage());
    if (words[0] === '-ns') {
      if (words.length === 1) return this.#refuse(`Missing nameservice ID\n${fullUsage()}`);
      if (words.length === 2) return this.#refuse(`Missing command\n${fullUsage()}`);
      this.#nameservice = words[1];
      words = words.slice(2);
    }
    const name = words[0]!;
    if (!name.startsWith('-'))
      return this.#refuse(`Bad command '${name}': expected command starting with '-'\n${fullUsage()}`);
    if (!Object.hasOwn(COMMANDS, name)) return this.#refuse(`${name.slice(1)}: Unknown command\n${fullUsage()}`);
    if (name === '-help') return this.#help(words.slice(1));

    const command = parseFlags(COMMANDS[name]!.options, words.slice(1));
    if (command === undefined) return this.#refuse(`${name.slice(1)}: incorrect arguments\n${commandUsage(name)}`);
    if (command.flags.has('forcemanual')) {
      if (!(await confirm(FORCEMANUAL_QUESTION, this.#io.lines, (text) => this.#io.err(text)))) {
        this.#host.log.error('Aborted');
        return FAILED;
      }
      this.#source = 'REQUEST_BY_USER_FORCED';
    }
    switch (name) {
      case '-getAllServiceState':
        return this.#getAllServiceState();
      case '-failover':
        return this.#failover(command);
      default:
    }
    const [id] = command.args;
    if (id === undefined || command.args.length !== 1)
      return this.#refuse(`${name.slice(1)}: incorrect number of arguments\n${commandUsage(name)}`);
    switch (name) {
      case '-getServiceState':
        return this.#getServiceState(id);
      case '-checkHealth':
        return this.#checkHealth(id);
      case '-transitionToActive':
        return this.#transitionToActive(id, command.flags.has('forceactive'));
      case '-transitionToStandby':
        return this.#transition(id, 'transitionToStandby');
      case '-transitionToObserver':
        return this.#transition(id, 'transitionToObserver');
      default:
        throw new LabError('ASSERTION', `haadmin ${name} is listed but not done`);
    }
  }

  #refuse(text: string): number {
    this.#io.err(text);
    return FAILED;
  }

  #help(words: readonly string[]): number {
    if (words.length === 0) {
      this.#io.out(fullUsage());
      return OK;
    }
    if (words.length > 1) return this.#refuse(commandUsage('-help'));
    const name = words[0]!.startsWith('-') ? words[0]! : `-${words[0]!}`;
    if (!Object.hasOwn(COMMANDS, name)) return this.#refuse(`${name}: Unknown command\n${fullUsage()}`);
    this.#io.out(commandHelp(name));
    return OK;
  }

  async #getServiceState(id: string): Promise<number> {
    this.#io.out(`${await this.#stateOf(this.#target(id), this.#rpc.cliCheckTimeoutMs)}\n`);
    return OK;
  }

  async #getAllServiceState(): Promise<number> {
    const ids = await this.#allIds();
    if (ids.length === 0) return this.#refuse('Failed to get service IDs\n');
    for (const id of ids) {
      const target = this.#target(id);
      let state: string;
      try {
        state = await this.#stateOf(target, this.#rpc.cliCheckTimeoutMs);
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        state = `Failed to connect: ${error.message}`;
      }
      this.#io.out(`${`${target.address.host}:${target.address.port}`.padEnd(50)} ${state.padEnd(10)}\n`);
    }
    return OK;
  }

  async #checkHealth(id: string): Promise<number> {
    const target = this.#target(id);
    try {
      await this.#services.monitorHealth(target.address, { timeoutMs: this.#rpc.cliCheckTimeoutMs, connectRetries: 1 });
    } catch (error) {
      if (!isHealthCheckFailed(error)) throw await this.#failed(error, target.address);
      return this.#refuse(`Health check failed: ${(error as Error).message}\n`);
    }
    return OK;
  }

  async #transitionToActive(id: string, force: boolean): Promise<number> {
    if (!force) {
      for (const other of (await this.#allIds()).filter((candidate) => candidate !== id)) {
        const target = this.#target(other);
        if (!(await this.#manualIsFine(target))) return FAILED;
        const state = await this.#stateOf(target, OTHER_NODE_TIMEOUT_MS).catch((error: unknown) => {
          if (error instanceof OperationFailed) return error;
          throw error;
        });
        if (state instanceof OperationFailed)
          return this.#refuse(`Unexpected error occurred  ${state.message}\n${commandUsage('-transitionToActive')}`);
        if (state === 'active')
          return this.#refuse(
            `transitionToActive: Node ${other} is already active\n${commandUsage('-transitionToActive')}`,
          );
      }
    }
    return this.#transition(id, 'transitionToActive');
  }

  async #transition(
    id: string,
    call: 'transitionToActive' | 'transitionToStandby' | 'transitionToObserver',
  ): Promise<number> {
    const target = this.#target(id);
    if (!(await this.#manualIsFine(target))) return FAILED;
    await this.#services[call](target.address, this.#source, { timeoutMs: 0, connectRetries: 1 }).catch(
      async (error: unknown) => {
        throw await this.#failed(error, target.address);
      },
    );
    return OK;
  }

  async #failover({ flags, flagCount, args }: ParsedCommand): Promise<number> {
    const [fromId, toId] = args;
    if (flagCount > 3 || args.length !== 2 || fromId === undefined || toId === undefined) {
      return this.#refuse(`failover: incorrect arguments\n${commandUsage('-failover')}`);
    }
    const from = this.#target(fromId);
    const to = this.#target(toId);
    const forceFence = flags.has('forcefence');
    const forceActive = flags.has('forceactive');
    if (from.autoFailoverEnabled !== to.autoFailoverEnabled) {
      this.#io.err(
        `Inconsistent auto-failover configs between ${await this.#text(from)} and ${await this.#text(to)}!\n`,
      );
      return 1;
    }
    if (from.autoFailoverEnabled) {
      if (forceFence || forceActive)
        return this.#refuse('forcefence and forceactive flags not supported with auto-failover enabled.\n');
      return this.#failoverThroughZkfcs(to);
    }
    const controller = new FailoverController({
      host: this.#host,
      services: this.#services,
      rpc: this.#rpc,
      ssh: sshFenceConfigFrom(this.#conf),
      source: this.#source,
    });
    try {
      await controller.failover(from, to, { forceFence, forceActive });
    } catch (error) {
      if (hasCode(error, 'BAD_FENCING')) {
        this.#host.log.error(error.toString());
        return this.#refuse('Illegal argument: failover requires a fencer\n');
      }
      if (hasCode(error, 'FAILOVER_FAILED')) return this.#refuse(`Failover failed: ${error.message}\n`);
      throw error;
    }
    this.#io.out(`Failover from ${fromId} to ${toId} successful\n`);
    return OK;
  }

  async #failoverThroughZkfcs(to: HaTarget): Promise<number> {
    await this.#services
      .gracefulFailover(to.zkfc, { timeoutMs: this.#rpc.newActiveTimeoutMs, connectRetries: 1 })
      .catch(async (error: unknown) => {
        throw await this.#failed(error, to.zkfc);
      });
    this.#io.out(`Failover to ${await this.#text(to)} successful\n`);
    return OK;
  }

  /** False, with the reason printed: the ZKFCs are in charge of this node. */
  async #manualIsFine(target: HaTarget): Promise<boolean> {
    if (!target.autoFailoverEnabled) return true;
    if (this.#source === 'REQUEST_BY_USER_FORCED') {
      this.#host.log.warn(
        `Proceeding with manual HA state management even though automatic failover is enabled for ` +
          `${await this.#text(target)}`,
      );
      return true;
    }
    this.#io.err(
      `Automatic failover is enabled for ${await this.#text(target)}\n` +
        'Refusing to manually manage HA state, since it may cause\n' +
        'a split-brain scenario or other incorrect state.\n' +
        'If you are very sure you know what you are doing, please \n' +
        'specify the --forcemanual flag.\n',
    );
    return false;
  }

  #target(id: string): HaTarget {
    return haTargetFrom(this.#conf, this.#nameservice, id);
  }

  /**
   * The NameNodes of the nameservice meant; none if which one is meant cannot be told. Throws LabError `BAD_CONFIG` if
   * several may be.
   */
  async #allIds(): Promise<readonly string[]> {
    const all = nameserviceIds(this.#conf);
    const meant =
      this.#nameservice ??
      this.#conf.get('dfs.nameservice.id') ??
      (all.length === 1 ? all[0] : await this.#localNameservice(all));
    return meant === undefined ? [] : nameNodeIds(this.#conf, meant);
  }

  /** Of several nameservices, the one that has a NameNode on this machine. */
  async #localNameservice(all: readonly string[]): Promise<string | undefined> {
    const own = new Set(
      Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
    );
    const wanted = this.#conf.get('dfs.ha.namenode.id');
    const found: string[] = [];
    for (const nameservice of all) {
      for (const id of nameNodeIds(this.#conf, nameservice)) {
        const key = suffixed('dfs.namenode.rpc-address', nameservice, id);
        const text = this.#conf.get(key);
        if (text === undefined || (wanted !== undefined && wanted !== id)) continue;
        const address = await addressOf(
          this.#host,
          parseHostPort(text, undefined, `${this.#conf.sourceOf(key)}: ${key}`).host,
        );
        if (address !== undefined && (address.startsWith('127.') || own.has(address))) found.push(nameservice);
      }
    }
    if (found.length > 1) {
      throw new LabError(
        'BAD_CONFIG',
        "Configuration has multiple addresses that match local node's address. " +
          'Please configure the system with dfs.nameservice.id and dfs.ha.namenode.id',
      );
    }
    return found[0];
  }

  #text(target: HaTarget): Promise<string> {
    return targetText(this.#host, target);
  }

  /** As Java prints the state: lower case. */
  async #stateOf(target: HaTarget, timeoutMs: number): Promise<string> {
    try {
      return (
        await this.#services.getServiceStatus(target.address, { timeoutMs, connectRetries: 1 })
      ).state.toLowerCase();
    } catch (error) {
      throw await this.#failed(error, target.address);
    }
  }

  async #failed(error: unknown, to: Endpoint): Promise<OperationFailed> {
    const name = this.#hostName;
    return new OperationFailed(
      javaMessage(
        error,
        to,
        `${name}/${(await addressOf(this.#host, name)) ?? '127.0.0.1'}`,
        this.#rpc.connectTimeoutMs,
      ),
    );
  }
}
