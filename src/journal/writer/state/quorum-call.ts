/**
 * Answers of several nodes to one question, until a majority has answered well or cannot any more. Mirrors
 * org.apache.hadoop.hdfs.qjournal.client.QuorumCall and QuorumException, and ends sooner where the outcome is settled.
 */
import { LabError } from '../../../base/errors.js';

/** What a node answered when it refused, or what came of the connection. */
export interface NodeFailure {
  /** The Java exception's class, where a node answered. */
  readonly className: string | undefined;
  readonly message: string;
}

/** Whether this refusal says that another writer was promised the journal. */
export function isFenced({ message }: NodeFailure): boolean {
  return message.includes('is less than the last promised epoch') || message.includes('<= last promise ');
}

const isNotFormatted = ({ className }: NodeFailure): boolean =>
  className?.endsWith('.JournalNotFormattedException') ?? false;

export class QuorumCall<T> {
  readonly operation: string;
  readonly #addresses: readonly string[];
  readonly #need: number;
  /** By node; sparse. */
  readonly #successes = new Map<number, T>();
  readonly #failures = new Map<number, NodeFailure>();

  /** `need`: how many good answers settle it; a majority unless every node must answer. */
  constructor(operation: string, addresses: readonly string[], need: number = Math.floor(addresses.length / 2) + 1) {
    this.operation = operation;
    this.#addresses = addresses;
    this.#need = need;
  }

  succeeded(node: number, value: T): void {
    this.#successes.set(node, value);
  }

  failed(node: number, failure: NodeFailure): void {
    this.#failures.set(node, failure);
  }

  get outcome(): 'pending' | 'succeeded' | 'failed' {
    if (this.#successes.size >= this.#need) return 'succeeded';
    if (this.#failures.size > this.#addresses.length - this.#need) return 'failed';
    return 'pending';
  }

  /** Good answers so far, in the order of the nodes. */
  get results(): readonly { readonly node: number; readonly value: T }[] {
    return [...this.#successes].map(([node, value]) => ({ node, value })).sort((a, b) => a.node - b.node);
  }

  get allAnswered(): boolean {
    return this.#successes.size + this.#failures.size === this.#addresses.length;
  }

  /**
   * The reason for `failed`: FENCED where a newer writer is the cause, JOURNAL_NOT_FORMATTED where that is all, else
   * QUORUM_LOST.
   */
  failure(what?: string): LabError {
    return quorumFailure(
      what ?? `Got too many exceptions to achieve quorum size ${this.#need}/${this.#addresses.length}`,
      this.#addresses,
      this.#failures,
      this.#successes.size,
      this.operation,
    );
  }

  timedOut(timeoutMs: number): LabError {
    return quorumFailure(
      `Timed out waiting ${timeoutMs}ms for a quorum of nodes to respond`,
      this.#addresses,
      this.#failures,
      this.#successes.size,
      this.operation,
    );
  }
}

/** One message with each node's reason, as people know it from a NameNode's log. */
export function quorumFailure(
  what: string,
  addresses: readonly string[],
  failures: ReadonlyMap<number, NodeFailure>,
  successes: number,
  operation: string,
): LabError {
  const lines = [`${what}.`];
  if (successes > 0) lines[0] += ` ${successes} successful responses.`;
  if (failures.size > 0) lines[0] += ` ${failures.size} exceptions thrown:`;
  const nodes: Record<string, string> = {};
  for (const [node, failure] of [...failures].sort(([a], [b]) => a - b)) {
    lines.push(`${addresses[node]}: ${failure.message}`);
    nodes[addresses[node]!] = failure.message;
  }
  const reasons = [...failures.values()];
  const code = reasons.some(isFenced)
    ? 'FENCED'
    : reasons.length > 0 && reasons.every(isNotFormatted)
      ? 'JOURNAL_NOT_FORMATTED'
      : 'QUORUM_LOST';
  return new LabError(code, lines.join('\n'), { data: { operation, nodes }, remedy: REMEDIES[code] });
}

const REMEDIES = {
  FENCED: 'Another NameNode has become the writer of this journal; this one must not write any more.',
  JOURNAL_NOT_FORMATTED:
    'Format it with `hdfs namenode -format` (a new cluster) or `hdfs namenode -initializeSharedEdits` (an ' +
    'existing one).',
  QUORUM_LOST: 'Check that a majority of the JournalNodes of dfs.namenode.shared.edits.dir run and can be reached.',
} as const;
