/** Makes the cursors of a batch of lines when they are asked for, also long after: what they need is noted as lines are told. */
import { encodeCursor, writeDelayMs } from './cursor.ts';
import type { LogCursor } from './log-store.ts';
import type { RunReader } from './run-reader.ts';

/** How far a run was told, and the time that the whole log had reached then. */
export interface Mark {
  readonly reader: RunReader;
  readonly resume: number;
  readonly done: number;
  readonly time: number;
}

export class CursorTrail {
  readonly #before: readonly Mark[];
  readonly #marks: Mark[] = [];
  #made = -1;
  #state = new Map<RunReader, Mark>();

  /** `before` holds the marks of the runs that told something lately. */
  constructor(before: Iterable<Mark>) {
    this.#before = [...before];
    this.#restart();
  }

  /** Notes that a line was told. */
  add(mark: Mark): void {
    this.#marks.push(mark);
  }

  /** Where to go on after the line that was noted as number `index`. */
  at(index: number): LogCursor {
    if (index < this.#made) this.#restart();
    while (this.#made < index) {
      const mark = this.#marks[++this.#made] as Mark;
      // Newest last: deleting first moves it there.
      this.#state.delete(mark.reader);
      this.#state.set(mark.reader, mark);
    }
    const time = this.#marks[index]?.time ?? 0;
    const places = [...this.#state.values()]
      .filter((mark) => mark.time > time - writeDelayMs || mark.reader.shifted)
      .reverse()
      .map(({ reader, resume, done }) => ({ run: reader.key.run, place: reader.placeOf(resume), done }));
    return encodeCursor({ time, places });
  }

  #restart(): void {
    this.#made = -1;
    this.#state = new Map(this.#before.map((mark) => [mark.reader, mark]));
  }
}
