/** Times as people read them: how long ago, with the exact moment on hover, local and UTC. */
import { useSyncExternalStore } from 'react';
import { formatLocal, formatRelative, formatUtc } from '../../../src/contract/format.ts';
import { onTick, thisSecond } from '../data/clock.ts';

/** The present second; what uses it is drawn anew each second. */
export const useNow = (): number => useSyncExternalStore(onTick, thisSecond);

/** `2026-11-22 04:12:07 +01:00 · 2026-11-22 03:12:07 UTC`; once where that is the same clock. */
export const exactly = (moment: number): string =>
  new Date(moment).getTimezoneOffset() === 0
    ? formatUtc(moment)
    : `${formatLocal(moment)} · ${formatUtc(moment)}`;

/** `4 min ago`, `in 3 h`. */
export function Moment({ at }: { readonly at: string | number }) {
  const moment = typeof at === 'number' ? at : Date.parse(at);
  const now = useNow();
  return (
    <time dateTime={new Date(moment).toISOString()} title={exactly(moment)}>
      {formatRelative(moment, now)}
    </time>
  );
}

/** `today 14:45`, `tomorrow 03:15`, `Thu 26 Nov 03:15`: on the clock of the reader. */
export function ClockTime({ at }: { readonly at: string | number }) {
  const moment = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(moment).toISOString()} title={exactly(moment)}>
      {clockTime(moment, useNow())}
    </time>
  );
}

const dayMs = 86_400_000;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const dayOf = (moment: number): string => new Date(moment).toDateString();

export function clockTime(moment: number, now: number): string {
  const day = dayOf(moment);
  if (day === dayOf(now)) return `today ${clock.format(moment)}`;
  if (day === dayOf(now + dayMs)) return `tomorrow ${clock.format(moment)}`;
  if (day === dayOf(now - dayMs)) return `yesterday ${clock.format(moment)}`;
  return dayAndClock.format(moment).replace(',', '');
}

/** Seconds until a moment, counting down; 0 when it has passed. */
export function useSecondsUntil(at: string | null): number {
  const now = useNow();
  return at === null ? 0 : Math.max(0, Math.ceil((Date.parse(at) - now) / 1_000));
}
