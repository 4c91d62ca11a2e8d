/**
 * What the NameNode knows of blocks: how many there are, and where a new one goes. The seam where DataNodes will stand;
 * today there are none, so no block is ever found or allocated. Mirrors
 * org.apache.hadoop.hdfs.server.blockmanagement.BlockManager.
 */
import { HadoopError } from '../namespace/errors.js';
import type { Namespace } from '../namespace/namespace.js';

export interface BlockManager {
  /** Blocks of all files: what safe mode waits for. */
  readonly total: number;
  /** Those of which no DataNode has told. */
  readonly missing: number;
  /** Where the next block of a file goes. Throws if there is no place. */
  allocate(path: string, excludedNodes: number): never;
}

export class NoDataNodes implements BlockManager {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  get total(): number {
    return this.#namespace.countBlocks();
  }

  get missing(): number {
    return this.total;
  }

  allocate(path: string, excludedNodes: number): never {
    throw new HadoopError(
      'IOException',
      `File ${path} could only be written to 0 of the ${this.#namespace.limits.minReplication} minReplication nodes. ` +
        `There are 0 datanode(s) running and ${excludedNodes} node(s) are excluded in this operation.`,
    );
  }
}
