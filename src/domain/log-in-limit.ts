/**
 * How often a log-in may be tried: a growing delay after each failure, counted for each account and for each address, in
 * bounded memory. Every try counts as a failure until it has succeeded, so that many at once are no way around it.
 */
import { limits } from './limits.ts';

interface Policy {
  /** So many failures cost nothing. */
  readonly free: number;
  /** The first delay, which then doubles; s. */
  readonly firstSeconds: number;
  readonly mostSeconds: number;
}

/** Short at most: whoever knows a name could else keep its owner out for long. */
const ofAccount: Policy = { free: 5, firstSeconds: 1, mostSeconds: 60 };
const ofAddress: Policy = { free: 10, firstSeconds: 2, mostSeconds: 900 };

interface Tries {
  failures: number;
  /** Wall or monotonic time, ms, whichever the caller counts in. */
  openAt: number;
  lastAt: number;
}

/** Failures are forgotten this long after the last, ms. */
const memoryMs = 3_600_000;

class Counter {
  readonly #policy: Policy;
  readonly #tries = new Map<string, Tries>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Ms until the next try. */
  waits(key: string, now: number): number {
    const tries = this.#tries.get(key);
    return tries === undefined ? 0 : Math.max(0, tries.openAt - now);
  }

  count(key: string, now: number): void {
    const before = this.#tries.get(key);
    const failures = before === undefined || now - before.lastAt > memoryMs ? 1 : before.failures + 1;
    const { free, firstSeconds, mostSeconds } = this.#policy;
    const beyond = failures - free;
    const seconds = beyond <= 0 ? 0 : Math.min(mostSeconds, firstSeconds * 2 ** Math.min(beyond - 1, 20));
    // Last in the map is the newest: the oldest is what makes room.
    this.#tries.delete(key);
    this.#tries.set(key, { failures, openAt: now + seconds * 1000, lastAt: now });
    if (this.#tries.size > limits.logInCountersKept)
      this.#tries.delete(this.#tries.keys().next().value as string);
  }

  forget(key: string): void {
    this.#tries.delete(key);
  }

  /** Takes one failure back: the try that it stood for has succeeded. */
  takeBack(key: string): void {
    const tries = this.#tries.get(key);
    if (tries === undefined) return;
    tries.failures -= 1;
    tries.openAt = tries.lastAt;
    if (tries.failures <= 0) this.#tries.delete(key);
  }

  get size(): number {
    return this.#tries.size;
  }
}

export class LogInLimit {
  readonly #accounts = new Counter(ofAccount);
  readonly #addresses = new Counter(ofAddress);
  /** `account address` of those who have logged in from there: strangers' failures do not keep them out. */
  readonly #known = new Set<string>();

  /**
   * Counts a try. Answers 0 when it may be made, else the whole seconds to wait: then nothing was counted.
   * `address` is null where there is none, as on the daemon's socket.
   */
  begin(account: string, address: string | null, now: number): number {
    const keys = this.#keysOf(account, address);
    const waits = Math.max(
      this.#accounts.waits(keys.account, now),
      keys.address === null ? 0 : this.#addresses.waits(keys.address, now),
    );
    if (waits > 0) return Math.ceil(waits / 1000);
    this.#accounts.count(keys.account, now);
    if (keys.address !== null) this.#addresses.count(keys.address, now);
    return 0;
  }

  /** The try was good: the account's failures are forgotten, of the address's only this one. */
  succeeded(account: string, address: string | null): void {
    const keys = this.#keysOf(account, address);
    this.#accounts.forget(keys.account);
    if (keys.address === null) return;
    this.#addresses.takeBack(keys.address);
    const known = `${account} ${keys.address}`;
    this.#accounts.forget(known);
    this.#known.delete(known);
    this.#known.add(known);
    if (this.#known.size > limits.logInCountersKept)
      this.#known.delete(this.#known.keys().next().value as string);
  }

  /** How much is remembered, for the tests of its bounds. */
  get size(): number {
    return this.#accounts.size + this.#addresses.size + this.#known.size;
  }

  #keysOf(account: string, address: string | null): { account: string; address: string | null } {
    const network = address === null ? null : networkOf(address);
    const known = `${account} ${network}`;
    return { account: network !== null && this.#known.has(known) ? known : account, address: network };
  }
}

/** An IPv4 address itself; of IPv6 the /64 that one customer has, so that they can't use up all its addresses. */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
