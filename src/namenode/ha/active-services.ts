/**
 * What runs at an active NameNode only: the writer role of the shared journal, the edit log, lease expiry and the roll
 * of a log that grew too long. Mirrors FSNamesystem.startActiveServices and stopActiveServices.
 */
import { LabError } from '../../base/errors.js';
import type { Timer } from '../../host/host.js';
import { SEGMENT_HEADER_SIZE } from '../../wire/edits/segment/header.js';
import type { NameNodeCore } from '../core.js';
import { replay } from '../edit-log/replay.js';
import { releaseExpiredLeases } from '../namespace/complete.js';
import { tailOnce } from '../tailer/edit-log-tailer.js';

export class ActiveServices {
  readonly #core: NameNodeCore;
  #timers: Timer[] = [];

  constructor(core: NameNodeCore) {
    this.#core = core;
  }

  /**
   * Takes over writing. Everything that the old active had acknowledged is applied when it resolves. Any rejection is
   * fatal to the process.
   */
  async start(): Promise<void> {
    const core = this.#core;
    const { host, namespace } = core;
    host.log.info('Starting services required for active state');
    const { shared } = core;
    const recovered = Promise.all(core.localJournals.map((journal) => journal.recoverUnfinalized()));
    if (shared === undefined) {
      await recovered;
      await this.#replayLocal();
    } else {
      const [{ epoch, lastTxid }] = await Promise.all([shared.becomeWriter(), recovered]);
      core.writerEpoch = epoch;
      host.log.info('Catching up to latest edits from old active before taking over writer role in edits logs');
      const edits = await tailOnce(core, { inProgressOk: false, onlyDurable: false });
      if (namespace.lastTxid < lastTxid) {
        throw new LabError(
          'EDITS_GAP',
          `the shared journal ends at transaction ${lastTxid}, but only those up to ${namespace.lastTxid} ` +
            `could be read`,
        );
      }
      host.emit({ type: 'EditsCaughtUp', txid: namespace.lastTxid, edits });
    }
    host.log.info(`Will take over writing edit logs at txnid ${namespace.lastTxid + 1n}`);
    const log = core.newEditLog();
    core.editLog = log;
    await log.open(namespace.lastTxid + 1n);
    namespace.lastTxid = log.lastTxid;
    namespace.openForWrite(log);
    namespace.leases.renewAll();
    this.#timers = [
      host.clock.every(core.config.leaseRecheckMs, () => this.#expireLeases()),
      host.clock.every(core.config.autoRollCheckMs, () => this.#autoRoll()),
    ];
  }

  /** No edit is made after the call; when it resolves, every one made before is durable and its segment closed. */
  async stop(): Promise<void> {
    const core = this.#core;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    core.host.log.info('Stopping services started for active state');
    core.namespace.closeForWrite();
    await core.log.close();
    core.namespace.lastTxid = core.log.lastTxid;
    await core.closeShared();
  }

  /** Without HA the local segments are the log. */
  async #replayLocal(): Promise<void> {
    const { namespace, localJournals, host } = this.#core;
    for (const journal of localJournals) {
      for (const segment of await journal.segments()) {
        if (segment.lastTxid <= namespace.lastTxid || segment.firstTxid > namespace.lastTxid + 1n) continue;
        const bytes = await host.disk.readFile(segment.path);
        if (bytes !== undefined) replay(namespace, bytes, segment.path, SEGMENT_HEADER_SIZE);
      }
    }
    const seen = await this.#core.directories.readSeenTxid();
    if (namespace.lastTxid < seen - 1n) {
      throw new LabError(
        'EDITS_GAP',
        `Gap in transactions. Expected to be able to read up until at least txid ${seen} but unable to find any ` +
          `edit logs containing txid ${namespace.lastTxid + 1n}`,
      );
    }
    this.#core.safeMode.loaded(namespace.countBlocks());
  }

  #expireLeases(): void {
    const { namespace, safeMode, config, host } = this.#core;
    if (safeMode.isOn) return;
    const closed = releaseExpiredLeases(namespace, config.leaseHardLimitMs);
    if (closed > 0) host.log.info(`closed ${closed} files whose leases had expired`);
  }

  #autoRoll(): void {
    const { log, config, host } = this.#core;
    const transactions = log.lastTxid - log.segmentTxid + 1n;
    if (Number(transactions) <= config.autoRollThreshold) return;
    host.log.info(
      `NameNode rolling its own edit log because number of edits in open segment exceeds threshold of ` +
        `${config.autoRollThreshold}`,
    );
    log.roll().catch((error: unknown) => host.log.warn(`roll failed: ${String(error)}`));
  }
}
