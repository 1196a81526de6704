/** The log-in of one connection: by a public key of the environment that the user name says, and in no other way. */
import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2';
import type { Actor } from '../control/control.ts';
import { fingerprintOf } from '../control/public-key.ts';
import type { LoginLimit } from './login-limit.ts';
import type { SshParts } from './ssh-server.ts';

/** After so many keys that open nothing, the connection ends: as many as sshd hears out. */
const keysMost = 6;

export class Login {
  /** Who has logged in; undefined before. */
  actor: Actor | undefined;
  environment: string | null = null;
  /** It was tried, and nobody came in. */
  failed = false;
  readonly #parts: SshParts;
  readonly #limit: LoginLimit;
  readonly #address: string;
  readonly #end: () => void;
  #fingerprint = '';
  #refused = 0;

  constructor(parts: SshParts, limit: LoginLimit, address: string, end: () => void) {
    this.#parts = parts;
    this.#limit = limit;
    this.#address = address;
    this.#end = end;
  }

  /** Who the key makes its holder now: it may have been taken away since. */
  async actorNow(): Promise<Actor | undefined> {
    return await this.#parts.control.sshActor(this.environment ?? '', this.#fingerprint, this.#address);
  }

  /** Answers one request to be let in. Never rejects. */
  async attempt(context: AuthContext): Promise<void> {
    try {
      if (context.method !== 'publickey') {
        // "none" is how clients ask what there is.
        if (context.method !== 'none') await this.#refuse(context);
        else context.reject(['publickey']);
        return;
      }
      const actor = await this.#actorOf(context);
      if (actor === undefined) await this.#refuse(context);
      else if (context.signature === undefined) context.accept();
      else this.#letIn(context, actor);
    } catch (err) {
      this.#parts.log.error({ err }, 'a log-in over SSH failed');
      context.reject(['publickey']);
    }
  }

  #letIn(context: PublicKeyAuthContext, actor: Actor): void {
    this.actor = actor;
    this.failed = false;
    this.environment = context.username;
    this.#fingerprint = fingerprintOf(context.key.data);
    this.#limit.succeeded(this.#address);
    context.accept();
  }

  /** The same for a key that opens nothing, an environment that there is not, and a signature that is wrong. */
  async #refuse(context: AuthContext): Promise<void> {
    this.failed = true;
    this.#refused++;
    const { clock } = this.#parts;
    const delayMs = this.#limit.delayMs(this.#address, clock.monotonic());
    if (delayMs > 0) await new Promise<void>((resolve) => void clock.after(delayMs, resolve));
    if (this.#refused >= keysMost) this.#end();
    else context.reject(['publickey']);
  }

  async #actorOf(context: PublicKeyAuthContext): Promise<Actor | undefined> {
    const key = ssh2.utils.parseKey(context.key.data);
    if (key instanceof Error || key.type !== context.key.algo) return undefined;
    // Of RSA only what is signed with SHA-2: without a name of its own it is SHA-1.
    if (key.type === 'ssh-rsa' && context.hashAlgo !== 'sha256' && context.hashAlgo !== 'sha512')
      return undefined;
    if (
      context.signature !== undefined &&
      key.verify(context.blob as Buffer, context.signature, context.hashAlgo as string) !== true
    )
      return undefined;
    return await this.#parts.control.sshActor(
      context.username,
      fingerprintOf(context.key.data),
      this.#address,
    );
  }
}
