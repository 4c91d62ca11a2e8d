/**
 * The directory of one journal: `in_use.lock`, `current/` with VERSION, epochs, committed-txid, segments and `paxos/`.
 * Reads it into what the state machine judges by and carries its effects out; decides nothing. Layout of JNStorage and
 * FileJournalManager.
 */
import { LabError, assert, hasCode, messageOf } from '../../base/errors.js';
import type { AppendFile, Disk, Host } from '../../host/host.js';
import { encodeSegmentHeader } from '../../wire/edits/segment/header.js';
import { SegmentScanner } from '../../wire/edits/segment/scan.js';
import type { SegmentScan } from '../../wire/edits/segment/scan.js';
import type { JournalSnapshot } from '../state/epochs.js';
import type { DiskView, PaxosData, SegmentFile, SegmentState, StorageInfo } from '../state/types.js';
import { decodeEpochFile, decodeTxidFile, encodeEpochFile, encodeTxidFile } from './long-file.js';
import { parseEditsName, syncName } from '../names.js';
import { decodePaxosFile, encodePaxosFile } from './paxos-file.js';
import { decodeVersionFile, encodeVersionFile } from './version-file.js';

const PIECE_BYTES = 1 << 20;
/** The committed transaction id is a lower bound, so it may be written now and then. */
const COMMITTED_WRITE_INTERVAL_MS = 1000;

export class JournalDirectory {
  readonly root: string;
  readonly #host: Host;
  readonly #disk: Disk;
  #lock: { release(): Promise<void> } | undefined;
  #open: AppendFile | undefined;
  #openName: string | undefined;
  /** Scans of in-progress files that nobody writes, by name and size. */
  readonly #scans = new Map<string, { size: number; scan: SegmentScan }>();
  #committed:
    | { txid: bigint; written: bigint | undefined; nextWriteMs: number; writing: Promise<void> | undefined }
    | undefined;
  /** Rises whenever a file's content under a name is replaced, so that a transfer under way can stop. */
  replacements = 0;

  constructor(host: Host, root: string) {
    this.#host = host;
    this.#disk = host.disk;
    this.root = root;
  }

  path(name: string): string {
    return `${this.root}/current/${name}`;
  }

  /** Takes the lock if the directory exists, and reads what it holds. Throws LOCKED, CORRUPT, DISK_FAILED. */
  async load(): Promise<JournalSnapshot> {
    const unformatted: JournalSnapshot = {
      storage: undefined,
      lastPromisedEpoch: 0n,
      lastWriterEpoch: 0n,
      committedTxid: undefined,
      highestWrittenTxid: 0n,
    };
    this.#scans.clear();
    const found = await this.#disk.stat(this.root);
    if (found === undefined) return unformatted;
    if (found.kind === 'file') {
      throw new LabError('CORRUPT', `${this.root} is a file, not a directory`, {
        remedy: "Move it away and copy the journal's directory from another JournalNode of the same journal.",
      });
    }
    await this.#takeLock();
    const version = await this.#disk.readFile(this.path('VERSION'));
    if (version === undefined) {
      await this.#refuseHeadless();
      return unformatted;
    }
    const storage = decodeVersionFile(version, this.path('VERSION'));
    const lastPromisedEpoch = decodeEpochFile(
      await this.#disk.readFile(this.path('last-promised-epoch')),
      this.path('last-promised-epoch'),
    );
    const lastWriterEpoch = decodeEpochFile(
      await this.#disk.readFile(this.path('last-writer-epoch')),
      this.path('last-writer-epoch'),
    );
    const committedTxid = decodeTxidFile(
      await this.#disk.readFile(this.path('committed-txid')),
      this.path('committed-txid'),
    );
    this.#committed = { txid: committedTxid ?? 0n, written: committedTxid, nextWriteMs: 0, writing: undefined };
    const { segments } = await this.view(undefined);
    return {
      storage,
      lastPromisedEpoch,
      lastWriterEpoch,
      committedTxid,
      highestWrittenTxid: segments.findLast((s) => s.lastTxid !== undefined)?.lastTxid ?? 0n,
    };
  }

  /** A format begins by removing everything and ends with VERSION: whatever a journal holds came after it. */
  async #refuseHeadless(): Promise<void> {
    const corrupt = (what: string): LabError =>
      new LabError('CORRUPT', `${this.root}/current${what}`, {
        remedy:
          "Restore the file from another JournalNode of the same journal, or move the journal's directory away and " +
          'copy it from there.',
      });
    const current = await this.#disk.stat(`${this.root}/current`);
    if (current?.kind === 'file') throw corrupt(' is a file, not a directory');
    const data = ((await this.#disk.list(`${this.root}/current`)) ?? []).find(
      (name) =>
        parseEditsName(name) !== undefined || /^(last-promised-epoch|last-writer-epoch|committed-txid)$/.test(name),
    );
    if (data !== undefined) throw corrupt(`/VERSION is missing beside ${data}`);
  }

