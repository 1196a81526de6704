/**
 * What must hold, compared with what the programs left behind: the whole truth about runs, because they wrote it themselves.
 *
 *   1 an ended run ended by itself, with the code that it had noted, and is told so: nothing disturbed, lost or invented
 *   2 no run's program ran twice
 *   3 every line of an ended run is in the log, once and in order
 *   4 every due time is in the ledger once, and what it says to have run did run, once
 *   5 a worker that talks for ever is the same process for ever
 *   6 what runs is known, and what is known runs
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RequestFailed } from './daemon-process.ts';
import { DueLedger } from './due-ledger.ts';
import { lives, type Program, populatedRuns, programs } from './groups.ts';
import { LineLedger } from './line-ledger.ts';
import type { LineRecord, ListOf, RunRecord } from './records.ts';
import type { FaultEnvironment, Scene } from './scene.ts';

interface Trace {
  readonly job: string;
  readonly due: string;
  /** Undefined while the program runs. */
  readonly end: { readonly code: number; readonly lines: number } | undefined;
}

export interface Counts {
  runsEnded: number;
  codesCompared: number;
  neverBegan: number;
  lines: number;
  dueTimes: number;
  /** Lines that a full disk swallowed. */
  linesLost: number;
  /** Lines that are in the log and that reading on from a cursor did not bring. */
  linesPassedOver: number;
}

/** How a run may have ended that was ended by a fault on purpose. */
export type Excuse = (record: RunRecord) => boolean;

const runsPerLook = 300;
/** What has not come by then by reading on is looked for where it should be. */
const looksBeforeReadingAgain = 20;

export class Model {
  readonly violations: string[] = [];
  readonly counts: Counts = {
    runsEnded: 0,
    codesCompared: 0,
    neverBegan: 0,
    lines: 0,
    dueTimes: 0,
    linesLost: 0,
    linesPassedOver: 0,
  };
  /** Runs that a fault ended, and what may be told of them. */
  readonly excused = new Map<string, Excuse>();
  /** While the disk is full lines are lost: they are counted, and are no violation. */
  linesMayBeLost = false;
  readonly lines: LineLedger;
  readonly due: DueLedger;
  readonly #scene: Scene;
  readonly #tell: (sentence: string) => void;
  readonly #cursors = new Map<string, string>();
  /** The programs that are to go on for ever. */
  #steady: Program[] = [];
  /** Ended runs that were compared and found right. */
  readonly #done = new Set<string>();

  constructor(scene: Scene, tell: (sentence: string) => void) {
    this.#scene = scene;
    this.#tell = tell;
    this.lines = new LineLedger((sentence) => this.violate(sentence));
    this.due = new DueLedger(scene, (sentence) => this.violate(sentence));
  }

  violate(sentence: string): void {
    if (this.violations.includes(sentence)) return;
    this.violations.push(sentence);
    this.#tell(`${sentence} (at ${new Date().toISOString()})`);
  }

  /** From now on these programs have to go on. */
  expectSteady(jobs: readonly string[]): void {
    this.#steady = programs(this.#scene.instance).filter((each) => this.#traceJob(each, jobs));
  }

  get steady(): readonly Program[] {
    return this.#steady;
  }

  /** A fault is about to end this program. */
  dismiss(program: Program): void {
    this.#steady = this.#steady.filter((each) => each !== program);
  }

