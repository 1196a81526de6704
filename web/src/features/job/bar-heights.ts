/** Heights of bars in percent for lengths in seconds: by their logarithm, so that a long run does not flatten all others. */
export function barHeights(lengths: readonly number[]): readonly number[] {
  const logs = lengths.map((seconds) => Math.log1p(Math.max(0, seconds)));
  const most = Math.max(...logs, 0);
  return logs.map((log) => (most === 0 ? least : Math.round(least + (100 - least) * (log / most))));
}

/** Also the shortest can be seen, and clicked. */
const least = 12;
