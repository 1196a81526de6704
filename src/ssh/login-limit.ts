/**
 * How often an address may fail to log in. Each failed connection counts one, and one is forgiven every few seconds: the
 * first ones cost nothing, those after them wait longer and longer for their answer, and in the end nobody answers at all
 * until enough is forgiven. Decides only; it keeps as many addresses as it may and forgets the one that failed longest ago.
 */
export interface LoginPolicy {
  /** Failures that cost nothing. */
  readonly free: number;
  /** What the next one waits; each after it twice as long, up to the most. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** With so many, connections are closed at once. */
  readonly blockedAt: number;
  readonly forgivenEveryMs: number;
  readonly addressesMost: number;
}

export const loginPolicy: LoginPolicy = {
  free: 5,
  firstDelayMs: 250,
  longestDelayMs: 8_000,
  blockedAt: 15,
  forgivenEveryMs: 15_000,
  addressesMost: 10_000,
};

interface Failures {
  readonly count: number;
  /** When the count was true: monotonic, ms. */
  readonly at: number;
}

export class LoginLimit {
  readonly #failures = new Map<string, Failures>();
  readonly #policy: LoginPolicy;

  constructor(policy: LoginPolicy = loginPolicy) {
    this.#policy = policy;
  }

  /** How long an address waits for the answer to a failed attempt, ms. */
  delayMs(address: string, now: number): number {
    const { free, firstDelayMs, longestDelayMs } = this.#policy;
    const over = this.#count(placeOf(address), now) - free;
    return over < 0 ? 0 : Math.min(firstDelayMs * 2 ** Math.min(over, 30), longestDelayMs);
  }

  blocked(address: string, now: number): boolean {
    return this.#count(placeOf(address), now) >= this.#policy.blockedAt;
  }

  failed(address: string, now: number): void {
    const place = placeOf(address);
    const count = Math.min(this.#count(place, now) + 1, this.#policy.blockedAt);
    // Anew at the end: the map is in the order of the last failures.
    this.#failures.delete(place);
    this.#failures.set(place, { count, at: now });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > this.#policy.addressesMost && oldest !== undefined)
      this.#failures.delete(oldest);
  }

  succeeded(address: string): void {
    this.#failures.delete(placeOf(address));
  }

  #count(place: string, now: number): number {
    const known = this.#failures.get(place);
    if (known === undefined) return 0;
    const left = known.count - Math.floor((now - known.at) / this.#policy.forgivenEveryMs);
    if (left > 0) return left;
    this.#failures.delete(place);
    return 0;
  }
}

/** Who has one IPv6 address has its whole network of 64 bits; IPv4 in IPv6 is IPv4. */
export function placeOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
