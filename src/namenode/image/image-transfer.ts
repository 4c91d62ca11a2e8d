/**
 * Images between NameNodes over HTTP, the client's side: GET and PUT /imagetransfer. The length and X-MD5-Digest of the
 * answer decide whether what came is whole. Mirrors org.apache.hadoop.hdfs.server.namenode.TransferFsImage.
 */
import { LabError } from '../../base/errors.js';
import type { Endpoint, Host } from '../../host/host.js';
import { httpRequest } from '../../wire/http/client.js';
import { md5Of } from '../../wire/fsimage/container.js';
import { storageInfoText } from './storage-info.js';
import type { NamespaceInfo } from './storage-info.js';
import type { SavedImage } from './save-image.js';

export interface TransferOptions {
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
}

/** The image at `txid`. Rejects LabError IMAGE_TRANSFER, or a connect error. */
export async function downloadImage(
  host: Host,
  from: Endpoint,
  txid: bigint,
  info: NamespaceInfo,
  options: TransferOptions,
): Promise<{ bytes: Buffer; md5: string }> {
  const path =
    `/imagetransfer?getimage=1&txid=${txid}&imageFile=IMAGE` +
    `&storageInfo=${encodeURIComponent(storageInfoText(info))}&bootstrapstandby=false`;
  const where = `http://${from.host}:${from.port}${path}`;
  const response = await httpRequest(host, { endpoint: from, path, ...options });
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (response.status !== 200) {
    throw new LabError(
      'IMAGE_TRANSFER',
      `Image transfer from ${where} failed with status ${response.status}: ` +
        `${bytes.subarray(0, 500).toString('utf8').split('\n')[0]}`,
    );
  }
  const length = response.headers.get('content-length');
  if (length !== undefined && length !== null && Number(length) !== bytes.length) {
    throw new LabError(
      'IMAGE_TRANSFER',
      `File ${where} received length ${bytes.length} is not of the advertised size ${length}`,
    );
  }
  const md5 = md5Of(bytes);
  const advertised = response.headers.get('x-md5-digest');
  if (advertised !== undefined && advertised !== null && advertised !== md5) {
    throw new LabError(
      'IMAGE_TRANSFER',
      `File ${where} computed digest ${md5} does not match advertised digest ${advertised}`,
    );
  }
  return { bytes, md5 };
}

export type UploadResult = 'accepted' | 'not active' | 'has one already';

/**
 * Offers a checkpoint to another NameNode. Rejects LabError IMAGE_TRANSFER when it neither takes nor politely declines
 * it.
 */
export async function uploadImage(
  host: Host,
  to: Endpoint,
  image: SavedImage,
  info: NamespaceInfo,
  options: TransferOptions,
): Promise<UploadResult> {
  const path =
    `/imagetransfer?txid=${image.txid}&storageInfo=${encodeURIComponent(storageInfoText(info))}` +
    `&File-Length=${image.bytes.length}&imageFile=IMAGE`;
  const response = await httpRequest(host, {
    endpoint: to,
    method: 'PUT',
    path,
    headers: { 'X-MD5-Digest': image.md5 },
    body: image.bytes,
    ...options,
  });
  let text = '';
  for await (const chunk of response.body) if (text.length < 500) text += chunk.toString('utf8');
  switch (response.status) {
    case 200:
      return 'accepted';
    case 417:
      return 'not active';
    case 409:
      return 'has one already';
    default:
      throw new LabError(
        'IMAGE_TRANSFER',
        `Image upload to ${to.host}:${to.port} failed with status ${response.status}: ${text.split('\n')[0]}`,
      );
  }
}
