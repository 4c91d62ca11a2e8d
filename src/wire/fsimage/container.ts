/**
 * An fsimage file as a container: what its sections mean is the NameNode's business.
 *
 *     file    := "HDFSIMG1" section* summary length:i32
 *     section := (size:varint message)*            as FileSummary says: name, offset, length
 *     summary := size:varint FileSummary           `length` counts the summary with its varint
 *
 * Mirrors org.apache.hadoop.hdfs.server.namenode.{FSImageUtil, FSImageFormatProtobuf}; uncompressed only.
 */
import { createHash } from 'node:crypto';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ByteReader } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';
import { FileSummary } from '../hadoop/gen/fsimage.js';
import type { MessageType } from '../hadoop/rpc/spec.js';

export const IMAGE_MAGIC = Buffer.from('HDFSIMG1', 'latin1');
/** FSImageUtil.FILE_VERSION */
const ONDISK_VERSION = 1;
/** NameNodeLayoutVersion of Hadoop 3.3.6. */
export const IMAGE_LAYOUT_VERSION = -66;

/** Chunks are handed on at about this size. */
const CHUNK_BYTES = 1 << 20;

/** Sections in order, each a run of messages; `finish` gives the file and its MD5. */
export class ImageWriter {
  readonly #chunks: Buffer[] = [IMAGE_MAGIC];
  #length = IMAGE_MAGIC.length;
  #sectionStart = IMAGE_MAGIC.length;
  #writer = new BinaryWriter();
  #pending = 0;
  readonly #sections: { name: string; length: bigint; offset: bigint }[] = [];

  /** One length-delimited message of the current section. */
  message<T>(type: MessageType<T>, message: T): void {
    type.encode(message, this.#writer.fork()).join();
    if (++this.#pending >= 4096) this.#flush();
  }

  #flush(): void {
    const bytes = this.#writer.finish();
    this.#writer = new BinaryWriter();
    this.#pending = 0;
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const last = this.#chunks[this.#chunks.length - 1]!;
    if (last.length + chunk.length < CHUNK_BYTES) this.#chunks[this.#chunks.length - 1] = Buffer.concat([last, chunk]);
    else this.#chunks.push(chunk);
  }

  endSection(name: string): void {
    this.#flush();
    this.#sections.push({
      name,
      length: BigInt(this.#length - this.#sectionStart),
      offset: BigInt(this.#sectionStart),
    });
    this.#sectionStart = this.#length;
  }

  finish(): { readonly bytes: Buffer; readonly md5: string } {
    const summary = FileSummary.encode(
      { ondiskVersion: ONDISK_VERSION, layoutVersion: IMAGE_LAYOUT_VERSION >>> 0, sections: this.#sections },
      new BinaryWriter().fork(),
    )
      .join()
      .finish();
    const length = Buffer.alloc(4);
    length.writeInt32BE(summary.length);
    const bytes = Buffer.concat([...this.#chunks, summary, length]);
    return { bytes, md5: md5Of(bytes) };
  }
}

export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** The `.md5` file beside an image. */
export function md5FileText(md5: string, imageName: string): string {
  return `${md5} *${imageName}\n`;
}

export function parseMd5File(text: string): string | undefined {
  return /^([0-9a-f]{32}) [ *]/.exec(text)?.[1];
}

/** Views into the file. Throws LabError CORRUPT. */
export function readImageFile(file: Buffer): ReadonlyMap<string, Buffer> {
  const corrupt = (what: string): LabError => new LabError('CORRUPT', `not an fsimage this software reads: ${what}`);
  if (file.length < IMAGE_MAGIC.length + 4 || !file.subarray(0, IMAGE_MAGIC.length).equals(IMAGE_MAGIC))
    throw corrupt('no HDFSIMG1 at its start');
  const summaryLength = file.readInt32BE(file.length - 4);
  if (summaryLength <= 0 || summaryLength > file.length - IMAGE_MAGIC.length - 4)
    throw corrupt(`a summary of ${summaryLength} bytes`);
  const [summary] = decodeMessages(FileSummary, file.subarray(file.length - 4 - summaryLength, file.length - 4));
  if (summary === undefined) throw corrupt('no summary');
  if (summary.ondiskVersion !== ONDISK_VERSION) throw corrupt(`file version ${summary.ondiskVersion}`);
  if ((summary.layoutVersion | 0) < IMAGE_LAYOUT_VERSION)
    throw corrupt(`layout version ${summary.layoutVersion | 0}, newer than ${IMAGE_LAYOUT_VERSION}`);
  if (summary.codec !== undefined && summary.codec !== '')
    throw corrupt(`compressed with ${summary.codec}; save it with dfs.image.compress=false`);
  const sections = new Map<string, Buffer>();
  for (const { name, offset, length } of summary.sections) {
    const start = Number(offset ?? -1n);
    const size = Number(length ?? -1n);
    if (name === undefined || start < IMAGE_MAGIC.length || size < 0 || start + size > file.length)
      throw corrupt(`section ${name} out of bounds`);
    sections.set(name, file.subarray(start, start + size));
  }
  return sections;
}

/** Length-delimited messages, one after the other. */
export function* decodeMessages<T>(type: MessageType<T>, section: Buffer): Generator<T> {
  const reader = new ByteReader(section);
  while (reader.remaining > 0) yield type.decode(reader.view(readVarint(reader)));
}

/** The first message of one type and a reader for the rest of another. */
export function readDelimited<T>(type: MessageType<T>, reader: ByteReader): T {
  return type.decode(reader.view(readVarint(reader)));
}

function readVarint(reader: ByteReader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.u8();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new LabError('MALFORMED', 'malformed bytes: varint too long');
}
