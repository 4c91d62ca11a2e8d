import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../../src/base/bytes.js';
import { decodeInitialMessage, encodeInitialMessage } from '../../../../src/wire/zookeeper/election/initial-message.js';
import {
  decodeNotification,
  encodeNotification,
  NotificationFrames,
  PeerState,
} from '../../../../src/wire/zookeeper/election/notification.js';
import type { Notification } from '../../../../src/wire/zookeeper/election/notification.js';

const notification: Notification = {
  state: PeerState.LEADING,
  leader: 3,
  zxid: 0x200000001n,
  round: 7n,
  peerEpoch: 2n,
  version: 2,
  config: 'server.1=m1:2888:3888:participant\nversion=0',
};
const malformed = expect.objectContaining({ code: 'MALFORMED' }) as Error;

test('an initial message, in each of its forms', () => {
  for (const addresses of [['127.0.0.1:3888'], ['127.0.0.1:3888', '[::1]:3888']]) {
    const bytes = encodeInitialMessage({ sid: 2, addresses });
    for (let cut = 0; cut < bytes.length; cut++) expect(decodeInitialMessage(bytes.subarray(0, cut))).toBeUndefined();
    expect(decodeInitialMessage(Buffer.concat([bytes, Buffer.from('x')]))).toEqual({
      message: { sid: 2, addresses },
      length: bytes.length,
    });
  }
  expect(decodeInitialMessage(new ByteWriter().i64(2n).take())).toEqual({
    message: { sid: 2, addresses: [] },
    length: 8,
  });
  expect(() => decodeInitialMessage(new ByteWriter().i64(-3n).take())).toThrow(malformed);
  expect(() => decodeInitialMessage(new ByteWriter().i64(-65536n).i64(1n).i32(5000).take())).toThrow(malformed);
});

test("notifications, however the bytes are cut, and an observer's vote for nobody", () => {
  const nobody = {
    ...notification,
    state: PeerState.LOOKING,
    leader: -(2 ** 63),
    zxid: -(2n ** 63n),
    peerEpoch: -(2n ** 63n),
  };
  const bytes = Buffer.concat([
    encodeNotification(notification),
    encodeNotification(nobody),
    encodeNotification(notification),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
      const frames = new NotificationFrames();
      const seen: Notification[] = [];
      let from = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
        seen.push(...frames.push(bytes.subarray(from, cut)).map(decodeNotification));
        from = cut;
      }
      expect(seen).toEqual([notification, nobody, notification]);
    }),
  );
});

test('notifications of old releases', () => {
  const old = new ByteWriter().i32(0).i64(1n).i64(0x300000005n).i64(2n);
  const { length } = old;
  const bytes = old.i64(4n).i32(1).take();
  expect(decodeNotification(bytes.subarray(0, length))).toMatchObject({
    leader: 1,
    round: 2n,
    peerEpoch: 3n,
    version: 0,
  });
  expect(decodeNotification(bytes.subarray(0, length + 8))).toMatchObject({ peerEpoch: 4n, version: 0, config: '' });
  expect(decodeNotification(bytes)).toMatchObject({ peerEpoch: 4n, version: 1, config: '' });
});

test('what cannot be right is refused', () => {
  const frames = (length: number): Buffer[] => new NotificationFrames().push(new ByteWriter().i32(length).take());
  expect(() => frames(0)).toThrow(malformed);
  expect(() => frames(-1)).toThrow(malformed);
  expect(() => frames(512 * 1024 + 1)).toThrow(malformed);
  expect(() => decodeNotification(Buffer.alloc(20))).toThrow(malformed);
  const bytes = Buffer.from(encodeNotification(notification).subarray(4));
  bytes.writeInt32BE(0x7fffffff, 40);
  expect(() => decodeNotification(bytes)).toThrow(malformed);
  bytes.writeInt32BE(9, 0);
  expect(() => decodeNotification(bytes)).toThrow(malformed);
});
