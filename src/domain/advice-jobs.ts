/**
 * Advice about jobs, from what was measured of them: memory that grows without end, crons that overlap, and crons that could
 * move so that less is held at once. Said with the figures, so that nobody has to believe it.
 */
import type { Cron } from './job.ts';
import type { Run } from './run.ts';
import { formatDuration, formatPlanSize, formatSize } from './units.ts';

export interface JobAdvice {
  readonly kind: 'grows' | 'overlaps' | 'could-move';
  readonly job: string;
  readonly sentence: string;
}

/** What a job held, step by step; null where nobody looked. */
export interface Held {
  /** Wall time, ms. */
  readonly at: number;
  readonly bytes: number | null;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;
const megabyte = 1024 ** 2;

/** Growth is told only after so long, so much, and where it goes on: caches that fill and then stay are none. */
const growsAfterMs = 6 * hourMs;
const growsMinBytes = 32 * megabyte;
const growsMinShare = 0.25;
/** How much of what was held the straight line has to explain. */
const straightMin = 0.8;
const pointsMin = 12;

/**
 * A worker whose memory has grown steadily since its run began.
 * @param since when the run began; what was before is another run's
 * @param limitBytes the plan's memory; null where none is booked
 */
export function growthOf(
  job: string,
  held: readonly Held[],
  since: number,
  limitBytes: number | null,
): JobAdvice | null {
  // The first half hour is that of warming up.
  const points = held.flatMap(({ at, bytes }) =>
    bytes === null || at < since + hourMs / 2 ? [] : [{ at, bytes }],
  );
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < pointsMin) return null;
  if (last.at - first.at < growsAfterMs) return null;
  const line = straightLine(points);
  const grown = line.perMs * (last.at - first.at);
  if (grown < growsMinBytes || grown < first.bytes * growsMinShare || line.explained < straightMin)
    return null;
  // It must still grow in the last quarter as it did in all.
  const late = straightLine(points.slice(-Math.max(4, Math.floor(points.length / 4))));
  if (late.perMs < line.perMs / 2) return null;
  const perHour = line.perMs * hourMs;
  const left = limitBytes === null ? null : (limitBytes - last.bytes) / perHour;
  const end =
    left === null || limitBytes === null
      ? ''
      : left <= 0
        ? `, more than the plan's ${formatPlanSize(limitBytes)}`
        : `; at this pace the plan's ${formatPlanSize(limitBytes)} are full in ${formatDuration(Math.max(60, Math.round(left) * 3600))}`;
  const sentence = `"${job}" grows by ${formatSize(perHour)} an hour: it held ${formatSize(first.bytes)} and holds ${formatSize(last.bytes)} after ${formatDuration(Math.round((last.at - since) / 1000))}${end}. Let it end by itself now and then, or find what it keeps.`;
  return { kind: 'grows', job, sentence };
}

/** Least squares; `explained` is the share of the variance that lies on the line. */
function straightLine(points: readonly { readonly at: number; readonly bytes: number }[]): {
  readonly perMs: number;
  readonly explained: number;
} {
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / points.length;
  const meanBytes = points.reduce((sum, { bytes }) => sum + bytes, 0) / points.length;
  let [both, atAt, bytesBytes] = [0, 0, 0];
  for (const { at, bytes } of points) {
    both += (at - meanAt) * (bytes - meanBytes);
    atAt += (at - meanAt) ** 2;
    bytesBytes += (bytes - meanBytes) ** 2;
  }
  if (atAt === 0 || bytesBytes === 0) return { perMs: 0, explained: 0 };
  return { perMs: both / atAt, explained: both ** 2 / (atAt * bytesBytes) };
}

const overlapsMin = 3;
const overlapShareMin = 0.1;

