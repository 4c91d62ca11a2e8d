/**
 * The transactions in a log file of Apache's: a FileHeader of 16 bytes, then checksum long, length int, transaction,
 * 'B'.
 */
export function transactions(log: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 16; at < log.length; ) {
    const length = log.readInt32BE(at + 8);
    found.push(log.subarray(at + 12, at + 12 + length));
    at += 12 + length + 1;
  }
  return found;
}
