/** A client that lives below a path of the server's (`host:port/chroot`): its paths and the server's. */
export class Chroot {
  readonly #prefix: string;

  /** `prefix`: empty for a client that sees the whole tree. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get isRoot(): boolean {
    return this.#prefix === '';
  }

  toServer(path: string): string {
    if (this.#prefix === '') return path;
    return path === '/' ? this.#prefix : this.#prefix + path;
  }

  toClient(path: string): string {
    if (this.#prefix === '' || !path.startsWith(this.#prefix)) return path;
    return path.length === this.#prefix.length ? '/' : path.slice(this.#prefix.length);
  }
}