/** A cron whose runs often begin before the one before is over. @param runs of the job, in any order */
export function overlapOf(job: string, runs: readonly Run[], now: number): JobAdvice | null {
  const begun = runs
    .flatMap((run) => (run.startedAt === null ? [] : [{ from: run.startedAt, to: run.endedAt ?? now }]))
    .sort((a, b) => a.from - b.from);
  let busyUntil = Number.NEGATIVE_INFINITY;
  let overlaps = 0;
  for (const { from, to } of begun) {
    if (from < busyUntil) overlaps += 1;
    busyUntil = Math.max(busyUntil, to);
  }
  if (overlaps < overlapsMin || overlaps < begun.length * overlapShareMin) return null;
  const usual = middle(begun.map(({ from, to }) => to - from));
  const apart = middle(begun.slice(1).map(({ from }, index) => from - (begun[index]?.from ?? from)));
  const sentence = `${overlaps} of the last ${begun.length} runs of "${job}" began while the one before still ran: it takes ${inWords(usual)} and is due every ${inWords(apart)}. Let it be due less often, or allow one instance at a time (--max-instances 1).`;
  return { kind: 'overlaps', job, sentence };
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const inWords = (ms: number): string => formatDuration(Math.max(1, Math.round(ms / 1000)));

const minutesOfDay = 1_440;
/** How far a cron is moved at most, minutes either way. */
const moveMost = 180;
/** Moving a small one gains little. */
const moversMost = 50;
/** Only a peak that comes near the plan, and a move that takes this much of it away, is worth a sentence. */
const peakShareMin = 0.5;
const gainShareMin = 0.15;
const gainMinBytes = 32 * megabyte;

/** A cron as it runs each day: in which minutes, and what it holds. */
interface Habit {
  readonly job: string;
  /** Minutes of the day (UTC) in which it begins. */
  readonly begins: readonly number[];
  readonly minutes: number;
  readonly bytes: number;
  /** Runs once a day at a moment that a person chose. */
  readonly movable: boolean;
}

/**
 * The one cron whose move would lower the daily peak of all crons most.
 * @param crons those that are enabled
 * @param runs of these crons, of some days
 */
export function moveOf(crons: readonly Cron[], runs: readonly Run[], limitBytes: number): JobAdvice | null {
  const byJob = Map.groupBy(runs, ({ job }) => job);
  const habits = crons.flatMap((cron) => habitOf(cron, byJob.get(cron.name) ?? []) ?? []);
  const profile = new Float64Array(minutesOfDay);
  for (const habit of habits) for (const begin of habit.begins) add(profile, begin, habit, habit.bytes);
  const peak = peakOf(profile);
  if (peak.bytes < limitBytes * peakShareMin) return null;
  let best: { habit: Habit; to: number; bytes: number } | undefined;
  const largest = [...habits].sort((a, b) => b.bytes - a.bytes).slice(0, moversMost);
  for (const habit of largest) {
    const [begin] = habit.begins;
    if (!habit.movable || begin === undefined || !holds(habit, begin, peak.minute)) continue;
    const without = Float64Array.from(profile);
    add(without, begin, habit, -habit.bytes);
    for (let step = 1; step <= moveMost; step++)
      for (const to of [begin + step, begin - step]) {
        // The nearest minute wins where several are as good.
        const bytes = peakWith(without, wrapped(to), habit);
        if (best === undefined || bytes < best.bytes) best = { habit, to: wrapped(to), bytes };
      }
  }
  if (best === undefined) return null;
  const gain = peak.bytes - best.bytes;
  if (gain < gainMinBytes || gain < peak.bytes * gainShareMin) return null;
  const { habit, to, bytes } = best;
  const together = habits.filter((each) => each.begins.some((begin) => holds(each, begin, peak.minute)));
  const sentence = `At ${clockOf(peak.minute)} UTC ${together.length} crons run together and hold ${formatSize(peak.bytes)} of the plan's ${formatPlanSize(limitBytes)}: "${habit.job}" at ${clockOf(to)} in place of ${clockOf(habit.begins[0] ?? 0)} would make that ${formatSize(bytes)}.`;
  return { kind: 'could-move', job: habit.job, sentence };
}

function habitOf(cron: Cron, runs: readonly Run[]): Habit | null {
  const whole = runs.filter(
    (run) =>
      run.dueAt !== null && run.startedAt !== null && run.endedAt !== null && run.memoryMaxBytes !== null,
  );
  if (whole.length < 2) return null;
  const days = new Set(whole.map(({ dueAt }) => Math.floor((dueAt ?? 0) / (minutesOfDay * minuteMs))));
  const begins = [...new Set(whole.map(({ dueAt }) => minuteOf(dueAt ?? 0)))].sort((a, b) => a - b);
  const longest = middle(whole.map(({ startedAt, endedAt }) => (endedAt ?? 0) - (startedAt ?? 0)));
  return {
    job: cron.name,
    begins,
    minutes: Math.min(minutesOfDay, Math.ceil(longest / minuteMs) || 1),
    bytes: middle(whole.map(({ memoryMaxBytes }) => memoryMaxBytes ?? 0)),
    movable: cron.schedule.kind === 'crontab' && begins.length === 1 && days.size >= 2,
  };
}

const minuteOf = (wall: number): number => Math.floor(wall / minuteMs) % minutesOfDay;
const wrapped = (minute: number): number => ((minute % minutesOfDay) + minutesOfDay) % minutesOfDay;
const holds = ({ minutes }: Habit, begin: number, minute: number): boolean =>
  wrapped(minute - begin) < minutes;

function add(profile: Float64Array, begin: number, { minutes }: Habit, bytes: number): void {
  for (let index = 0; index < minutes; index++) {
    const minute = wrapped(begin + index);
    profile[minute] = (profile[minute] ?? 0) + bytes;
  }
}

function peakOf(profile: Float64Array): { readonly minute: number; readonly bytes: number } {
  let minute = 0;
  for (let index = 1; index < profile.length; index++)
    if ((profile[index] ?? 0) > (profile[minute] ?? 0)) minute = index;
  return { minute, bytes: profile[minute] ?? 0 };
}

/** The peak of the day with this cron at another minute. */
function peakWith(without: Float64Array, begin: number, habit: Habit): number {
  let most = 0;
  for (let minute = 0; minute < without.length; minute++) {
    const own = holds(habit, begin, minute) ? habit.bytes : 0;
    most = Math.max(most, (without[minute] ?? 0) + own);
  }
  return most;
}

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
