/** Where something listens. */
export interface Endpoint {
  /** A host name or an address; names are resolved by the host (a lab's own hosts table first). */
  readonly host: string;
  readonly port: number;
}
