/**
 * Safe mode: no change to the namespace. On at start until enough blocks are reported (a namespace without blocks
 * leaves at once), and whenever an administrator says so. Mirrors BlockManagerSafeMode and
 * FSNamesystem.checkNameNodeSafeMode.
 */
import { HadoopError } from './namespace/errors.js';

export class SafeMode {
  #startup = true;
  #manual = false;
  #blockTotal = 0;
  readonly #threshold: number;
  readonly #hostName: string;

  constructor(threshold: number, hostName: string) {
    this.#threshold = threshold;
    this.#hostName = hostName;
  }

  get isOn(): boolean {
    return this.#startup || this.#manual;
  }

  /** The namespace is loaded: `blocks` have to be reported before it may change. */
  loaded(blocks: number): void {
    this.#blockTotal = blocks;
    this.#startup = this.#needed > 0;
  }

  get #needed(): number {
    return Math.floor(this.#blockTotal * this.#threshold);
  }

  enter(): void {
    this.#manual = true;
  }

  leave(): void {
    this.#manual = false;
    this.#startup = false;
  }

  /** FSNamesystem.getSafeModeTip */
  get tip(): string {
    if (this.#manual) return 'It was turned on manually. Use "hdfs dfsadmin -safemode leave" to turn safe mode off.';
    const threshold = this.#threshold.toFixed(4);
    return (
      `The reported blocks 0 needs additional ${this.#needed} blocks to reach the threshold ${threshold} of total ` +
      `blocks ${this.#blockTotal}.\n` +
      'The minimum number of live datanodes is not required. ' +
      'Safe mode will be turned off automatically once the thresholds have been reached.'
    );
  }

  /** Throws for a change: while starting up at the active the client is told to try again. */
  check(what: string, active: boolean): void {
    if (!this.isOn) return;
    const words = `${what}. Name node is in safe mode.\n${this.tip} NamenodeHostName:${this.#hostName}`;
    if (active && this.#startup && !this.#manual) {
      throw new HadoopError('RetriableException', `org.apache.hadoop.hdfs.server.namenode.SafeModeException: ${words}`);
    }
    throw new HadoopError('SafeModeException', words);
  }
}
