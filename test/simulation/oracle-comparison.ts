/** Compares the scheduler's due times with Debian's cron around every change of every zone. */
import { compileSchedule, countDue, dueBetween, nextDue, previousDue } from '../../src/scheduler/schedule.ts';
import { debianDueTimes, localMinutes, readExpression } from './debian-cron.ts';

/** Fixed times, wildcards, steps, lists; times in, at the edges of, and around what zones skip and repeat; both kinds of day rules. */
export const oracleExpressions = [
  '* * * * *',
  '*/7 * * * *',
  '*/15 1-3 * * *',
  '0 * * * *',
  '30 */2 * * *',
  '59 * * * *',
  '0 0 * * *',
  '30 0 * * *',
  '59 23 * * *',
  '0 1 * * *',
  '30 1 * * *',
  '0 2 * * *',
  '1 2 * * *',
  '30 2 * * *',
  '59 2 * * *',
  '0 3 * * *',
  '30 3 * * *',
  '0,30 2,3 * * *',
  '0-59 2 * * *',
  '0-59/5 0-23 * * *',
  '15,45 0-4 * * *',
  '5 1,2,3,4 * * *',
  '0 4 * * 0',
  '30 2 * * 7',
  '30 2 * * 1-6',
  '15 0 1 * *',
  '45 23 31 * *',
  '30 2 25-31 * *',
  '30 1-2 * 3,10 0',
  '20 2 1-31/2 * 0',
  '20 2 */2 * 0',
  '20 2 29 * */2',
  '0 12 * * *',
  '0 22-23 * * *',
  '*,5 2 * * *',
  '5,*/20 2 * * *',
] as const;

/** 36 hours before and after a change. */
const aroundMs = 36 * 3_600_000;

export interface ZoneChange {
  readonly zone: string;
  readonly at: number;
}

/** Every change of every zone that Node knows in [from, to), found day by day. */
export function zoneChanges(from: number, to: number): ZoneChange[] {
  const changes: ZoneChange[] = [];
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const shown = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const offset = (instant: number) => shown.format(instant).split(', ')[1] ?? '';
    let before = offset(from);
    for (let day = from; day < to; day += 86_400_000) {
      const after = offset(day + 86_400_000);
      if (after === before) continue;
      let [low, high] = [day, day + 86_400_000];
      while (high - low > 60_000) {
        const middle = Math.floor((low + high) / 120_000) * 60_000;
        if (offset(middle) === before) low = middle;
        else high = middle;
      }
      changes.push({ zone, at: high });
      before = after;
    }
  }
  return changes;
}

export interface Comparison {
  comparisons: number;
  dueTimes: number;
  readonly mismatches: string[];
}

/** Compares each expression over the days around one change. */
export function compareAround(
  change: ZoneChange,
  expressions: readonly string[],
  comparison: Comparison,
): void {
  const [from, to] = [change.at - aroundMs, change.at + aroundMs];
  const minutes = localMinutes(change.zone, from, to);
  const start = minutes[0]?.instant ?? from;
  for (const expression of expressions) {
    const expected = debianDueTimes(readExpression(expression), minutes);
    const compiled = compileSchedule({ kind: 'crontab', expression, timezone: change.zone, moment: 0 });
    const found = dueBetween(compiled, start, to, expected.length + 5);
    comparison.comparisons++;
    comparison.dueTimes += expected.length;
    const problem =
      found.join() === expected.join()
        ? counterpartProblem(compiled, start, to, expected)
        : differing(found, expected);
    if (problem !== null)
      comparison.mismatches.push(`${change.zone} ${shownTime(change.at)} "${expression}": ${problem}`);
  }
}

/** Counting and looking back must tell the same as looking ahead. */
function counterpartProblem(
  compiled: ReturnType<typeof compileSchedule>,
  from: number,
  to: number,
  expected: readonly number[],
): string | null {
  if (countDue(compiled, from, to) !== expected.length) return `counted ${countDue(compiled, from, to)}`;
  if (previousDue(compiled, from, to) !== (expected.at(-1) ?? null)) return 'another last one';
  const middle = expected[Math.floor(expected.length / 2)];
  if (middle === undefined) return null;
  const before = expected[Math.floor(expected.length / 2) - 1] ?? null;
  if (previousDue(compiled, from, middle - 1) !== before) return `another one before ${shownTime(middle)}`;
  return nextDue(compiled, middle - 1) === middle ? null : `not found from just before ${shownTime(middle)}`;
}

function differing(found: readonly number[], expected: readonly number[]): string {
  const extra = found.filter((due) => !expected.includes(due)).map(shownTime);
  const missing = expected.filter((due) => !found.includes(due)).map(shownTime);
  return `too many: ${extra.join(', ') || 'none'}; missing: ${missing.join(', ') || 'none'}`;
}

const shownTime = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
