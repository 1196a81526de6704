/** How many crons start together: the best that is possible, a hash of the name, and ours. */
import type { Interval } from '../../src/domain/job.ts';
import { compileSchedule } from '../../src/scheduler/schedule.ts';
import { StartMap } from '../../src/scheduler/spread.ts';

export interface SpreadRow {
  readonly crons: number;
  readonly interval: Interval;
  readonly best: Peaks;
  readonly hashed: Peaks;
  readonly ours: Peaks;
}

/** The most that start in one second, and in one minute. */
export interface Peaks {
  readonly second: number;
  readonly minute: number;
}

const windows: Partial<Record<Interval, number>> = { '1m': 60, '10m': 600, '30m': 1_800, '1h': 3_600 };
const windowOf = (interval: Interval): number => windows[interval] ?? 36_000;

/** FNV-1a, as good as any for this. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (const character of text) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return mixed;
}

function peaksOf(interval: Interval, moments: Iterable<number>): Peaks {
  const map = new StartMap(0);
  for (const moment of moments) map.add(compileSchedule({ kind: 'interval', interval, moment }));
  return map.peaks();
}

function oursFor(interval: Interval, crons: number): Peaks {
  const map = new StartMap(0);
  for (let index = 0; index < crons; index++) {
    const moment = map.choose({ kind: 'interval', interval });
    map.add(compileSchedule({ kind: 'interval', interval, moment }));
  }
  return map.peaks();
}

export function spreadRow(interval: Interval, crons: number): SpreadRow {
  const seconds = windowOf(interval);
  const names = Array.from({ length: crons }, (_, index) => `environment-${index % 97}/job-${index}`);
  return {
    crons,
    interval,
    best: { second: Math.ceil(crons / seconds), minute: Math.ceil((crons * 60) / seconds) },
    hashed: peaksOf(
      interval,
      names.map((name) => hash(name) % seconds),
    ),
    ours: oursFor(interval, crons),
  };
}
