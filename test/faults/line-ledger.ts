/** Every line of every run, once and in order: told by the numbers that the programs write. */
import type { LineRecord } from './records.ts';

interface Lines {
  readonly job: string;
  /** All numbers up to this one were seen. */
  through: number;
  /** Seen beyond it: standard error overtakes standard output, and the other way round. */
  readonly ahead: Set<number>;
  /** The last number of each stream: within one, order is kept. */
  readonly last: { stdout: number; stderr: number };
}

export class LineLedger {
  readonly #runs = new Map<string, Lines>();
  readonly #violate: (sentence: string) => void;
  count = 0;
  /** Records that a full disk cut off, and that the next one was written behind: allowed only while lines may be lost. */
  torn = 0;
  tornMayBe = false;

  constructor(violate: (sentence: string) => void) {
    this.#violate = violate;
  }

  add(line: LineRecord): void {
    this.count += 1;
    if (this.tornMayBe && /^nightshift: .* of a torn record could not be read here/.test(line.message)) {
      this.torn += 1;
      return;
    }
    const glued = this.tornMayBe
      ? /\d{4}-\d\d-\d\dT\S+ std(?:out|err) [PF] (.*)$/.exec(line.message)?.[1]
      : undefined;
    if (glued !== undefined) this.torn += 1;
    const [job, run, number] = (glued ?? line.message).split(' ');
    const sequence = Number(number);
    if (job !== line.job || run !== line.run || !Number.isInteger(sequence)) {
      this.#violate(`a line of run ${line.run} (${line.job}) is not what was written: "${line.message}"`);
      return;
    }
    const lines = this.#runs.get(run) ?? newLines(job);
    this.#runs.set(run, lines);
    if (sequence <= lines.through || lines.ahead.has(sequence)) {
      this.#violate(`line ${sequence} of run ${run} (${job}) is there twice`);
      return;
    }
    if (sequence < lines.last[line.stream]) {
      this.#violate(
        `line ${sequence} of run ${run} (${job}) comes after ${lines.last[line.stream]} of ${line.stream}`,
      );
    }
    lines.last[line.stream] = sequence;
    lines.ahead.add(sequence);
    while (lines.ahead.delete(lines.through + 1)) lines.through += 1;
  }

  /** How many lines of the run have come, from the first on without a gap. */
  through(run: string): number {
    return this.#runs.get(run)?.through ?? 0;
  }

  /** How many lines of the run have come at all. */
  cameOf(run: string): number {
    const lines = this.#runs.get(run);
    return lines === undefined ? 0 : lines.through + lines.ahead.size;
  }

  /** Lines of a run that was read anew; answers how many of them are new. */
  fill(lines: readonly LineRecord[]): number {
    let added = 0;
    for (const line of lines) {
      const [, run = '', number] = line.message.split(' ');
      const known = this.#runs.get(run) ?? newLines(line.job);
      this.#runs.set(run, known);
      const sequence = Number(number);
      if (sequence <= known.through || known.ahead.has(sequence)) continue;
      added += 1;
      known.ahead.add(sequence);
      while (known.ahead.delete(known.through + 1)) known.through += 1;
    }
    return added;
  }

  /** Runs with a gap: what is behind it was read, what is in it was not. */
  gaps(): string[] {
    return [...this.#runs].flatMap(([run, { job, through, ahead }]) =>
      ahead.size === 0
        ? []
        : [`run ${run} (${job}) misses line ${through + 1}; ${ahead.size} lines behind it were read`],
    );
  }

  /** The run is over and complete: it is not looked at again. */
  forget(run: string): void {
    this.#runs.delete(run);
  }
}

const newLines = (job: string): Lines => ({
  job,
  through: 0,
  ahead: new Set(),
  last: { stdout: 0, stderr: 0 },
});
