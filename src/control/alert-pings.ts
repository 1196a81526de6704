/** Tells outside monitors of the runs of crons: each run's begin and end is kept as a delivery, once. */
import { pingOf } from '../alerts/core/deliveries.ts';
import type { Run } from '../domain/run.ts';
import type { PlatformEvent } from '../platforms/platform.ts';
import type { AlertBook } from './alert-book.ts';
import type { AlertDispatcher } from './alert-dispatcher.ts';
import type { ControlParts } from './parts.ts';

/** Ends that a daemon before this one did not get to: a monitor wants to hear of them for so long. */
const catchUpMs = 2 * 3_600_000;

type Parts = Pick<ControlParts, 'store' | 'clock' | 'onTrouble'>;

export class AlertPings {
  readonly #parts: Parts;
  readonly #book: AlertBook;
  readonly #dispatcher: Pick<AlertDispatcher, 'poke'>;

  constructor(parts: Parts, book: AlertBook, dispatcher: Pick<AlertDispatcher, 'poke'>) {
    this.#parts = parts;
    this.#book = book;
    this.#dispatcher = dispatcher;
  }

  /** What ended in the moment in which an earlier daemon died: what is kept already stays as it is. */
  async start(): Promise<void> {
    const { store, clock } = this.#parts;
    for (const { environment, job } of this.#book.pinged()) {
      const since = clock.wall() - catchUpMs;
      const runs = await store.runsSince({ environment, job, since });
      for (const run of [...runs].reverse()) await this.#keep(run);
    }
  }

  hear(event: PlatformEvent): void {
    if (event.kind !== 'run-started' && event.kind !== 'run-ended') return;
    void this.#keep(event.run);
  }

  async #keep(run: Run): Promise<void> {
    const { store, clock, onTrouble } = this.#parts;
    if (run.job === null || run.kind !== 'cron') return;
    if (this.#book.pingUrl(run.environment, run.job) === undefined) return;
    const ping = pingOf(run, clock.wall());
    if (ping === null) return;
    try {
      await store.addDeliveries([ping]);
      this.#dispatcher.poke();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onTrouble(run.environment, `the monitor of "${run.job}" can't be told of run ${run.id}: ${why}`);
    }
  }
}