  #traceJob(program: Program, jobs: readonly string[]): boolean {
    const environment = this.#scene.environments.find((each) => each.name === program.environment);
    const trace = environment === undefined ? undefined : this.#trace(environment, program.run);
    return trace !== undefined && jobs.includes(trace.job);
  }

  /** Needs no daemon: the programs that were to go on are the same processes. */
  checkSteady(): void {
    for (const { run, pid, startTime } of this.#steady) {
      if (!lives(pid, startTime))
        this.violate(`the program of run ${run} (pid ${pid}) was disturbed: it is gone`);
    }
  }

  /**
   * The machine went down: of a run whose end had not been told by then it may be said that nobody knows it, and if a code is
   * told it is the one that was noted.
   */
  excuseUntold(): void {
    for (const environment of this.#scene.environments) {
      for (const [run, { end }] of this.#traces(environment)) {
        if (this.#done.has(run) || this.excused.has(run)) continue;
        this.excused.set(run, ({ outcome, exitCode }) =>
          exitCode === null ? outcome === 'lost' : exitCode === end?.code,
        );
      }
    }
  }

  /** Reads what is new and compares it. Needs a daemon; one that is `mortal` may die over it. */
  async look(mortal = false): Promise<void> {
    this.checkSteady();
    try {
      await this.#lookAtAll();
    } catch (error) {
      if (!mortal || !(error instanceof RequestFailed) || error.status !== null) throw error;
    }
  }

  async #lookAtAll(): Promise<void> {
    for (const environment of this.#scene.environments) {
      await this.#readLines(environment);
      // The records first: what they say has ended must have left its traces before.
      const records = await this.#records(environment);
      const traces = this.#traces(environment);
      for (const record of records) this.#compare(environment, record, traces.get(record.id));
      for (const record of await this.#older(environment, traces)) {
        this.#compare(environment, record, traces.get(record.id));
      }
      for (const name of this.#names(environment)) {
        if (name.startsWith('twice~')) this.violate(`run ${name.slice(6)} was begun twice`);
      }
    }
  }

  /**
   * Waits until everything has come to rest that is on its way, and compares what is only then comparable: a run that wrote
   * its code has ended for Nightshift as well, all its lines are there, the ledger of due times is whole.
   */
  async settle(deadlineMs = 60_000): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    let open: string[] = [];
    for (let looks = 1; looks === 1 || (open.length > 0 && Date.now() < deadline); looks++) {
      if (looks > 1) await pause(150);
      open = [];
      await this.look();
      for (const environment of this.#scene.environments) {
        if (looks % looksBeforeReadingAgain === 0)
          await this.#readAgain(environment, this.#incomplete(environment));
        open.push(...this.#unsettled(environment));
      }
    }
    for (const each of open) this.violate(`${each}, after ${deadlineMs / 1000} s`);
    for (const environment of this.#scene.environments) await this.due.check(environment);
    this.counts.lines = this.lines.count;
    this.counts.dueTimes = this.due.count;
    await this.#checkKnown();
  }

  /** Ended runs of which lines are missing. */
  #incomplete(environment: FaultEnvironment): string[] {
    const ended = [...this.#traces(environment)].flatMap(([run, { end }]) =>
      end !== undefined && this.#done.has(run) && this.lines.through(run) < end.lines ? [run] : [],
    );
    return this.linesMayBeLost ? [] : ended;
  }

  /** What has not come together yet, as sentences. */
  #unsettled(environment: FaultEnvironment): string[] {
    return [...this.#traces(environment)].flatMap(([run, { job, end }]) => {
      if (end === undefined) return [];
      if (!this.#done.has(run)) {
        return [`run ${run} (${job}) ended with code ${end.code}, and is not told to have ended`];
      }
      const came = this.lines.through(run);
      if (came < end.lines && this.linesMayBeLost)
        this.counts.linesLost += end.lines - this.lines.cameOf(run);
      else if (came < end.lines && !this.excused.has(run)) {
        return [`run ${run} (${job}) wrote ${end.lines} lines, of which ${came} are in the log`];
      }
      this.#forget(environment, run);
      return [];
    });
  }

  /** Compared in full: its traces are no longer needed, except by the ledger of due times. */
  #forget(environment: FaultEnvironment, run: string): void {
    const trace = this.#trace(environment, run);
    if (trace !== undefined) this.due.ran(environment, trace.job, run, trace.due);
    this.lines.forget(run);
    for (const name of [`begun~${run}`, `ended~${run}`]) {
      rmSync(join(environment.root, 'traces', name), { force: true });
    }
  }

  #compare(environment: FaultEnvironment, record: RunRecord, trace: Trace | undefined): void {
    if (record.endedAt === null || this.#done.has(record.id)) return;
    this.counts.runsEnded += 1;
    this.#done.add(record.id);
    const told = `run ${record.id} (${record.job}) is told to have ended: ${record.outcome}, code ${record.exitCode}, ${record.reason}`;
    const excuse = this.excused.get(record.id);
    if (excuse !== undefined) {
      if (!excuse(record)) this.violate(`${told}: not what the fault was to bring about`);
      this.due.cutShort(record);
      return;
    }
    if (trace === undefined) this.#compareUnbegun(environment, record, told);
    else if (trace.end === undefined) this.violate(`${told}: its program had not ended by itself`);
    else {
      this.counts.codesCompared += 1;
      if (record.exitCode !== trace.end.code) this.violate(`${told}: it had noted code ${trace.end.code}`);
    }
  }

  /** Its program left no trace. */
  #compareUnbegun(environment: FaultEnvironment, record: RunRecord, told: string): void {
    // A person asked it to end before the program was there to note anything.
    if (record.outcome === 'stopped') {
      this.due.cutShort(record);
      return;
    }
    this.counts.neverBegan += 1;
    if (record.outcome !== 'lost' && record.outcome !== 'failed')
      this.violate(`${told}: its program never began`);
    if (record.exitCode !== null) this.violate(`${told}: an invented code, its program never began`);
    this.due.neverBegan(environment, record);
  }

  /**
   * Reads whole runs anew of which lines are missing. A cursor passes over a line that reached its file later after its time
   * than the log store waits for (`writeDelayMs`), as may happen on a machine that is far too busy; it is in the log all the same.
   */
  async #readAgain({ name }: FaultEnvironment, runs: readonly string[]): Promise<void> {
    for (const run of runs) {
      const lines = await this.#scene.daemon.stream<LineRecord>(`/environments/${name}/logs?run=${run}`);
      this.counts.linesPassedOver += this.lines.fill(lines);
    }
  }

  async #readLines({ name }: FaultEnvironment): Promise<void> {
    const after = this.#cursors.get(name);
    const from = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    const lines = await this.#scene.daemon.stream<LineRecord>(`/environments/${name}/logs${from}`);
    for (const line of lines) this.lines.add(line);
    const last = lines.at(-1);
    if (last !== undefined) this.#cursors.set(name, last.cursor);
  }

  /** The newest, and beyond them those of which is not yet known that they ended. */
  async #records({ name }: FaultEnvironment): Promise<readonly RunRecord[]> {
    const path = `/environments/${name}/runs?limit=${runsPerLook}`;
    const records: RunRecord[] = [];
    let before: string | null = null;
    do {
      const page: ListOf<RunRecord> = await this.#scene.daemon.get<ListOf<RunRecord>>(
        before === null ? path : `${path}&before=${before}`,
      );
      records.push(...page.items);
      before = page.items.some((record) => !this.#done.has(record.id) && record.endedAt !== null)
        ? page.next
        : null;
    } while (before !== null);
    return records;
  }

  /** Runs that have ended and began so long ago that they are not among the newest. */
  async #older({ name }: FaultEnvironment, traces: ReadonlyMap<string, Trace>): Promise<RunRecord[]> {
    const missing = [...traces].filter(([run, { end }]) => end !== undefined && !this.#done.has(run));
    const records = await Promise.all(missing.map(([run]) => this.#record(name, run)));
    return records.filter((record) => record !== undefined);
  }

  /** Undefined while it is not recorded: a worker's run is recorded late when the store could not be written. */
  async #record(environment: string, run: string): Promise<RunRecord | undefined> {
    try {
      return await this.#scene.daemon.get<RunRecord>(`/environments/${environment}/runs/${run}`);
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 404) return undefined;
      throw error;
    }
  }

  /** What runs is known to the daemon. */
  async #checkKnown(): Promise<void> {
    const before = populatedRuns(this.#scene.instance);
    const told = await Promise.all(before.map((run) => this.#isOpen(run)));
    const after = new Set(populatedRuns(this.#scene.instance));
    for (const [index, run] of before.entries()) {
      if (after.has(run) && !told[index]) this.violate(`run ${run} runs, and no open run is told of`);
    }
  }

  async #isOpen(run: string): Promise<boolean> {
    for (const { name } of this.#scene.environments) {
      const record = await this.#record(name, run);
      if (record !== undefined) return record.endedAt === null;
    }
    return false;
  }

  #names({ root }: FaultEnvironment): string[] {
    return readdirSync(join(root, 'traces'));
  }

  #traces(environment: FaultEnvironment): Map<string, Trace> {
    const runs = this.#names(environment).flatMap((name) =>
      name.startsWith('begun~') ? [name.slice(6)] : [],
    );
    return new Map(
      runs.flatMap((run) => {
        const trace = this.#trace(environment, run);
        return trace === undefined ? [] : [[run, trace] as const];
      }),
    );
  }

  #trace({ root }: FaultEnvironment, run: string): Trace | undefined {
    const begun = readTrace(root, `begun~${run}`);
    if (begun === undefined) return undefined;
    const [job = '', due = ''] = begun.split(' ');
    const ended = readTrace(root, `ended~${run}`)?.split(' ').map(Number);
    return {
      job,
      due,
      end: ended === undefined ? undefined : { code: ended[0] ?? -1, lines: ended[1] ?? -1 },
    };
  }
}

function readTrace(root: string, name: string): string | undefined {
  try {
    return readFileSync(join(root, 'traces', name), 'utf8');
  } catch {
    return undefined; // not written yet
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