  async #takeLock(): Promise<void> {
    if (this.#lock !== undefined) return;
    try {
      this.#lock = await this.#disk.lock(`${this.root}/in_use.lock`);
    } catch (error) {
      if (!hasCode(error, 'LOCKED')) throw error;
      const holder = error.data['pid'];
      throw new LabError(
        'LOCKED',
        `Cannot lock storage ${this.root}. The directory is already ` +
          `locked${typeof holder === 'number' ? ` by process ${holder}` : ''}`,
        {
          cause: error,
          remedy:
            'Another JournalNode uses this directory (dfs.journalnode.edits.dir): stop it, or give this one a ' +
            'directory of its own.',
        },
      );
    }
  }

  /**
   * Edit log files, by first transaction. Of the one being written `openLastTxid` is known without a look at the disk.
   */
  async #segments(names: readonly string[], openLastTxid: bigint | undefined): Promise<SegmentFile[]> {
    const files: SegmentFile[] = [];
    for (const name of names) {
      const parsed = parseEditsName(name);
      if (parsed?.kind === 'finalized') {
        files.push({
          name,
          firstTxid: parsed.firstTxid,
          lastTxid: parsed.lastTxid,
          inProgress: false,
          corruptHeader: false,
        });
      } else if (parsed?.kind === 'inProgress' && name === this.#openName && openLastTxid !== undefined) {
        const lastTxid = openLastTxid < parsed.firstTxid ? undefined : openLastTxid;
        files.push({ name, firstTxid: parsed.firstTxid, lastTxid, inProgress: true, corruptHeader: false });
      } else if (parsed?.kind === 'inProgress') {
        files.push(await this.#inProgressFile(name, parsed.firstTxid));
      }
    }
    return files.sort((a, b) =>
      a.firstTxid < b.firstTxid ? -1 : a.firstTxid > b.firstTxid ? 1 : Number(a.inProgress) - Number(b.inProgress),
    );
  }

