/**
 * The store's part in the simulation: what was committed survives every crash. It keeps each cron's due times as
 * stretches, so that a year of every minute is one row, and it checks whatever is written into it.
 */
import { type CompiledSchedule, countDue, nextDue, previousDue } from '../../src/scheduler/schedule.ts';
import { holds } from './invariants.ts';

/** Due times in a row, from the first to the last, that were served (ran, or skipped in their time) or missed. */
interface Row {
  from: number;
  to: number;
  readonly served: boolean;
}

const shown = (instant: number): string => new Date(instant).toISOString();

export class Ledger {
  readonly #key: string;
  #schedule: CompiledSchedule;
  /** Due times before it never count. */
  #since: number;
  /** In order, none overlapping. */
  #rows: Row[] = [];
  #lastDueAt: number | null = null;
  /** Up to here, missed due times may be told of again: a clock was set back, or the scheduler started anew. */
  #againUntil = Number.NEGATIVE_INFINITY;

  constructor(key: string, schedule: CompiledSchedule, since: number) {
    this.#key = key;
    this.#schedule = schedule;
    this.#since = since;
  }

  get lastDueAt(): number | null {
    return this.#lastDueAt;
  }

  /** The clock was set back, or the scheduler starts anew: what was missed so far may come again. */
  allowAgain(): void {
    this.#againUntil = this.#lastDueAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether a due time was served: the key that keeps it from beginning a second run. */
  isServed(dueAt: number): boolean {
    return this.#at(dueAt)?.served === true;
  }

  isMissed(dueAt: number): boolean {
    return this.#at(dueAt)?.served === false;
  }

  /**
   * Writes due times down. What was missed by a clock that was wrong may still be served. Up to `blindUntil` the
   * scheduler can't know what is there, and what was served stays as it is.
   */
  write(from: number, to: number, count: number, served: boolean, blindUntil: number): void {
    holds(
      nextDue(this.#schedule, from - 1) === from,
      'known-due-time',
      () => `${this.#key} has no due time at ${shown(from)}`,
    );
    holds(
      from === to
        ? count === 1
        : countDue(this.#schedule, from - 1, to) === count && previousDue(this.#schedule, from, to) === to,
      'known-due-time',
      () => `${this.#key} has not ${count} due times from ${shown(from)} to ${shown(to)}`,
    );
    this.#lastDueAt = Math.max(this.#lastDueAt ?? to, to);
    const last = this.#rows.at(-1);
    if (last === undefined || from > last.to) this.#append(last, { from, to, served });
    else this.#insert({ from, to, served }, blindUntil);
  }

  /** Every due time from the beginning to `until` must be there. */
  checkComplete(until: number): void {
    let at = this.#since - 1;
    for (const row of this.#rows) {
      const next = nextDue(this.#schedule, at);
      holds(
        next === null || next >= row.from || next > until,
        'accounted-once',
        () => `${this.#key}: nothing is told of ${shown(next ?? 0)}`,
      );
      at = Math.max(at, row.to);
    }
    const next = nextDue(this.#schedule, at);
    holds(
      next === null || next > until,
      'accounted-once',
      () => `${this.#key}: nothing is told of ${shown(next ?? 0)} by ${shown(until)}`,
    );
  }

  /** The first due time after an instant that was not served. */
  nextUnserved(after: number): number | null {
    let due = nextDue(this.#schedule, after);
    for (
      let row = due === null ? undefined : this.#at(due);
      due !== null && row?.served;
      row = this.#at(due)
    ) {
      due = nextDue(this.#schedule, row.to);
      if (due === null) break;
    }
    return due;
  }

  /** The cron got another schedule; what was due by then has been checked. */
  startAnew(schedule: CompiledSchedule, since: number): void {
    this.#schedule = schedule;
    this.#since = since;
    this.#rows = [];
  }

  #at(dueAt: number): Row | undefined {
    const row = this.#rows[this.#firstTo(dueAt)];
    return row !== undefined && row.from <= dueAt ? row : undefined;
  }

  /** The place of the first row that ends at or after an instant. */
  #firstTo(instant: number): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle] as Row).to < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #follows(before: Row | undefined, row: Row): boolean {
    return before?.served === row.served && nextDue(this.#schedule, before.to) === row.from;
  }

  #append(last: Row | undefined, row: Row): void {
    if (last !== undefined && this.#follows(last, row)) last.to = row.to;
    else this.#rows.push(row);
  }

  /** Between or over rows that are there: served ones stay, missed ones give way to what is served now. */
  #insert(row: Row, blindUntil: number): void {
    const start = this.#firstTo(row.from);
    let end = start;
    const rows: Row[] = [];
    let rest: Row[] = [row];
    for (let old = this.#rows[end]; old !== undefined && old.from <= row.to; old = this.#rows[++end]) {
      if (old.served) {
        const both = Math.max(old.from, row.from);
        holds(both <= blindUntil, 'at-most-once', () => `${this.#key}: ${shown(both)} is told again`);
        const kept = old;
        rows.push(kept);
        rest = rest.flatMap((each) => this.#without(each, kept));
      } else {
        const both = Math.max(old.from, row.from);
        holds(both <= this.#againUntil, 'accounted-once', () => `${this.#key}: ${shown(both)} is told again`);
        rows.push(...this.#without(old, row));
      }
    }
    const [first, ...others] = [...rows, ...rest].sort((a, b) => a.from - b.from);
    const before = this.#rows[start - 1];
    if (before !== undefined && first !== undefined && this.#follows(before, first)) {
      before.to = first.to;
      this.#rows.splice(start, end - start, ...others);
    } else this.#rows.splice(start, end - start, ...(first === undefined ? [] : [first, ...others]));
  }

  /** What is left of a stretch before and after another one. */
  #without(row: Row, other: Row): Row[] {
    if (other.to < row.from || row.to < other.from) return [row];
    const before = previousDue(this.#schedule, row.from - 1, other.from - 1);
    const after = nextDue(this.#schedule, other.to);
    return [
      ...(row.from < other.from && before !== null ? [{ ...row, to: before }] : []),
      ...(row.to > other.to && after !== null ? [{ ...row, from: after }] : []),
    ];
  }
}
