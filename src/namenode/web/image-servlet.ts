/**
 * GET /imagetransfer (an image or a closed local segment) and PUT /imagetransfer (the standby's checkpoint). Mirrors
 * org.apache.hadoop.hdfs.server.namenode.ImageServlet.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { HttpRequest, HttpResponse } from '../../wire/http/server.js';
import { md5Of, parseMd5File } from '../../wire/fsimage/container.js';
import { isDiskFailure } from '../lifetime.js';
import type { NameNodeCore } from '../core.js';
import { imageIdentity } from '../image/load-image.js';
import { imageName } from '../image/name-directories.js';
import { storageInfoText } from '../image/storage-info.js';
import { stateText } from '../ha/operation-category.js';

/** A body is read piece by piece and refused beyond what was announced, and this. */
const MAX_IMAGE_BYTES = 2 ** 31;
/** dfs.image.... precision: an image this much younger than a period is still welcome. */
const RECENT_IMAGE_PRECISION = 0.75;

export class ImageServlet {
  readonly #core: NameNodeCore;
  /** Transactions of images that are on their way in. */
  readonly #arriving = new Set<bigint>();

  constructor(core: NameNodeCore) {
    this.#core = core;
  }

  async serve(request: HttpRequest): Promise<HttpResponse> {
    const mine = storageInfoText(this.#core.info);
    const theirs = request.query.get('storageInfo');
    if (theirs !== null && theirs !== mine) {
      return refuse(403, `This namenode has storage info ${mine} but the secondary expected ${theirs}`);
    }
    try {
      return request.method === 'PUT' ? await this.#put(request) : await this.#get(request);
    } catch (error) {
      if (request.method === 'PUT' && isDiskFailure(error))
        this.#core.lifetime.fatal(`Error: an image cannot be saved: ${String(error)}`);
      return refuse(410, `${request.method === 'PUT' ? 'PutImage' : 'GetImage'} failed. ` + `${messageOf(error)}`);
    }
  }

  async #get({ query }: HttpRequest): Promise<HttpResponse> {
    const { directories, host } = this.#core;
    if (query.get('getedit') !== null) {
      const first = txidOf(query.get('startTxId'));
      const last = txidOf(query.get('endTxId'));
      for (const journal of this.#core.writer.localJournals) {
        const segment = (await journal.segments()).find(
          (found) => found.firstTxid === first && found.lastTxid === last,
        );
        const bytes = segment === undefined ? undefined : await host.disk.readFile(segment.path);
        if (bytes !== undefined && segment !== undefined) return file(bytes, segment.path, undefined);
      }
      return refuse(410, `GetImage failed. No edits ${first}-${last} here`);
    }
    const wanted = query.get('txid');
    const images = await directories.images();
    const found = wanted === 'latest' ? images[0] : images.find(({ txid }) => txid === txidOf(wanted));
    if (found === undefined)
      return refuse(410, `GetImage failed. Could not find image${wanted === 'latest' ? '' : ` with txid ${wanted}`}`);
    const bytes = await host.disk.readFile(found.path);
    const md5 = parseMd5File((await host.disk.readFile(`${found.path}.md5`))?.toString('utf8') ?? '');
    if (bytes === undefined) return refuse(410, `GetImage failed. ${found.path} is gone`);
    return file(bytes, found.path, md5);
  }

  async #put(request: HttpRequest): Promise<HttpResponse> {
    const core = this.#core;
    const { directories, config, host, checkpoints } = core;
    const { state } = core.ha;
    if (state !== 'ACTIVE' && state !== 'OBSERVER') {
      return refuse(
        417,
        `Nameode ${config.http.host} is currently not in a state which can accept uploads of new fsimages. State: ` +
          `${stateText(state)}`,
      );
    }
    const txid = txidOf(request.query.get('txid'));
    const length = Number(request.query.get('File-Length'));
    if (
      !Number.isSafeInteger(length) ||
      length <= 0 ||
      length > MAX_IMAGE_BYTES ||
      request.query.get('storageInfo') === null
    ) {
      return refuse(410, 'PutImage failed. Illegal parameters to TransferFsImage');
    }
    const type = request.query.get('imageFile') ?? 'IMAGE';
    if (type !== 'IMAGE') return refuse(410, `PutImage failed. ${type} images are not supported by this NameNode`);
    for (const other of this.#arriving) {
      if (other >= txid)
        return refuse(
          409,
          `Another checkpointer is already in the process of uploading a checkpoint made up to transaction ID ${other}`,
        );
    }
    const elapsedMs = host.clock.wallMs() - checkpoints.lastWallMs;
    if (
      elapsedMs < config.checkpointPeriodMs * RECENT_IMAGE_PRECISION &&
      txid - checkpoints.lastTxid < BigInt(config.checkpointTxns)
    ) {
      return refuse(
        409,
        'Rejecting a fsimage due to small time delta and txnid delta. Time since previous checkpoint is ' +
          `${Math.round(elapsedMs / 1000)} expecting at least ` +
          `${Math.round((config.checkpointPeriodMs * RECENT_IMAGE_PRECISION) / 1000)} txnid delta since ` +
          `previous checkpoint is ${txid - checkpoints.lastTxid} expecting at least ${config.checkpointTxns}`,
      );
    }
    if ((await directories.images()).some((image) => image.txid === txid)) {
      return refuse(
        409,
        `Either current namenode has checkpointed or another checkpointer already uploaded an checkpoint for ` +
          `txid ${txid}`,
      );
    }
    this.#arriving.add(txid);
    try {
      const bytes = await readExactly(request.body, length);
      const md5 = md5Of(bytes);
      const advertised = request.headers.get('x-md5-digest');
      if (advertised !== undefined && advertised !== null && advertised !== md5) {
        return refuse(410, `PutImage failed. ${imageName(txid)} has digest ${md5}, advertised was ${advertised}`);
      }
      const says = imageIdentity(bytes);
      if (says.txid !== txid || says.namespaceId !== core.info.namespaceId) {
        return refuse(
          410,
          `PutImage failed. The image is of namespace ${says.namespaceId} at transaction ${says.txid}, not of ` +
            `${core.info.namespaceId} at ${txid}`,
        );
      }
      await directories.writeImage(txid, bytes, md5);
      await checkpoints.saved(txid);
      return { status: 200, body: '' };
    } finally {
      this.#arriving.delete(txid);
    }
  }
}

function refuse(status: number, message: string): HttpResponse {
  return { status, headers: { 'Content-Type': 'text/plain;charset=utf-8' }, body: `${message}\n` };
}

function txidOf(text: string | null): bigint {
  if (text === null || !/^\d{1,19}$/.test(text)) throw new LabError('MALFORMED', `"${text}" is not a transaction id`);
  return BigInt(text);
}

function file(bytes: Buffer, path: string, md5: string | undefined): HttpResponse {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'X-Image-Edits-Name': name,
      'Content-Disposition': `attachment; filename=${name}`,
      ...(md5 === undefined ? {} : { 'X-MD5-Digest': md5 }),
    },
    body: bytes,
  };
}

async function readExactly(body: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > length) throw new LabError('MALFORMED', `more than the advertised ${length} bytes arrived`);
    chunks.push(chunk);
  }
  if (received !== length) throw new LabError('MALFORMED', `${received} of the advertised ${length} bytes arrived`);
  return Buffer.concat(chunks);
}