  async #inProgressFile(name: string, firstTxid: bigint): Promise<SegmentFile> {
    const scan = await this.#scan(name);
    // A file whose operations belong to another segment holds nothing of this one.
    const good = scan.firstTxid === firstTxid;
    return {
      name,
      firstTxid,
      lastTxid: good ? scan.lastTxid : undefined,
      inProgress: true,
      corruptHeader: !scan.header.ok && scan.tail.kind === 'corrupt',
    };
  }

  async #scan(name: string): Promise<SegmentScan> {
    const path = this.path(name);
    const size = (await this.#disk.stat(path))?.size ?? 0;
    const known = this.#scans.get(name);
    if (known !== undefined && known.size === size) return known.scan;
    const scan = await scanFile(this.#disk, path, size);
    this.#scans.set(name, { size, scan });
    return scan;
  }

  /** What the disk durably holds. `segmentTxid`: also what a recovery of this segment needs to know. */
  async view(openLastTxid: bigint | undefined, segmentTxid?: bigint): Promise<DiskView> {
    await this.#open?.sync();
    const names = (await this.#disk.list(`${this.root}/current`)) ?? [];
    const aside: { name: string; firstTxid: bigint }[] = [];
    for (const name of names) {
      const parsed = parseEditsName(name);
      if (parsed?.kind === 'aside') aside.push({ name, firstTxid: parsed.firstTxid });
    }
    const decided = ((await this.#disk.list(this.path('paxos'))) ?? [])
      .filter((name) => /^\d{1,19}$/.test(name))
      .map(BigInt);
    const segments = await this.#segments(names, openLastTxid);
    const view = { segments, aside, decided, empty: names.length === 0, paxos: undefined, halfDone: undefined };
    if (segmentTxid === undefined || !decided.includes(segmentTxid)) return view;
    const paxosPath = this.path(`paxos/${segmentTxid}`);
    const paxos = decodePaxosFile((await this.#disk.readFile(paxosPath))!, paxosPath, segmentTxid);
    const temporary = syncName(segmentTxid, paxos.acceptedInEpoch);
    const exists = aside.some(({ name }) => name === temporary);
    return { ...view, paxos, halfDone: exists ? await this.#inProgressFile(temporary, segmentTxid) : undefined };
  }

  async format(info: StorageInfo): Promise<void> {
    await this.#disk.makeDirectory(this.root);
    await this.#takeLock();
    await this.#committed?.writing;
    this.#committed = { txid: 0n, written: undefined, nextWriteMs: 0, writing: undefined };
    this.#scans.clear();
    this.replacements += 1;
    await this.#disk.remove(`${this.root}/current`);
    await this.#disk.makeDirectory(this.path('paxos'));
    // Last, since its presence says that all the rest is there.
    await this.#disk.writeFile(this.path('VERSION'), encodeVersionFile(info));
  }

  /** What an older writer appended is durable first, so that nothing of it is answered after the promise. */
  async writeEpoch(file: 'last-promised-epoch' | 'last-writer-epoch', epoch: bigint): Promise<void> {
    await this.#open?.sync();
    await this.#disk.writeFile(this.path(file), encodeEpochFile(epoch));
  }

  /**
   * Remembers the committed transaction id and writes it when the last writing is a while ago. Never waits, never
   * fails.
   */
  noteCommitted(txid: bigint): void {
    const committed = this.#committed;
    if (committed === undefined) return;
    committed.txid = txid;
    const nowMs = this.#host.clock.nowMs();
    if (nowMs < committed.nextWriteMs || committed.writing !== undefined) return;
    committed.nextWriteMs = nowMs + COMMITTED_WRITE_INTERVAL_MS;
    void this.writeCommitted();
  }

  async writeCommitted(): Promise<void> {
    const committed = this.#committed;
    if (committed === undefined || committed.txid === 0n) return;
    await committed.writing;
    if (committed !== this.#committed || committed.written === committed.txid) return;
    const txid = committed.txid;
    committed.writing = this.#disk
      .writeFile(this.path('committed-txid'), encodeTxidFile(txid))
      .then(
        () => {
          committed.written = txid;
        },
        (error: unknown) =>
          this.#host.log.warn(
            `${this.path('committed-txid')}: not written ` + `(${messageOf(error)}); the old, lower value stays`,
          ),
      )
      .finally(() => {
        committed.writing = undefined;
      });
    await committed.writing;
  }

  async openSegment(name: string, layoutVersion: number): Promise<void> {
    assert(this.#open === undefined, `a segment is open in ${this.root}`);
    const path = this.path(name);
    this.#scans.delete(name);
    this.replacements += 1;
    await this.#disk.writeFile(path, encodeSegmentHeader(layoutVersion));
    this.#open = await this.#disk.openAppend(path);
    this.#openName = name;
  }

  append(bytes: Buffer): void {
    assert(this.#open !== undefined, `no segment is open in ${this.root}`);
    this.#open.append(bytes);
  }

  /** Resolves when what was appended so far is durable. */
  sync(): Promise<void> {
    assert(this.#open !== undefined, `no segment is open in ${this.root}`);
    return this.#open.sync();
  }

  async closeSegment(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#scans.delete(this.#openName!);
    this.#openName = undefined;
    try {
      await open.sync();
    } finally {
      await open.close();
    }
  }

  /** Closes whatever is open, come what may: before the state is loaded anew. */
  async abandon(): Promise<void> {
    await this.closeSegment().catch(() => undefined);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#scans.delete(from);
    this.#scans.delete(to);
    const replaced = (await this.#disk.stat(this.path(to))) !== undefined;
    if (replaced) this.replacements += 1;
    await this.#disk.rename(this.path(from), this.path(to));
  }

  async remove(name: string): Promise<void> {
    this.#scans.delete(name);
    await this.#disk.remove(this.path(name));
  }

  async syncFile(name: string): Promise<void> {
    const file = await this.#disk.openAppend(this.path(name));
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async trimFile(name: string): Promise<void> {
    const { validLength } = await this.#scan(name);
    this.#scans.delete(name);
    const file = await this.#disk.openAppend(this.path(name));
    try {
      if (file.size > validLength) await file.truncate(validLength);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async writePaxos(segmentTxid: bigint, data: PaxosData): Promise<void> {
    await this.#disk.makeDirectory(this.path('paxos'));
    await this.#disk.writeFile(this.path(`paxos/${segmentTxid}`), encodePaxosFile(data));
  }

  async removePaxos(segmentTxid: bigint): Promise<void> {
    const path = this.path(`paxos/${segmentTxid}`);
    if ((await this.#disk.stat(path)) !== undefined) await this.#disk.remove(path);
  }

  /** Writes a downloaded segment, piece by piece, and makes sure that it is what was asked for. */
  async receive(name: string, segment: SegmentState, pieces: AsyncIterable<Buffer>): Promise<void> {
    const path = this.path(name);
    await this.#disk.remove(path);
    this.#scans.delete(name);
    const file = await this.#disk.openAppend(path);
    const scanner = new SegmentScanner({ upToTxid: segment.endTxid });
    try {
      for await (const piece of pieces) {
        scanner.push(piece);
        file.append(piece);
        if (file.size % (8 * PIECE_BYTES) < piece.length) await file.sync();
      }
      const scan = scanner.finish();
      if (scan.firstTxid !== segment.startTxid || scan.lastTxid !== segment.endTxid) {
        throw new LabError(
          'BAD_SEGMENT',
          `the segment received for ${path} holds ${scan.firstTxid ?? 'no'}-${scan.lastTxid ?? 'transactions'}, not ` +
            `${segment.startTxid}-${segment.endTxid}`,
        );
      }
      // Beyond the agreed end lies what no majority has.
      if (file.size > scan.validLength) await file.truncate(scan.validLength);
      await file.sync();
      await file.close();
    } catch (error) {
      await file.close().catch(() => undefined);
      await this.#disk.remove(path).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.closeSegment();
      await this.writeCommitted();
    } finally {
      await this.#lock?.release();
      this.#lock = undefined;
    }
  }
}

async function scanFile(disk: Disk, path: string, size: number): Promise<SegmentScan> {
  const scanner = new SegmentScanner();
  for (let at = 0; at < size && !scanner.done; ) {
    const piece = await disk.readRange(path, at, PIECE_BYTES);
    if (piece.length === 0) break;
    scanner.push(piece);
    at += piece.length;
  }
  return scanner.finish();
}
