/**
 * Every due time once: the ledger that Nightshift keeps, against the clock, against what the programs noted, and against the
 * times at which there was no daemon.
 */
import type { DueTimeRecord, ListOf, RunRecord } from './records.ts';
import type { FaultEnvironment, Scene } from './scene.ts';

const minuteMs = 60_000;
/** A daemon that was just killed may have been about to serve it, one that just came still takes up. */
const edgeMs = 5_000;

export class DueLedger {
  readonly #scene: Scene;
  readonly #violate: (sentence: string) => void;
  /** What the programs noted: the due time that each run was begun for. */
  readonly #noted = new Map<string, string>();
  /** By job and due time, the run whose program was begun for it. */
  readonly #served = new Map<string, string>();
  /** What the ledger says to have run, and no program has noted yet. */
  readonly #told = new Map<string, { readonly what: string; readonly dueAt: string }>();
  /** Up to which due time each job was compared, ms. */
  readonly #through = new Map<string, number>();
  /** Of runs that are told never to have begun: by run, their record. */
  readonly #neverBegan = new Map<string, RunRecord>();
  /** Runs that a person or a fault ended: their programs may have noted all, a part, or nothing. */
  readonly #cutShort = new Set<string>();
  /** Jobs are being stopped: that is a good reason too. */
  stopping = false;
  count = 0;
  missed = 0;
  skipped = 0;

  constructor(scene: Scene, violate: (sentence: string) => void) {
    this.#scene = scene;
    this.#violate = violate;
  }

  /** A program ended that had been begun for this due time, or for none. */
  ran({ name }: FaultEnvironment, job: string, run: string, due: string): void {
    if (due === 'none') return;
    if (!this.#cutShort.has(run)) this.#noted.set(run, due);
    const what = `${job} in ${name}, due at ${due}`;
    const before = this.#served.get(what);
    if (before !== undefined) this.#violate(`${what}: served twice, by ${before} and by ${run}`);
    this.#served.set(what, run);
  }

  /** A run that is told never to have begun: nothing happened at its due time. */
  neverBegan(environment: FaultEnvironment, record: RunRecord): void {
    // A start that failed is told with its reason; what is lost is another matter.
    if (record.kind !== 'cron' || record.outcome !== 'lost') return;
    this.#neverBegan.set(record.id, record);
    if (record.trigger === 'manual') {
      this.#violate(
        `run ${record.id} (${record.job} in ${environment.name}) was asked for by a person and never began: ${record.reason}`,
      );
    }
  }

  /** A run that did not end by itself: its due time was served, and whatever its program noted, nothing more can be compared. */
  cutShort({ id }: RunRecord): void {
    this.#cutShort.add(id);
  }

  /** Reads the rows of every cron that are new, and compares them. */
  async check(environment: FaultEnvironment): Promise<void> {
    for (const job of environment.jobs) {
      if (job.interval !== '1m') continue;
      const rows = await this.#rows(environment, job.name);
      for (const row of rows) this.#compare(environment, job.catchUp === 'all', row);
      this.#checkWhole(environment, job.name, rows);
    }
    for (const [run, { what, dueAt }] of this.#told) this.#compareRun(run, what, dueAt);
  }

  /** Everything has ended: what was told has been noted, and what was noted has been told. */
  finish(): void {
    for (const [run, { what }] of this.#told) this.#violate(`${what}: its run ${run} left no trace`);
    for (const [run, due] of this.#noted)
      this.#violate(`run ${run} was begun for ${due}, which the ledger does not say`);
  }

  /** Oldest first, those that were not compared yet. */
  async #rows({ name }: FaultEnvironment, job: string): Promise<DueTimeRecord[]> {
    const through = this.#through.get(`${name} ${job}`) ?? 0;
    const rows: DueTimeRecord[] = [];
    let before = '';
    for (;;) {
      const page = await this.#scene.daemon.get<ListOf<DueTimeRecord>>(
        `/environments/${name}/due-times?job=${job}&limit=100${before}`,
      );
      const fresh = page.items.filter((row) => Date.parse(row.dueAt) > through);
      rows.push(...fresh);
      if (page.next === null || fresh.length < page.items.length) return rows.reverse();
      before = `&before=${encodeURIComponent(page.next)}`;
    }
  }

  /** One after the other without a gap: every minute of the job's is there. */
  #checkWhole({ name }: FaultEnvironment, job: string, rows: readonly DueTimeRecord[]): void {
    const key = `${name} ${job}`;
    let last = this.#through.get(key) ?? 0;
    for (const row of rows) {
      const at = Date.parse(row.dueAt);
      if (last !== 0 && at !== last + minuteMs) {
        this.#violate(
          `${job} in ${name}: between ${iso(last)} and ${row.dueAt} due times are not in the ledger`,
        );
      }
      last = at;
      this.count += 1;
    }
    // The last one may still be on its way: nothing is missing yet when it is younger than a minute and an edge.
    if (last !== 0 && Date.now() - last > minuteMs + edgeMs * 4) {
      this.#violate(
        `${job} in ${name}: nothing in the ledger since ${iso(last)}, and it is ${iso(Date.now())}`,
      );
    }
    if (last !== 0) this.#through.set(key, last);
  }

  #compare({ name }: FaultEnvironment, caughtUp: boolean, row: DueTimeRecord): void {
    const what = `${row.job} in ${name}, due at ${row.dueAt}`;
    if (row.fate === 'ran') {
      this.#told.set(row.run ?? what, { what, dueAt: row.dueAt });
      return;
    }
    if (row.fate === 'skipped') {
      this.skipped += 1;
      if (this.stopping && row.reason === 'skipped: disabled') return;
      if (!/instances|database/.test(row.reason ?? ''))
        this.#violate(`${what}: skipped for no good reason: ${row.reason}`);
      return;
    }
    this.missed += 1;
    const at = Date.parse(row.dueAt);
    const away = this.#scene.gaps.some(({ from, until }) => at >= from - edgeMs && at <= until + edgeMs);
    if (caughtUp) this.#violate(`${what}: missed, although all are to be caught up: ${row.reason}`);
    else if (!away) this.#violate(`${what}: missed while the daemon was there: ${row.reason}`);
  }

  #compareRun(run: string, what: string, dueAt: string): void {
    if (this.#cutShort.has(run)) {
      this.#told.delete(run);
      this.#noted.delete(run);
      return;
    }
    const never = this.#neverBegan.get(run);
    const noted = this.#noted.get(run);
    if (never === undefined && noted === undefined) return;
    this.#told.delete(run);
    this.#noted.delete(run);
    if (never !== undefined) this.#violate(`${what}: lost, its run ${run} never began: ${never.reason}`);
    else if (noted !== dueAt) this.#violate(`${what}: its run ${run} says that it was begun for ${noted}`);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
