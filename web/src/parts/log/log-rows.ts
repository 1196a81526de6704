/**
 * What stands in the list: lines, and thin rules where a day, a run or a deployment begins. Lines that go on (a stack trace) are
 * folded into the one that they belong to.
 */
import type { LogLine } from './log-buffer.ts';

export interface Landmark {
  readonly id: string;
  readonly at: number;
  readonly words: string;
}

export type LogRow =
  | {
      readonly kind: 'line';
      readonly key: string;
      readonly line: LogLine;
      /** So many lines that go on from this one; 0 for most. */
      readonly more: number;
      readonly open: boolean;
    }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | {
      readonly kind: 'run';
      readonly key: string;
      readonly job: string;
      readonly run: string;
      readonly before: string;
    }
  | { readonly kind: 'landmark'; readonly key: string; readonly landmark: Landmark };

export interface RowsAsked {
  /** Oldest first. */
  readonly landmarks: readonly Landmark[];
  /** Keys of lines whose further lines are shown. */
  readonly open: ReadonlySet<number>;
  /** The day that a moment belongs to, on the reader's clock. */
  readonly dayOf: (at: number) => number;
  /** False while somebody searches: what was found must not be hidden. */
  readonly fold: boolean;
}

/** So many lines and more are folded. */
const foldedMin = 3;

export function rowsOf(
  lines: readonly LogLine[],
  { landmarks, open, dayOf, fold }: RowsAsked,
): readonly LogRow[] {
  const rows: LogRow[] = [];
  const runOf = new Map<string, string>();
  const first = lines[0];
  if (first === undefined) return rows;
  let day = Number.NaN;
  let landmark = landmarks.findIndex(({ at }) => at >= first.at);
  if (landmark === -1) landmark = landmarks.length;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as LogLine;
    for (; (landmarks[landmark]?.at ?? Number.POSITIVE_INFINITY) <= line.at; landmark += 1) {
      const passed = landmarks[landmark] as Landmark;
      rows.push({ kind: 'landmark', key: `at ${passed.id}`, landmark: passed });
    }
    if (dayOf(line.at) !== day) {
      day = dayOf(line.at);
      rows.push({ kind: 'day', key: `day ${line.key}`, at: line.at });
    }
    const before = runOf.get(line.job);
    if (before !== line.run && line.run !== '') {
      // Instances of one worker take turns: only a run that begins here is told.
      if (before !== undefined && line.run > before)
        rows.push({ kind: 'run', key: `run ${line.run}`, job: line.job, run: line.run, before });
      if (before === undefined || line.run > before) runOf.set(line.job, line.run);
    }
    const more = fold ? goingOn(lines, index) : 0;
    const folded = more >= foldedMin;
    const isOpen = folded && open.has(line.key);
    rows.push({ kind: 'line', key: String(line.key), line, more: folded ? more : 0, open: isOpen });
    if (folded && !isOpen) index += more;
    else if (folded) {
      for (let next = 1; next <= more; next += 1) {
        const further = lines[index + next] as LogLine;
        rows.push({ kind: 'line', key: String(further.key), line: further, more: 0, open: false });
      }
      index += more;
    }
  }
  return rows;
}

/** How many lines right after this one go on from it: of the same run and stream, and set in. */
function goingOn(lines: readonly LogLine[], index: number): number {
  const head = lines[index] as LogLine;
  if (setIn.test(head.message)) return 0;
  let count = 0;
  for (;;) {
    const next = lines[index + count + 1];
    if (
      next === undefined ||
      next.run !== head.run ||
      next.stream !== head.stream ||
      !setIn.test(next.message)
    )
      return count;
    count += 1;
  }
}

const setIn = /^(\s+\S|Caused by: |\.\.\. \d+ more)/;
