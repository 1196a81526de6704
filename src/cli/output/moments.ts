/** Moments for tired operators: how long ago or until, with the exact time behind it. */
import { formatLocal, formatRelative, formatUtc } from '../../contract/format.ts';
import type { Context } from '../context.ts';

/** `4 min ago, 2026-11-22 03:12:07 UTC`; `-` when there is none. */
export function moment(context: Context, time: string | null): string {
  if (time === null) return '-';
  const wall = Date.parse(time);
  return `${formatRelative(wall, context.now)}, ${formatUtc(wall)}`;
}

/** The same, with the reader's own clock where that is not UTC: `in 6 min, 2026-11-22 04:18:00 +01:00, 2026-11-22 03:18:00 UTC`. */
export function momentHere(context: Context, time: string | null): string {
  if (time === null) return '-';
  const local = localTime(context, time);
  const wall = Date.parse(time);
  return [formatRelative(wall, context.now), ...(local === null ? [] : [local]), formatUtc(wall)].join(', ');
}

/** By the reader's clock; null when that is UTC. */
export function localTime(context: Context, time: string): string | null {
  const wall = Date.parse(time);
  const offset = context.io.offsetMinutes(wall);
  return offset === 0 ? null : formatLocal(wall, offset);
}

export const utcTime = (time: string): string => formatUtc(Date.parse(time));
export const relativeTime = (context: Context, time: string): string =>
  formatRelative(Date.parse(time), context.now);
