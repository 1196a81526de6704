/** Makes the cursors of a batch of lines when they are asked for, also long after: what they need is noted as lines are told. */
import { encodeCursor, writeDelayMs } from './cursor.ts';
import type { Line } from './framing.ts';
import type { LogCursor } from './log-store.ts';
import type { RunReader } from './run-reader.ts';

/** The last line that was told of a run, and the time that the whole log had reached then. */
export interface Mark {
  readonly reader: RunReader;
  readonly line: Line;
  readonly time: number;
}

export class CursorTrail {
  readonly #before: readonly Mark[];
  readonly #readers: RunReader[] = [];
  readonly #lines: Line[] = [];
  readonly #times: number[] = [];
  /** The state after line number `#made`, by reader, the latest told last. Null before the first cursor is asked for. */
  #state: Map<RunReader, Mark> | null = null;
  #made = -1;

  /** `before` holds the marks of the runs that told something lately. */
  constructor(before: readonly Mark[]) {
    this.#before = before;
  }

  /** Notes that a line was told; `time` is the time that the log has reached. */
  add(reader: RunReader, line: Line, time: number): void {
    this.#readers.push(reader);
    this.#lines.push(line);
    this.#times.push(time);
  }

  /** Where to go on after the line that was noted as number `index`. */
  at(index: number): LogCursor {
    let state = this.#state;
    if (state === null || index < this.#made) {
      state = new Map(this.#before.map((mark) => [mark.reader, mark]));
      this.#state = state;
      this.#made = -1;
    }
    while (this.#made < index) {
      const number = ++this.#made;
      const reader = this.#readers[number] as RunReader;
      // Deleted first, it moves to the end.
      state.delete(reader);
      state.set(reader, { reader, line: this.#lines[number] as Line, time: this.#times[number] as number });
    }
    const time = this.#times[index] as number;
    const places = [...state.values()]
      .filter((mark) => mark.time > time - writeDelayMs || mark.reader.shifted)
      .reverse()
      .map(({ reader, line }) => ({
        run: reader.key.run,
        place: reader.placeOf(line.resume),
        done: line.end,
      }));
    return encodeCursor({ time, places });
  }
}
