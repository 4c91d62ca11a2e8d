/**
 * A loaded Hadoop configuration: `*-site.xml` over Hadoop 3.3.6's defaults, deprecated names mapped, `${...}` expanded
 * when a value is read. Every getter throws LabError `BAD_CONFIG` that names the file, line, key and value when the
 * value does not parse.
 */
export interface Configuration {
  /**
   * Trimmed value of the user's files or the default; undefined if neither has the key. Deprecated names answer for new
   * ones.
   */
  get(key: string): string | undefined;
  getInt(key: string): number;
  getBoolean(key: string): boolean;
  /** Milliseconds; accepts Hadoop's suffixes (ns us ms s m h d); a bare number is in the unit Hadoop gives the key. */
  getTimeMs(key: string): number;
  /** Comma-separated, trimmed, without empties. */
  getList(key: string): readonly string[];
  /** Where the value comes from: file and line, or `default`. For error messages. */
  sourceOf(key: string): string;
  /** All that is set or defaulted, expanded; a value that cannot be expanded as it is written. */
  entries(): ReadonlyMap<string, string>;
  /** All that is set or that Hadoop's own files declare, as it is written: what Hadoop hands to a fencing script. */
  rawEntries(): ReadonlyMap<string, string>;
}
