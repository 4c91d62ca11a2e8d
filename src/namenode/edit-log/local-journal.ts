/**
 * Edits in one local directory: `edits_inprogress_<first>`, renamed to `edits_<first>-<last>` when the segment is
 * closed. With shared edits they are a copy for people and tools; without, they are the log. Mirrors
 * FileJournalManager.
 */
import { LabError } from '../../base/errors.js';
import type { AppendFile, Host } from '../../host/host.js';
import { SEGMENT_HEADER } from '../../wire/edits/segment/header.js';
import { scanSegment } from '../../wire/edits/segment/scan.js';

const INPROGRESS = /^edits_inprogress_(\d{19})$/;
const FINALIZED = /^edits_(\d{19})-(\d{19})$/;

function padded(txid: bigint): string {
  return txid.toString().padStart(19, '0');
}

export interface LocalSegment {
  readonly firstTxid: bigint;
  readonly lastTxid: bigint;
  readonly path: string;
}

export class LocalJournal {
  readonly #host: Host;
  /** The storage directory; files are in its `current`. */
  readonly dir: string;
  #file: AppendFile | undefined = undefined;
  #firstTxid = 0n;

  constructor(host: Host, dir: string) {
    this.#host = host;
    this.dir = dir;
  }

  #path(name: string): string {
    return `${this.dir}/current/${name}`;
  }

  /** Closes what a crash left open, up to its last whole operation; a segment without any is moved aside. */
  async recoverUnfinalized(): Promise<void> {
    for (const name of (await this.#host.disk.list(`${this.dir}/current`)) ?? []) {
      const match = INPROGRESS.exec(name);
      if (match === null) continue;
      const path = this.#path(name);
      const scan = scanSegment((await this.#host.disk.readFile(path)) ?? Buffer.alloc(0));
      if (scan.lastTxid === undefined) {
        await this.#host.disk.rename(path, `${path}.empty`);
        continue;
      }
      const file = await this.#host.disk.openAppend(path);
      if (file.size > scan.validLength) await file.truncate(scan.validLength);
      await file.close();
      await this.#host.disk.rename(path, this.#path(`edits_${match[1]}-${padded(scan.lastTxid)}`));
    }
  }

  async startSegment(firstTxid: bigint): Promise<void> {
    const path = this.#path(`edits_inprogress_${padded(firstTxid)}`);
    await this.#host.disk.remove(path);
    this.#file = await this.#host.disk.openAppend(path);
    this.#firstTxid = firstTxid;
    this.#file.append(SEGMENT_HEADER);
  }

  /** Whole operations; durable after `sync`. */
  write(bytes: Uint8Array): void {
    this.#open().append(bytes);
  }

  sync(): Promise<void> {
    return this.#open().sync();
  }

  async finalizeSegment(lastTxid: bigint): Promise<void> {
    const file = this.#open();
    this.#file = undefined;
    await file.sync();
    await file.close();
    const first = padded(this.#firstTxid);
    await this.#host.disk.rename(
      this.#path(`edits_inprogress_${first}`),
      this.#path(`edits_${first}-${padded(lastTxid)}`),
    );
  }

  /** Lets go of the open segment as it is: the next start recovers it. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #open(): AppendFile {
    if (this.#file === undefined) throw new LabError('ASSERTION', `no segment is open in ${this.dir}`);
    return this.#file;
  }

  /** Closed segments, in order. */
  async segments(): Promise<readonly LocalSegment[]> {
    const found: LocalSegment[] = [];
    for (const name of (await this.#host.disk.list(`${this.dir}/current`)) ?? []) {
      const match = FINALIZED.exec(name);
      if (match !== null)
        found.push({ firstTxid: BigInt(match[1]!), lastTxid: BigInt(match[2]!), path: this.#path(name) });
    }
    return found;
  }

  /** Drops closed segments that end before `minTxid`. */
  async purge(minTxid: bigint): Promise<void> {
    for (const { lastTxid, path } of await this.segments()) if (lastTxid < minTxid) await this.#host.disk.remove(path);
  }
}
