/**
 * The shell around zkCli.sh's commands: one session, the lines typed so far, the exit code of the last command. It
 * reads no input itself: zk-cli.ts hands it words or lines. Mirrors org.apache.zookeeper.ZooKeeperMain.
 */
import { LabError, hasCode } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { WatchEventType } from '../../wire/zookeeper/client/modes.js';
import { ZooKeeperClient } from '../../zookeeper/client/client.js';
import type { SessionEvent } from '../../zookeeper/client/session.js';
import type { Watcher } from '../../zookeeper/client/watches.js';
import { CliFailure, cliMessage, type CliContext } from './command.js';
import { COMMANDS, SHELL_COMMANDS, usageLines } from './commands.js';

export interface ShellOptions {
  /** `host:port,host:port/chroot` */
  readonly server: string;
  readonly timeoutMs: number;
  /** jute.maxbuffer of the client. */
  readonly maxPacketBytes?: number | undefined;
  out(line: string): void;
  error(line: string): void;
}

const COMMAND_NOT_FOUND = 127;
/** How many lines `history` looks back. */
const HISTORY_SHOWN = 10;

export class ZkShell {
  readonly #host: Host;
  readonly #options: ShellOptions;
  readonly #history: string[] = [];
  #client: ZooKeeperClient;
  #server: string;
  #state: 'CONNECTING' | 'CONNECTED' | 'CLOSED' | 'AUTH_FAILED' = 'CONNECTING';
  #printsWatches = true;
  #exitCode = 0;
  #left = false;

  /** Connects at once. Throws LabError `BAD_CONFIG` for a server that does not parse. */
  constructor(host: Host, options: ShellOptions) {
    this.#host = host;
    this.#options = options;
    this.#server = options.server;
    this.#client = this.#connect(options.server);
  }

  get client(): ZooKeeperClient {
    return this.#client;
  }

  /** Of the last command. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** `quit` was typed. */
  get left(): boolean {
    return this.#left;
  }

  get prompt(): string {
    return `[zk: ${this.#server}(${this.#state}) ${this.#history.length}] `;
  }

  /** A line as it was typed. */
  async line(text: string): Promise<void> {
    if (text === '') return;
    const words = splitLine(text);
    if (words.length === 0) return;
    this.#history.push(text);
    await this.run(words, this.#history.length - 1);
  }

  /** A command in words; `number`: its place in the history. */
  async run(words: readonly string[], number = 0): Promise<void> {
    try {
      await this.#run(words[0]!, words.slice(1), number);
      // Who leaves takes along how the command before ended.
      if (!this.#left) this.#exitCode = 0;
    } catch (error) {
      if (!(error instanceof CliFailure || error instanceof LabError)) throw error;
      this.#exitCode = error instanceof CliFailure ? error.exitCode : 1;
      this.#options.error(cliMessage(error));
      if (hasCode(error, 'ConnectionLoss'))
        this.#options.error(`  no server answered at ${this.#server}: does one run there (zkServer.sh status)?`);
    }
  }

  async #run(name: string, args: readonly string[], number: number): Promise<void> {
    const { out, error } = this.#options;
    const command = COMMANDS.get(name);
    if (command === undefined && !SHELL_COMMANDS.has(name)) {
      usageLines().forEach((line) => error(line));
      throw new CliFailure(`Command not found: Command not found ${name}`, COMMAND_NOT_FOUND);
    }
    switch (name) {
      case 'quit':
        this.#left = true;
        await this.#client.close();
        return;
      case 'redo':
        if (args[0] !== undefined) await this.#redo(args[0], number);
        break;
      case 'history':
        for (let at = Math.max(0, number - HISTORY_SHOWN); at <= number; at++)
          out(`${at} - ${this.#history[at] ?? 'null'}`);
        break;
      case 'printwatches':
        if (args[0] === undefined) out(`printwatches is ${this.#printsWatches ? 'on' : 'off'}`);
        else this.#printsWatches = args[0] === 'on';
        break;
      case 'connect':
        await this.#client.close();
        this.#server = args[0] ?? this.#server;
        this.#state = 'CONNECTING';
        this.#client = this.#connect(this.#server);
        break;
      default:
    }
    if (this.#client.connection.over) out('Not connected');
    else await command?.run(this.#context(), args);
  }

  async #redo(text: string, number: number): Promise<void> {
    const wanted = /^\d+$/.test(text) ? Number(text) : -1;
    if (wanted < 0 || wanted >= number) throw new CliFailure('Command index out of range');
    const again = this.#history[wanted]!;
    const words = splitLine(again);
    if (words[0] === 'redo') throw new CliFailure('No redoing redos');
    this.#history[number] = again;
    await this.run(words, number);
  }

  #connect(server: string): ZooKeeperClient {
    return new ZooKeeperClient(this.#host, {
      connectString: server,
      sessionTimeoutMs: this.#options.timeoutMs,
      maxPacketBytes: this.#options.maxPacketBytes,
      onEvent: (event) => this.#onEvent(event),
    });
  }

  #onEvent(event: SessionEvent): void {
    if (event === 'SyncConnected') this.#state = 'CONNECTED';
    else if (event === 'Disconnected') this.#state = 'CONNECTING';
    else this.#state = event === 'AuthFailed' ? 'AUTH_FAILED' : 'CLOSED';
    this.#tell(event, 'None', null);
  }

  #tell(state: string, type: string, path: string | null): void {
    if (!this.#printsWatches) return;
    this.#options.out('\nWATCHER::');
    this.#options.out(`\nWatchedEvent state:${state} type:${type} path:${path}`);
  }

  readonly #watcher: Watcher = ({ type, path }) => this.#tell('SyncConnected', eventName(type), path);

  #context(): CliContext {
    const { out, error } = this.#options;
    return { client: this.#client, out, error, watcher: this.#watcher };
  }
}

function eventName(type: WatchEventType): string {
  return Object.entries(WatchEventType).find(([, value]) => value === type)?.[0] ?? String(type);
}

/** Words of a line; quotes of either kind around a word keep blanks together. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/[ \t]*([^"'\s]\S*|"[^"]*"|'[^']*')[ \t]*/g)].map(([, word]) =>
    word!.replace(/^(['"])(.*)\1$/, '$2'),
  );
}
