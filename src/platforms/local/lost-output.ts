/**
 * What jobs print while the disk is full can't be written to their logs. Nobody in a run's path notices: its monitor goes on
 * reading, so that the job is not held up. So it is counted here what was printed in that time: at most so much is missing.
 */
import type { Handle } from '../../domain/run.ts';
import { formatDuration, formatSize } from '../../domain/units.ts';

/** An open run, as far as its output is concerned. */
export interface Printer {
  readonly id: string;
  readonly environment: string;
  readonly handle: Handle | null;
}

export interface LostOutput {
  readonly environment: string;
  readonly sentence: string;
}

export class OutputOnFullDisk {
  readonly #printed: (handle: Handle) => number | undefined;
  readonly #since: number;
  /** By run: what it had printed when the disk was found full. */
  readonly #before = new Map<string, number>();
  /** By environment: runs that ended meanwhile, whose monitors can't be asked any more. */
  readonly #ended = new Map<string, number>();

  /** @param printed bytes that a run has printed so far; undefined when nobody knows. `now`: monotonic, ms */
  constructor(printed: (handle: Handle) => number | undefined, open: readonly Printer[], now: number) {
    this.#printed = printed;
    this.#since = now;
    for (const { id, handle } of open) this.#before.set(id, this.#printedOf(handle) ?? 0);
  }

  ended({ environment }: Printer): void {
    this.#ended.set(environment, (this.#ended.get(environment) ?? 0) + 1);
  }

  /** The disk has room again: one sentence for each environment that printed meanwhile. */
  over(open: readonly Printer[], now: number): LostOutput[] {
    const seconds = formatDuration(Math.max(1, Math.round((now - this.#since) / 1000)));
    const environments = new Set([...open.map((run) => run.environment), ...this.#ended.keys()]);
    return [...environments].flatMap((environment) => {
      const grown = open
        .filter((run) => run.environment === environment)
        .map(({ id, handle }) => (this.#printedOf(handle) ?? 0) - (this.#before.get(id) ?? 0))
        .filter((bytes) => bytes > 0);
      const bytes = grown.reduce((sum, each) => sum + each, 0);
      const ended = this.#ended.get(environment) ?? 0;
      if (bytes === 0 && ended === 0) return [];
      const parts = [
        ...(bytes > 0 ? [`up to ${formatSize(bytes)} that ${runs(grown.length)} printed`] : []),
        ...(ended > 0 ? [`what ${runs(ended)} printed last that ended meanwhile`] : []),
      ];
      const sentence = `the disk was full for ${seconds}: missing from the log may be ${parts.join(', and ')}`;
      return [{ environment, sentence }];
    });
  }

  #printedOf(handle: Handle | null): number | undefined {
    return handle === null ? undefined : this.#printed(handle);
  }
}

const runs = (count: number): string => (count === 1 ? 'one run' : `${count} runs`);
