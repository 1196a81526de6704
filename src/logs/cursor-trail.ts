/** Makes the cursors of a batch of lines when they are asked for, also long after: what they need is noted as lines are told. */
import { encodeCursor, writeDelayMs } from './cursor.ts';
import type { Line } from './framing.ts';
import type { LogCursor } from './log-store.ts';
import type { Place } from './place.ts';

/** A run as a cursor sees it. */
export interface MarkedRun {
  readonly key: { readonly run: string };
  /** Its times say little about its places. */
  readonly shifted: boolean;
  placeOf(total: number): Place;
}

/** How far a run is told, in total bytes, and the time that the whole log had reached then. */
export interface Mark {
  readonly run: MarkedRun;
  readonly resume: number;
  readonly done: number;
  readonly time: number;
}

/** Must a cursor at this time name the run's place, because it can't be found by the time alone? */
export const mustBeNamed = (mark: Mark, time: number): boolean =>
  mark.time > time - writeDelayMs || mark.run.shifted;

export class CursorTrail {
  readonly #before: readonly Mark[];
  readonly #runs: MarkedRun[] = [];
  readonly #lines: Line[] = [];
  readonly #times: number[] = [];
  /** The state after line number `#made`, by run, the latest told last. Null before the first cursor is asked for. */
  #state: Map<string, Mark> | null = null;
  #made = -1;

  /** `before` holds the marks of the runs that a cursor must name. */
  constructor(before: readonly Mark[]) {
    this.#before = before;
  }

  /** Notes that a line was told; `time` is the time that the log has reached. */
  add(run: MarkedRun, line: Line, time: number): void {
    this.#runs.push(run);
    this.#lines.push(line);
    this.#times.push(time);
  }

  /** Where to go on after the line that was noted as number `index`. */
  at(index: number): LogCursor {
    let state = this.#state;
    if (state === null || index < this.#made) {
      state = new Map(this.#before.map((mark) => [mark.run.key.run, mark]));
      this.#state = state;
      this.#made = -1;
    }
    while (this.#made < index) {
      const number = ++this.#made;
      const run = this.#runs[number] as MarkedRun;
      const { resume, end: done } = this.#lines[number] as Line;
      // Deleted first, it moves to the end.
      state.delete(run.key.run);
      state.set(run.key.run, { run, resume, done, time: this.#times[number] as number });
    }
    const time = this.#times[index] as number;
    const places = [...state.values()]
      .filter((mark) => mustBeNamed(mark, time))
      .reverse()
      .map(({ run, resume, done }) => ({ run: run.key.run, place: run.placeOf(resume), done }));
    return encodeCursor({ time, places });
  }
}
