/** The ledger as a calendar: its due times by day, on the clock of the reader. */
import type { DueTime } from '../../../../src/contract/cron.ts';

export type Fate = 'ok' | 'running' | 'bad' | 'missed' | 'skipped';

/** From the best to the worst: a day wears the worst of what happened in it. */
const order: readonly Fate[] = ['skipped', 'ok', 'running', 'missed', 'bad'];

export interface LedgerDay {
  /** Midnight at its beginning, ms. */
  readonly at: number;
  /** Undefined: nothing was due, or it is not kept. */
  readonly worst: Fate | undefined;
  readonly counts: Readonly<Record<Fate, number>>;
  /** Newest first. */
  readonly dueTimes: readonly DueTime[];
}

export function fateOf({ fate, run, outcome }: DueTime): Fate {
  if (fate !== 'ran') return fate;
  if (outcome === null) return run === null ? 'ok' : 'running';
  return outcome === 'ok' || outcome === 'stopped' ? 'ok' : 'bad';
}

const midnight = (moment: number): number => {
  const day = new Date(moment);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
};

/** So many whole weeks of days, from a Monday to the Sunday after today. */
export function ledgerDays(dueTimes: readonly DueTime[], now: number, weeks: number): readonly LedgerDay[] {
  const byDay = new Map<number, DueTime[]>();
  for (const due of dueTimes) {
    const day = midnight(Date.parse(due.dueAt));
    const list = byDay.get(day);
    if (list === undefined) byDay.set(day, [due]);
    else list.push(due);
  }
  return daysOf(now, weeks).map((at) => dayOf(at, byDay.get(at) ?? []));
}

/** Days are counted on the calendar: one in spring has 23 hours. */
function daysOf(now: number, weeks: number): readonly number[] {
  const today = new Date(now);
  const weekday = (today.getDay() + 6) % 7;
  return Array.from({ length: weeks * 7 }, (_, index) => {
    const distance = index - weekday - (weeks - 1) * 7;
    return new Date(today.getFullYear(), today.getMonth(), today.getDate() + distance).getTime();
  });
}

function dayOf(at: number, dueTimes: readonly DueTime[]): LedgerDay {
  const counts = { ok: 0, running: 0, bad: 0, missed: 0, skipped: 0 };
  let worst: Fate | undefined;
  for (const due of dueTimes) {
    const fate = fateOf(due);
    counts[fate] += due.count;
    if (worst === undefined || order.indexOf(fate) > order.indexOf(worst)) worst = fate;
  }
  return { at, worst, counts, dueTimes };
}

const fateWords: Record<Fate, string> = {
  ok: 'ran',
  running: 'running',
  bad: 'went wrong',
  missed: 'missed',
  skipped: 'skipped',
};

/** `40 ran, 2 went wrong, 1 skipped`; `nothing was due`. */
export function dayInWords({ counts }: LedgerDay): string {
  const parts = (['ok', 'bad', 'missed', 'skipped', 'running'] as const)
    .filter((fate) => counts[fate] > 0)
    .map((fate) => `${counts[fate]} ${fateWords[fate]}`);
  return parts.length === 0 ? 'nothing was due' : parts.join(', ');
}

/** What was read before with the newest lines as they are now, each due time once, newest first. */
export function withNewestLines(before: readonly DueTime[], newest: readonly DueTime[]): readonly DueTime[] {
  const known = new Set(newest.map(({ dueAt }) => dueAt));
  return [...newest, ...before.filter(({ dueAt }) => !known.has(dueAt))];
}
