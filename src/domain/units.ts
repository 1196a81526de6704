/** Sizes in bytes and durations in seconds, as people write and read them. 1 MB is 1024 × 1024 bytes here. */

const sizes: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1024,
  K: 1024,
  MB: 1024 ** 2,
  M: 1024 ** 2,
  GB: 1024 ** 3,
  G: 1024 ** 3,
};

const durations: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads `128MB`, `1 GB` or `4096`; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?B?)$/i.exec(text.trim());
  const unit = sizes[(match?.[2] ?? '?').toUpperCase()];
  if (match === null || unit === undefined) return undefined;
  return Math.round(Number(match[1]) * unit);
}

/** Reads `10s`, `1h30m` or `90` (seconds); undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^(\d+[smhd]\s*)+$/.test(trimmed)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+)([smhd])/g)) {
    seconds += Number(amount) * (durations[unit as string] ?? 0);
  }
  return seconds;
}

/** `15.1 MB`, `1.5 GB`: one decimal, as the statistics table shows it. */
export function formatSize(bytes: number): string {
  if (Math.round(bytes) < 1024) return `${Math.round(bytes)} B`;
  let size = bytes;
  for (const unit of ['KB', 'MB']) {
    size /= 1024;
    // Rounded first: 1023.96 KB would be shown as "1024.0 KB".
    if (Math.round(size * 10) < 10_240) return `${size.toFixed(1)} ${unit}`;
  }
  return `${(size / 1024).toFixed(1)} GB`;
}

/** A plan's size without decimals where it has none: `128 MB`, `1024 MB`. */
export function formatPlanSize(bytes: number): string {
  const megabytes = bytes / 1024 ** 2;
  return `${Number.isInteger(megabytes) ? megabytes : megabytes.toFixed(1)} MB`;
}

/** `0.4s`, `5s`, `1m 20s`, `2h 5m`, `3d 4h`: at most two units. */
export function formatDuration(seconds: number): string {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1).replace(/\.0$/, '')}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'm'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
