/** Images against the one that Apache's NameNode 3.3.6 saved after the very edits of the other fixture. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ByteReader } from '../../../src/base/bytes.js';
import { decodeBody } from '../../../src/wire/edits/ops/ops.js';
import { SEGMENT_HEADER_SIZE } from '../../../src/wire/edits/segment/header.js';
import { scanOps } from '../../../src/wire/edits/segment/scan.js';
import { md5Of, parseMd5File } from '../../../src/wire/fsimage/container.js';
import { loadImage } from '../../../src/namenode/image/load-image.js';
import { saveImage } from '../../../src/namenode/image/save-image.js';
import { applyEdit } from '../../../src/namenode/namespace/apply.js';
import type { Namespace } from '../../../src/namenode/namespace/namespace.js';
import { newNamespace } from '../namespace/new-namespace.js';
import { picture } from '../namespace/picture.js';

const segment = readFileSync(new URL('../../wire/edits/ops/fixtures/edits_1-29.bin', import.meta.url));
const image = readFileSync(new URL('fixtures/fsimage_29.bin', import.meta.url));

function replayed(): Namespace {
  const ns = newNamespace({ superUser: 'root' }).ns;
  for (const frame of scanOps(segment, SEGMENT_HEADER_SIZE)) {
    applyEdit(
      ns,
      frame.txid,
      decodeBody(frame.opcode, new ByteReader(segment, frame.offset + 13, frame.offset + frame.length - 4)),
    );
  }
  return ns;
}

test("Apache's edits give Apache's image", () => {
  const loaded = newNamespace({ superUser: 'someone-else' }).ns;
  expect(loadImage(loaded, image).txid).toBe(29n);
  expect(picture(replayed())).toEqual(picture(loaded));
});

test('what is saved is loaded again, the same', () => {
  const ns = replayed();
  const saved = saveImage(ns, 42);
  const again = newNamespace({ superUser: 'root' }).ns;
  expect(loadImage(again, saved.bytes)).toEqual({ namespaceId: 42, txid: 29n });
  expect(picture(again)).toEqual(picture(ns));
  expect(saved.md5).toBe(md5Of(saved.bytes));
});

test('the md5 file', () => {
  const text = readFileSync(new URL('fixtures/fsimage_29.md5', import.meta.url), 'utf8');
  expect(parseMd5File(text)).toBe(md5Of(image));
});

test('damage is refused, and the namespace is left empty', () => {
  const { ns } = newNamespace();
  for (const damaged of [
    Buffer.alloc(0),
    image.subarray(0, 20),
    Buffer.concat([image, Buffer.alloc(4)]),
    Buffer.concat([Buffer.from('HDFSIMG2'), image.subarray(8)]),
  ]) {
    expect(() => loadImage(ns, damaged)).toThrow();
    expect(ns.inodeCount).toBe(1);
  }
  for (let i = 8; i < image.length; i += 7) {
    const bent = Buffer.from(image);
    bent[i] = bent[i]! ^ 0x5a;
    try {
      loadImage(ns, bent);
    } catch (error) {
      expect(error).toHaveProperty('code');
      expect(ns.inodeCount).toBe(1);
    }
  }
});
