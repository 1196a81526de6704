/**
 * Passwords are kept as hashes that take time and memory to compute (scrypt, RFC 7914), with their parameters:
 * `scrypt$15$8$3$SALT$HASH`: N = 2^15, r, p, and both values in base64url. They are computed off the event loop, one
 * after the other, so that many log-ins at once can't take the memory and the threads that files are read with.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

export interface Cost {
  /** Two to this power rounds. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MB and, on a small server, about 0.2 s: one of the settings that OWASP holds for equally strong. */
export const usualCost: Cost = { logN: 15, r: 8, p: 3 };

const saltBytes = 16;
const hashBytes = 32;

export class Passwords {
  readonly #cost: Cost;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(cost: Cost = usualCost) {
    this.#cost = cost;
  }

  /** Rejects with Refusal `session.busy` when too many wait. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    const hash = await this.#derive(password, salt, this.#cost);
    const { logN, r, p } = this.#cost;
    return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  /** Whether it is the password. Takes as long where there is none to compare with (null): names are not given away. */
  async matches(password: string, kept: string | null): Promise<boolean> {
    const { cost, salt, hash } = (kept === null ? undefined : parse(kept)) ?? {
      cost: this.#cost,
      salt: randomBytes(saltBytes),
      hash: randomBytes(hashBytes),
    };
    const same = timingSafeEqual(await this.#derive(password, salt, cost), hash);
    return same && kept !== null;
  }

  /** It was hashed with other parameters than are usual now. */
  outdated(kept: string): boolean {
    const cost = parse(kept)?.cost;
    return cost?.logN !== this.#cost.logN || cost.r !== this.#cost.r || cost.p !== this.#cost.p;
  }

  async #derive(password: string, salt: Uint8Array, cost: Cost): Promise<Buffer> {
    if (this.#waiting >= limits.passwordsWaiting) throw new Refusal('session.busy');
    this.#waiting += 1;
    const turn = this.#last.then(() => derive(password, salt, cost));
    this.#last = turn.catch(() => undefined);
    return await turn.finally(() => {
      this.#waiting -= 1;
    });
  }
}

function derive(password: string, salt: Uint8Array, { logN, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    // The same characters typed on another keyboard are the same password.
    scrypt(password.normalize('NFKC'), salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function parse(kept: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const [, logN, r, p, salt = '', hash = ''] =
    /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]{43})$/.exec(kept) ?? [];
  if (logN === undefined) return undefined;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}
