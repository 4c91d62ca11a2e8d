/** What runs at a standby or observer: the tailer, and the checkpointer. Mirrors FSNamesystem.startStandbyServices. */
import type { NameNodeCore } from '../core.js';
import { StandbyCheckpointer } from '../image/standby-checkpointer.js';
import { EditLogTailer } from '../tailer/edit-log-tailer.js';

export class StandbyServices {
  readonly #core: NameNodeCore;
  readonly #tailer: EditLogTailer;
  readonly #checkpointer: StandbyCheckpointer;

  constructor(core: NameNodeCore) {
    this.#core = core;
    this.#tailer = new EditLogTailer(core);
    this.#checkpointer = new StandbyCheckpointer(core);
  }

  start(): Promise<void> {
    this.#core.host.log.info('Starting services required for standby state');
    this.#tailer.start();
    if (this.#core.config.standbyCheckpoints) this.#checkpointer.start();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#core.host.log.info('Stopping services started for standby state');
    this.#checkpointer.stop();
    await this.#tailer.stop();
  }

  close(): void {
    this.#tailer.close();
  }
}
