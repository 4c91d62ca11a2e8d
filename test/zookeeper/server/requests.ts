/** Request bodies that tests need often. */
import type { ByteWriter } from '../../../src/base/bytes.js';
import { writeCreateRequest } from '../../../src/wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../../src/wire/zookeeper/client/delete.js';
import { writeExistsRequest } from '../../../src/wire/zookeeper/client/exists.js';
import { writeGetDataRequest } from '../../../src/wire/zookeeper/client/get-data.js';
import { writeSetDataRequest } from '../../../src/wire/zookeeper/client/set-data.js';
import { OPEN_ACL_UNSAFE } from '../../../src/wire/zookeeper/data/acl.js';
import { Op } from '../../../src/wire/zookeeper/op.js';

type Body = (w: ByteWriter) => void;

export const create = (path: string, flags = 0, data = 'v'): [number, Body] => [
  Op.create,
  (w) => writeCreateRequest(w, { path, data: Buffer.from(data), acl: OPEN_ACL_UNSAFE, flags }),
];
export const set = (path: string, data: string, version = -1): [number, Body] => [
  Op.setData,
  (w) => writeSetDataRequest(w, { path, data: Buffer.from(data), version }),
];
export const get = (path: string, watch = false): [number, Body] => [
  Op.getData,
  (w) => writeGetDataRequest(w, { path, watch }),
];
export const exists = (path: string, watch = false): [number, Body] => [
  Op.exists,
  (w) => writeExistsRequest(w, { path, watch }),
];
export const del = (path: string, version = -1): [number, Body] => [
  Op.delete,
  (w) => writeDeleteRequest(w, { path, version }),
];
