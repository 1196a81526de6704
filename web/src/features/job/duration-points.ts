/** Lengths of ended runs over time, oldest first. */
import type { Run } from '../../../../src/contract/run.ts';
import { lengthOf } from '../../parts/runs/run-words.ts';

export interface DurationPoints {
  /** When each began, seconds. */
  readonly times: readonly number[];
  /** Seconds; each run stands in one of the two, and is null in the other. */
  readonly ok: readonly (number | null)[];
  readonly bad: readonly (number | null)[];
  readonly avg: number;
  readonly max: number;
}

export function durationsOf(runs: readonly Run[]): DurationPoints {
  const points = runs
    .flatMap((run) => {
      const length = run.endedAt === null ? undefined : lengthOf(run, 0);
      return length === undefined
        ? []
        : [{ at: Date.parse(run.startedAt ?? '') / 1_000, length, ok: run.outcome === 'ok' }];
    })
    .sort((a, b) => a.at - b.at);
  const lengths = points.map(({ length }) => length);
  return {
    times: points.map(({ at }) => at),
    ok: points.map(({ ok, length }) => (ok ? length : null)),
    bad: points.map(({ ok, length }) => (ok ? null : length)),
    avg: lengths.length === 0 ? 0 : lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
    max: Math.max(0, ...lengths),
  };
}
