/**
 * The two kinds of framing of Hadoop IPC: a packet is an int32 length and that many bytes; inside a packet each
 * protobuf message stands behind its own varint length. org.apache.hadoop.ipc.RpcWritable,
 * Server.Connection.readAndProcess.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { LabError, messageOf } from '../../../base/errors.js';
import type { ByteQueue } from '../../byte-queue.js';
import type { MessageType } from './spec.js';

/** Starts a packet; its length is filled in by `finishPacket`. */
export function startPacket(): BinaryWriter {
  return new BinaryWriter().raw(new Uint8Array(4));
}

export function writeDelimited<T>(writer: BinaryWriter, type: MessageType<T>, message: T): BinaryWriter {
  return type.encode(message, writer.fork()).join();
}

export function finishPacket(writer: BinaryWriter): Buffer {
  const bytes = writer.finish();
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  packet.writeInt32BE(packet.length - 4, 0);
  return packet;
}

/**
 * The next whole packet without its length; undefined while it is incomplete. Throws LabError MALFORMED as soon as a
 * length is negative or above `limit` bytes.
 */
export function takePacket(queue: ByteQueue, limit: number): Buffer | undefined {
  if (queue.length < 4) return undefined;
  const length = queue.peek(4).readInt32BE(0);
  if (length < 0) throw new LabError('MALFORMED', `Unexpected data length ${length}`);
  if (length > limit) {
    throw new LabError(
      'MALFORMED',
      `Requested data length ${length} is longer than maximum configured RPC length ${limit}`,
    );
  }
  if (queue.length < 4 + length) return undefined;
  queue.take(4);
  return queue.take(length);
}

/** Reads the delimited messages of one packet, in order. */
export class PacketReader {
  readonly #packet: Buffer;
  #at = 0;

  constructor(packet: Buffer) {
    this.#packet = packet;
  }

  get remaining(): number {
    return this.#packet.length - this.#at;
  }

  /** The bytes of the next message: a view of the packet. Throws LabError MALFORMED. */
  bytes(): Buffer {
    const length = this.#varint();
    if (length > this.remaining) {
      throw new LabError('MALFORMED', `a message of ${length} bytes in a packet with ${this.remaining} left`);
    }
    const start = this.#at;
    this.#at += length;
    return this.#packet.subarray(start, this.#at);
  }

  /** Decodes the next message. Throws LabError MALFORMED. */
  message<T>(type: MessageType<T>): T {
    return decodeMessage(type, this.bytes());
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#packet[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new LabError('MALFORMED', 'a message length that does not end');
  }
}

/** Decodes a protobuf message; what is wrong with it surfaces as LabError MALFORMED. */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array): T {
  try {
    return type.decode(bytes);
  } catch (error) {
    throw new LabError('MALFORMED', messageOf(error), { cause: error });
  }
}
