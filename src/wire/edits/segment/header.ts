/**
 * The eight bytes that open an edit log file: layout version, then the (empty) section of layout flags.
 *
 *   header := layoutVersion:i32 flagsLength:i32(=0)
 *
 * Mirrors org.apache.hadoop.hdfs.server.namenode.EditLogFileOutputStream#writeHeader and
 * org.apache.hadoop.hdfs.protocol.LayoutFlags.
 */
import { ByteWriter } from '../../../base/bytes.js';

/** NameNodeLayoutVersion.CURRENT_LAYOUT_VERSION of Hadoop 3.3.6; newer layouts are smaller numbers. */
export const EDITS_LAYOUT_VERSION = -66;

/** The first layout whose operations carry a length: older files cannot be scanned without knowing every operation. */
const EDITLOG_LENGTH_LAYOUT_VERSION = -56;

export const SEGMENT_HEADER_SIZE = 8;

export function encodeSegmentHeader(layoutVersion: number): Buffer {
  return new ByteWriter(SEGMENT_HEADER_SIZE).i32(layoutVersion).i32(0).take();
}

/** The header of a file that this software writes. Not to be changed in place. */
export const SEGMENT_HEADER: Buffer = encodeSegmentHeader(EDITS_LAYOUT_VERSION);

export type SegmentHeader =
  | { readonly ok: true; readonly layoutVersion: number }
  | { readonly ok: false; readonly reason: string };

/**
 * Looks at the start of a file; never throws. A bad header means that the file holds no transaction that can be
 * trusted.
 */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER_SIZE) {
    return { ok: false, reason: `only ${bytes.length} of the header's ${SEGMENT_HEADER_SIZE} bytes are there` };
  }
  const layoutVersion = bytes.readInt32BE(0);
  if (layoutVersion === -1)
    return { ok: false, reason: 'padding where the header should be: the file was created and never written' };
  if (layoutVersion > EDITLOG_LENGTH_LAYOUT_VERSION)
    return { ok: false, reason: `layout version ${layoutVersion} is not one this software reads` };
  const flags = bytes.readInt32BE(4);
  if (flags !== 0) return { ok: false, reason: `layout flags of length ${flags} that this software does not know` };
  return { ok: true, layoutVersion };
}
