/**
 * What a client says of itself on every connection, before anything else: its credentials, and whether each is
 * answered. Mirrors ClientCnxn.addAuthInfo.
 */
import type { Callback } from './packet-queue.js';

export interface Credential {
  readonly scheme: string;
  readonly auth: Buffer;
  /** Called with the first answer. */
  callback: Callback<void> | undefined;
}

export class Credentials {
  readonly all: Credential[];
  /** Those sent on this connection and not answered yet. */
  #sent: Credential[] = [];

  constructor(given: readonly { readonly scheme: string; readonly auth: Buffer }[]) {
    this.all = given.map(({ scheme, auth }) => ({ scheme, auth, callback: undefined }));
  }

  add(scheme: string, auth: Buffer, callback: Callback<void>): Credential {
    const credential: Credential = { scheme, auth, callback };
    this.all.push(credential);
    return credential;
  }

  sent(credential: Credential): void {
    this.#sent.push(credential);
  }

  /** The connection is over, and with it the answers that are due. */
  connectionLost(): void {
    this.#sent = [];
  }

  answered(code: number): void {
    const credential = this.#sent.shift();
    if (credential !== undefined) finish(credential, code);
  }

  /** The session is over: nobody will answer. */
  fail(code: number): void {
    for (const credential of this.all) finish(credential, code);
  }
}

function finish(credential: Credential, code: number): void {
  const { callback } = credential;
  credential.callback = undefined;
  callback?.(code, undefined);
}
