/** Sizes, durations and moments as people read and write them, for the command line and the browser. 1 MB is 1024 × 1024 bytes. */

/** `512 B`, `15.1 MB`, `1.5 GB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

/** A plan's size without decimals where it has none: `128 MB`, `1024 MB`. */
export function formatPlanSize(bytes: number): string {
  const megabytes = bytes / 1024 ** 2;
  return `${Number.isInteger(megabytes) ? megabytes : megabytes.toFixed(1)} MB`;
}

const units = [
  { letter: 'd', seconds: 86_400 },
  { letter: 'h', seconds: 3_600 },
  { letter: 'm', seconds: 60 },
  { letter: 's', seconds: 1 },
] as const;

/** `0.4s`, `5s`, `1m 20s`, `2h 5m`, `3d 4h`: at most two neighbouring units. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95 && !Number.isInteger(seconds)) {
    return `${seconds.toFixed(1).replace(/\.0$/, '')}s`;
  }
  let rest = Math.round(seconds);
  const amounts = units.map((unit) => {
    const amount = Math.floor(rest / unit.seconds);
    rest -= amount * unit.seconds;
    return `${amount}${unit.letter}`;
  });
  const first = amounts.findIndex((amount) => !amount.startsWith('0'));
  if (first === -1) return '0s';
  return amounts
    .slice(first, first + 2)
    .filter((amount) => !amount.startsWith('0'))
    .join(' ');
}

/** Reads `10s`, `1h30m`, `2d` or `90` (seconds); undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^(\d+[smhd]\s*)+$/.test(trimmed)) return undefined;
  let seconds = 0;
  for (const [, amount, letter] of trimmed.matchAll(/(\d+)([smhd])/g)) {
    seconds += Number(amount) * (units.find((unit) => unit.letter === letter)?.seconds ?? 0);
  }
  return seconds;
}

/** Reads a moment: RFC 3339 (`2026-11-22T03:12:07Z`, with a blank for the T, or without seconds), a date (its 00:00 UTC), or a duration before `now` (`1h`). Wall time, ms; undefined when it is none. */
export function parseMoment(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  const ago = /^\d+$/.test(trimmed) ? undefined : parseDuration(trimmed);
  if (ago !== undefined) return now - ago * 1_000;
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i.exec(
    trimmed,
  );
  if (match === null) return undefined;
  const [, date, clock = '00:00', rest = ':00', zone = 'Z'] = match;
  const moment = Date.parse(`${date}T${clock}${rest}${zone.toUpperCase()}`);
  return Number.isNaN(moment) ? undefined : moment;
}

/** `just now`, `12 s ago`, `4 min ago`, `in 3 h`, `2 d ago`. */
export function formatRelative(moment: number, now: number): string {
  const seconds = Math.round(Math.abs(moment - now) / 1_000);
  if (seconds === 0) return moment > now ? 'now' : 'just now';
  const amount =
    seconds < 60
      ? `${seconds} s`
      : seconds < 3_600
        ? `${Math.floor(seconds / 60)} min`
        : seconds < 2 * 86_400
          ? `${Math.floor(seconds / 3_600)} h`
          : `${Math.floor(seconds / 86_400)} d`;
  return moment > now ? `in ${amount}` : `${amount} ago`;
}

/** `2026-11-22 03:12:07 UTC` */
export const formatUtc = (moment: number): string =>
  `${new Date(moment).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `Sun 2026-11-22 04:12:07`: the same moment with the clock of a zone of the IANA's. Throws RangeError when there is no such zone. */
export function formatInZone(moment: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((each) => each.type === type)?.value.padStart(2, '0') ?? '';
  const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  return `${part('weekday')} ${date} ${part('hour')}:${part('minute')}:${part('second')}`;
}

/** `2026-11-22 04:12:07 +01:00`: the same moment with the clock of the reader. `offsetMinutes` east of Greenwich. */
export function formatLocal(
  moment: number,
  offsetMinutes: number = -new Date(moment).getTimezoneOffset(),
): string {
  const clock = new Date(moment + offsetMinutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const two = (value: number) => String(value).padStart(2, '0');
  const east = Math.abs(offsetMinutes);
  return `${clock} ${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(east / 60))}:${two(east % 60)}`;
}
