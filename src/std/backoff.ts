/**
 * Exponential backoff: 1, 2, 4 … `maxMs`.
 * @param attempt the first wait is for attempt 1
 * @param jitter between -1 and 1, drawn by the caller: moves the wait by up to ±10 %, so that what failed together is not tried together
 * @returns the wait in ms
 */
export function backoffMs(attempt: number, jitter: number, firstMs = 1_000, maxMs = 60_000): number {
  const exponent = Math.min(Math.max(attempt - 1, 0), 30);
  const plain = Math.min(firstMs * 2 ** exponent, maxMs);
  return Math.round(plain * (1 + 0.1 * jitter));
}
