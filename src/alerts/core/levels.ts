/** Levels that matter only when they last: memory that is nearly full, swap, a disk that runs out. */
import type { Plan } from '../../domain/plan.ts';
import { formatPlanSize, formatSize } from '../../domain/units.ts';

const minuteMs = 60_000;
/** So long it has to be above before somebody is told, and below before it is over. */
export const lastsMs = 5 * minuteMs;

export interface LevelState {
  /** Told, and not over yet. */
  readonly open: boolean;
  /** Since when (monotonic ms) it is not as `open` says; null: it is. */
  readonly otherwiseSince: number | null;
}

export const calm: LevelState = { open: false, otherwiseSince: null };

export type Verdict = 'begins' | 'over' | null;

/**
 * @param reading `high` and `low` have a gap between them, in which everything stays as it is
 * @param now monotonic, ms
 */
export function levelStep(
  state: LevelState,
  reading: 'high' | 'low' | 'between',
  now: number,
): { readonly state: LevelState; readonly verdict: Verdict } {
  const otherwise = state.open ? reading === 'low' : reading === 'high';
  if (!otherwise) return { state: { ...state, otherwiseSince: null }, verdict: null };
  const since = state.otherwiseSince ?? now;
  if (now - since < lastsMs) return { state: { ...state, otherwiseSince: since }, verdict: null };
  const open = !state.open;
  return { state: { open, otherwiseSince: null }, verdict: open ? 'begins' : 'over' };
}

const between = (high: boolean, low: boolean): 'high' | 'low' | 'between' =>
  high ? 'high' : low ? 'low' : 'between';

/** Nearly full: from 90 % of the plan's memory on, page cache that is given back left out. */
export const planReading = (usedBytes: number, limitBytes: number) =>
  between(usedBytes >= limitBytes * 0.9, usedBytes < limitBytes * 0.8);

/** Some pages are swapped out on every machine that has been up for long: a twentieth of the plan is more than that. */
export const swapReading = (swapBytes: number, limitBytes: number) =>
  between(swapBytes >= limitBytes * 0.05, swapBytes < limitBytes * 0.025);

const gigabyte = 1024 ** 3;

/** Less than a twentieth is left, and less than 10 GB: a twentieth of a large disk is much. */
export const diskReading = ({
  freeBytes,
  totalBytes,
}: {
  readonly freeBytes: number;
  readonly totalBytes: number;
}) =>
  between(
    freeBytes < Math.min(totalBytes * 0.05, 10 * gigabyte),
    freeBytes >= Math.min(totalBytes * 0.07, 12 * gigabyte),
  );

export const planSentence = (
  environment: string,
  usedBytes: number,
  plan: Pick<Plan, 'memoryBytes'>,
): string =>
  `the jobs of "${environment}" have held nearly all of their memory for 5 minutes: ${formatSize(usedBytes)} of ${formatPlanSize(plan.memoryBytes)}`;

export const swapSentence = (environment: string, swapBytes: number): string =>
  `${formatSize(swapBytes)} of the jobs of "${environment}" have been in swap for 5 minutes: they are slow`;

export interface Disk {
  /** Of something that lives on it. */
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export const diskSentence = (disks: readonly Disk[]): string =>
  disks
    .map(
      ({ path, freeBytes, totalBytes }) =>
        `the disk of ${path} has ${formatSize(freeBytes)} of ${formatSize(totalBytes)} left`,
    )
    .join(', ');
