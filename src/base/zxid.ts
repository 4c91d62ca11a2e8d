/**
 * A zxid is (epoch << 32) | counter, both unsigned 32-bit; held as bigint. Mirrors
 * org.apache.zookeeper.server.util.ZxidUtils.
 */
export function makeZxid(epoch: bigint | number, counter: bigint | number): bigint {
  return (BigInt(epoch) << 32n) | (BigInt(counter) & 0xffffffffn);
}

export function epochOf(zxid: bigint): bigint {
  return zxid >> 32n;
}

export function counterOf(zxid: bigint): bigint {
  return zxid & 0xffffffffn;
}

/** As ZooKeeper's logs print it: 0x1000000a2. */
export function zxidText(zxid: bigint): string {
  return `0x${BigInt.asUintN(64, zxid).toString(16)}`;
}

/** A majority: strictly more than half. */
export function isMajority(count: number, of: number): boolean {
  return count > Math.floor(of / 2);
}
