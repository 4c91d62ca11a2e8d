/**
 * Why a call is refused, as the Java exception that a Hadoop client expects to see: writers look at the class, people
 * at the words.
 */
export interface Refusal {
  readonly className: string;
  readonly message: string;
}

/**
 * Thrown inside one step of the state machine and caught at its edge; never crosses a module's boundary as an
 * exception.
 */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

const as =
  (className: string) =>
  (message: string): Refused =>
    new Refused({ className, message });

export const ioException = as('java.io.IOException');
export const outOfSync = as('org.apache.hadoop.hdfs.qjournal.protocol.JournalOutOfSyncException');
export const notFormatted = as('org.apache.hadoop.hdfs.qjournal.protocol.JournalNotFormattedException');
export const illegalArgument = as('java.lang.IllegalArgumentException');
export const illegalState = as('java.lang.IllegalStateException');
export const assertionError = as('java.lang.AssertionError');
export const unsupportedOperation = as('java.lang.UnsupportedOperationException');
export const cacheMiss = as('org.apache.hadoop.hdfs.qjournal.server.JournaledEditsCache$CacheMissException');
export const inconsistentState = (directory: string, reason: string): Refused =>
  as('org.apache.hadoop.hdfs.server.common.InconsistentFSStateException')(
    `Directory ${directory} is in an inconsistent state: ${reason}`,
  );
