/**
 * The open runs of the local platform, whatever began them: recorded, started, ended and accounted for in one place.
 *
 * Order is the rule here. Before a start: the record (durable). After an end: the record, and only then is the
 * runtime told to forget. A crash between any two lines therefore leaves either a record without a run,
 * which the next start ends as lost, or a run's exit that the runtime still holds, which the next start reads.
 */
import type { Clock } from '../../domain/clock.ts';
import type { DueTime, LedgerChange } from '../../domain/due-time.ts';
import { type MemorySurroundings, memoryLine } from '../../domain/out-of-memory.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EndRequest, Handle, Run, RunEnd } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';
import { deltaOfEnd, deltaOfStart, type StatisticsDelta } from '../../domain/statistics.ts';

import { type ExitReport, type Runtime, type Started, StartFailure } from '../../runtimes/runtime.ts';
import type { PlatformEvent, RunUsage } from '../platform.ts';
import type { Journal } from './journal.ts';
import { KeptWrites, saysUnavailable } from './kept-writes.ts';
import { OutputOnFullDisk } from './lost-output.ts';
import {
  addSample,
  type Beginning,
  endOf,
  newOpenRun,
  type OpenRun,
  type RunOwner,
  startFailureEnd,
} from './open-run.ts';
import type { RunLogs } from './run-logs.ts';

export interface RunsOptions {
  readonly runtime: Runtime;
  readonly journal: Journal;
  readonly logs: RunLogs;
  readonly clock: Clock;
  readonly emit: (event: PlatformEvent) => void;
  /** All that can be booked, for the words about memory. */
  readonly plans?: readonly Plan[] | undefined;
  /** How a run that is recorded and never began is begun after all; null when it is not to be. */
  readonly beginAgain: (run: Run) => Promise<Beginning | null>;
}

/** An end that could not be recorded for a reason of its own is tried again after so long. */
const recordAgainMs = 2_000;

/** Runs of workers that go on, or went, without a record: with more of them, workers wait for the store too. */
const unrecordedMost = 10_000;

export class Runs {
  readonly #open = new Map<string, OpenRun>();
  readonly #options: RunsOptions;
  /** Ends that are being recorded, and forgotten by the runtime after that. */
  readonly #recording = new Map<string, { readonly environment: string; readonly done: Promise<void> }>();
  readonly #writes: KeptWrites;
  #unrecorded = 0;
  /** While the disk is full. */
  #lostOutput: OutputOnFullDisk | null = null;
  #waiting: (() => void)[] = [];

  constructor(options: RunsOptions) {
    this.#options = options;
    const tell = (sentence: string): void => this.#trouble(null, sentence);
    const diskFull = (full: boolean): void => this.#countOutput(full);
    this.#writes = new KeptWrites({ journal: options.journal, clock: options.clock, tell, diskFull });
    options.runtime.onExit = (report) => void this.#ended(report);
  }

  get(runId: string): Run | undefined {
    return this.#open.get(runId)?.run;
  }

  /** Open runs, of one environment or of all. */
  list(environment?: string): Run[] {
    const runs = [...this.#open.values()].map((open) => open.run);
    return environment === undefined ? runs : runs.filter((run) => run.environment === environment);
  }

  /** What a run held when it was last sampled, bytes; null when it was not. */
  memoryOf(runId: string): number | null {
    return this.#open.get(runId)?.samples.lastBytes ?? null;
  }

  /** Resolves when no run of the environment (or of any) is open, their ends are recorded and the runtime has forgotten them. */
  async allEnded(environment?: string): Promise<void> {
    await this.#noneOpen(environment);
    const concerned = [...this.#recording.values()].filter(
      (each) => environment === undefined || each.environment === environment,
    );
    await Promise.all(concerned.map((each) => each.done));
  }

  /** The same for all environments, but waits for the records `ms` at most; answers whether all of them stand. */
  async allEndedWithin(ms: number): Promise<boolean> {
    await this.#noneOpen();
    return await new Promise<boolean>((resolve) => {
      const cancel = this.#options.clock.after(ms, () => resolve(false));
      void this.allEnded().then(() => {
        cancel();
        resolve(true);
      });
    });
  }

  async #noneOpen(environment?: string): Promise<void> {
    while (this.list(environment).length > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** When the store can be written again: at once where nobody found that it can't. */
  get writable(): Promise<void> {
    return this.#writes.writable;
  }

  /** Nothing is recorded any more. */
  close(): void {
    this.#writes.close();
  }

  /**
   * Records the runs with their due times in one step, then starts those that were created. A worker's run is started also
   * when the store can't be written, and recorded as soon as it can be: nobody starts it twice but this daemon. A cron's is not:
   * its due time is served at most once, and only the record can say so.
   * @param changes what makes room in the ledger for these due times
   * @returns the ids of those that were created; a due time that was served before creates nothing
   */
  async begin(
    beginnings: readonly Beginning[],
    dueTimes: readonly DueTime[] = [],
    changes: readonly LedgerChange[] = [],
  ): Promise<string[]> {
    const { journal } = this.#options;
    const own = beginnings.flatMap((beginning) => (beginning.dueTime === null ? [] : [beginning.dueTime]));
    for (const beginning of beginnings) this.#register(beginning.run, beginning.owner);
    let created: Set<string>;
    try {
      const runs = beginnings.map((beginning) => beginning.run);
      created = new Set(await journal.beginRuns(runs, [...own, ...dueTimes], changes));
    } catch (error) {
      if (this.#mayBeginUnrecorded(error, beginnings)) {
        for (const beginning of beginnings) this.#beginUnrecorded(beginning);
        return beginnings.map((beginning) => beginning.run.id);
      }
      for (const { run, owner } of beginnings) {
        this.#forget(run.id);
        owner.startFailed(run.id, `it could not be recorded: ${sentenceOf(error)}`);
      }
      throw error;
    }
    for (const beginning of beginnings) {
      if (created.has(beginning.run.id)) void this.#start(beginning);
      else this.#forget(beginning.run.id);
    }
    return [...created];
  }

  #mayBeginUnrecorded(error: unknown, beginnings: readonly Beginning[]): boolean {
    if (!saysUnavailable(error)) return false;
    this.#writes.failed(error);
    const onlyWorkers = beginnings.length > 0 && beginnings.every(({ run }) => run.kind === 'worker');
    return onlyWorkers && this.#unrecorded < unrecordedMost;
  }

  #beginUnrecorded(beginning: Beginning): void {
    const { run } = beginning;
    const open = this.#open.get(run.id);
    if (open === undefined) return;
    this.#unrecorded++;
    this.#keep(open, 'its beginning', () => this.#options.journal.beginRuns([run], []));
    void open.kept.then(() => this.#unrecorded--);
    void this.#start(beginning);
  }

  /** Writes what happened to a run, in the order in which it happened. */
  #keep(open: OpenRun, what: string, write: () => Promise<unknown>): void {
    const { environment, id } = open.run;
    open.kept = open.kept
      .then(() => this.#writes.keep(write))
      .then(
        () => undefined,
        (error: unknown) =>
          this.#trouble(environment, `${what} was not recorded, of run ${id}: ${sentenceOf(error)}`),
      );
  }

  /** Starts one run whose output goes to the caller. Rejects when it can't be recorded or started. */
  async beginAttached(beginning: Beginning): Promise<Started> {
    this.#register(beginning.run, beginning.owner);
    try {
      await this.#options.journal.beginRuns([beginning.run], []);
    } catch (error) {
      this.#forget(beginning.run.id);
      throw error;
    }
    return await this.#startRecorded(beginning);
  }

  /** Takes over a run that the runtime has adopted, or one whose end it will tell. */
  resume(run: Run, owner: RunOwner): void {
    this.#register(run, owner);
    const open = this.#open.get(run.id);
    if (open !== undefined) open.handle = run.handle;
  }

  /** The runtime runs it: from now on its log is watched and it can be signalled. */
  adopted(runId: string, handle: Handle): void {
    const open = this.#open.get(runId);
    if (open === undefined) return;
    open.handle = handle;
    open.samples.lastAt = this.#options.clock.monotonic();
    this.#openLog(open, handle);
  }

  /** Remembers why, then sends the exit signal to the program itself. */
  askToEnd(runId: string, request: EndRequest, signal: SignalName): void {
    const open = this.#open.get(runId);
    if (open === undefined) return;
    const at = this.#options.clock.wall();
    open.run = { ...open.run, endRequest: request, endRequestedAt: at };
    this.#keep(open, 'the request to end', () => this.#options.journal.runEndRequested(runId, request, at));
    this.#withHandle(open, (handle) => this.#options.runtime.signal(handle, signal));
  }

  /** Sends a signal that asks for nothing in particular: it comes from the person at the terminal. */
  signal(runId: string, signal: SignalName): void {
    const open = this.#open.get(runId);
    if (open !== undefined) this.#withHandle(open, (handle) => this.#options.runtime.signal(handle, signal));
  }

  /** Ends all that is left of it. With a request, the end is told as having been asked for. */
  kill(runId: string, request: EndRequest | null = null): void {
    const open = this.#open.get(runId);
    if (open === undefined) return;
    open.killed = true;
    if (request !== null) open.run = { ...open.run, endRequest: request };
    this.#withHandle(open, (handle) => this.#options.runtime.kill(handle));
  }

  /** Ids of the open runs, by environment. */
  byEnvironment(): ReadonlyMap<string, readonly string[]> {
    return Map.groupBy(this.#open.keys(), (id) => this.#open.get(id)?.run.environment ?? '');
  }

  /** Reads what an open run uses, for whoever asks and for its averages; undefined when it has no program. */
  look(runId: string): { readonly usage: RunUsage; readonly statistics: StatisticsDelta[] } | undefined {
    const open = this.#open.get(runId);
    const usage = open?.handle == null ? undefined : this.#options.runtime.usage(open.handle);
    if (open === undefined || usage === undefined) return undefined;
    const { memoryBytes, cpuSeconds } = usage;
    return {
      usage: { runId, job: open.run.job, memoryBytes, cpuSeconds },
      statistics: addSample(open, memoryBytes, this.#options.clock.monotonic()),
    };
  }

  #countOutput(full: boolean): void {
    const now = this.#options.clock.monotonic();
    const open = [...this.#open.values()].map(({ run, handle }) => ({ ...run, handle }));
    const printed = (handle: Handle): number | undefined => this.#options.runtime.printedBytes?.(handle);
    for (const { environment, sentence } of full ? [] : (this.#lostOutput?.over(open, now) ?? []))
      this.#trouble(environment, sentence);
    this.#lostOutput = full ? new OutputOnFullDisk(printed, open, now) : null;
  }

  #register(run: Run, owner: RunOwner): void {
    this.#open.set(run.id, newOpenRun(run, owner));
  }

  #forget(runId: string): void {
    this.#open.delete(runId);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #start(beginning: Beginning): Promise<void> {
    try {
      await this.#startRecorded(beginning);
    } catch (error) {
      if (!(error instanceof StartFailure)) {
        this.#trouble(
          beginning.run.environment,
          `run ${beginning.run.id} could not be started: ${sentenceOf(error)}`,
        );
      }
    }
  }

  async #startRecorded(beginning: Beginning): Promise<Started> {
    const { logs, runtime, journal, clock } = this.#options;
    const { run, owner } = beginning;
    this.#options.emit({ kind: 'run-began', run });
    let started: Started;
    try {
      const logPath = await logs.prepare(run.environment, run.job ?? 'remote', run.id);
      started = await runtime.start(await beginning.spec(logPath));
    } catch (error) {
      const why = `it could not be started: ${sentenceOf(error)}`;
      void this.#recordingOf(run, this.#record(run.id, startFailureEnd(why, clock.wall()), false));
      owner.startFailed(run.id, why);
      throw error;
    }
    const open = this.#open.get(run.id);
    const up: Run = { ...run, startedAt: started.startedAt, handle: started.handle };
    if (open !== undefined) {
      const { endRequest, endRequestedAt } = open.run;
      open.run = { ...up, endRequest, endRequestedAt };
      open.handle = started.handle;
      open.samples.lastAt = clock.monotonic();
      if (started.streams === null) this.#openLog(open, started.handle);
      for (const act of open.pending.splice(0)) void act();
      const { startedAt, handle } = started;
      this.#keep(open, 'its start', () => journal.runStarted(run.id, startedAt, handle));
      this.#keep(open, 'its start in the statistics', () => journal.addStatistics(deltaOfStart(run)));
    }
    owner.started(run.id);
    this.#options.emit({ kind: 'run-started', run: up });
    return started;
  }

  #openLog(open: OpenRun, handle: Handle): void {
    const { environment, id, job } = open.run;
    const reopen = (): Promise<void> => this.#options.runtime.reopenLog(handle);
    this.#options.logs.opened({ environment, job: job ?? 'remote', runId: id, reopen });
  }

  #withHandle(open: OpenRun, act: (handle: Handle) => Promise<void>): void {
    const acting = async (): Promise<void> => {
      if (open.handle === null) return;
      try {
        await act(open.handle);
      } catch (error) {
        this.#trouble(open.run.environment, `run ${open.run.id} could not be reached: ${sentenceOf(error)}`);
      }
    };
    if (open.handle === null) open.pending.push(acting);
    else void acting();
  }

  async #ended(report: ExitReport): Promise<void> {
    const open = this.#open.get(report.runId);
    if (open === undefined) {
      await this.#options.runtime.release(report.runId);
      return;
    }
    if (report.neverBegan === true && (await this.#beginAgain(open.run))) return;
    const { run } = open;
    const end = endOf(open, report, this.#memoryOf(run));
    await this.#noteMemory(run, report, end.endedAt);
    this.#lostOutput?.ended(run);
    this.#options.logs.closed(run.id);
    const ended: Run = { ...run, ...end };
    // The successor must not wait for the record of the end: the runtime keeps the exit until that stands.
    const done = this.#recordingOf(run, this.#record(run.id, end, true, report.cpuSeconds));
    this.#forget(run.id);
    open.owner.ended(ended);
    await done;
  }

  #memoryOf(run: Run): MemorySurroundings {
    return { job: run.job, plans: this.#options.plans ?? [] };
  }

  /** Where memory ran out stands in the log itself, also when the program survived what was killed of it. */
  async #noteMemory(run: Run, report: ExitReport, at: number): Promise<void> {
    if (report.outOfMemory === null) return;
    const message = memoryLine(report.outOfMemory, this.#memoryOf(run));
    try {
      await this.#options.logs.note?.({
        environment: run.environment,
        job: run.job ?? 'remote',
        runId: run.id,
        at,
        message,
      });
    } catch (error) {
      this.#trouble(run.environment, `the log of run ${run.id} lacks "${message}": ${sentenceOf(error)}`);
    }
  }

  #recordingOf({ id, environment }: Run, recorded: Promise<void>): Promise<void> {
    const done = recorded.finally(() => this.#recording.delete(id));
    this.#recording.set(id, { environment, done });
    return done;
  }

  /** The record stands since an earlier daemon: the start that belongs to it is made up for. */
  async #beginAgain(run: Run): Promise<boolean> {
    const beginning = await this.#options.beginAgain(run);
    if (beginning === null) return false;
    this.#register(beginning.run, beginning.owner);
    void this.#start(beginning);
    return true;
  }

  /** Records an end, again and again until it stands; only then may the runtime forget it. */
  async #record(
    runId: string,
    end: RunEnd,
    release: boolean,
    cpuSeconds: number | null = null,
  ): Promise<void> {
    const { journal, runtime, clock } = this.#options;
    const open = this.#open.get(runId);
    if (open === undefined) return;
    const { run } = open;
    if (!release) this.#forget(runId);
    const statistics = deltaOfEnd(run, end);
    await open.kept;
    for (let told = false; ; ) {
      try {
        await this.#writes.keep(() => journal.runEnded(runId, end, statistics));
        break;
      } catch (error) {
        if (!told)
          this.#trouble(run.environment, `the end of run ${runId} is not recorded yet: ${sentenceOf(error)}`);
        told = true;
        await new Promise<void>((resolve) => clock.after(recordAgainMs, resolve));
      }
    }
    this.#options.emit({ kind: 'run-ended', run: { ...run, ...end }, cpuSeconds });
    if (release) {
      await runtime
        .release(runId)
        .catch((error: unknown) =>
          this.#trouble(
            run.environment,
            `what is left of run ${runId} could not be removed: ${sentenceOf(error)}`,
          ),
        );
    }
  }

  #trouble(environment: string | null, sentence: string): void {
    this.#options.emit({ kind: 'trouble', environment, sentence });
  }
}

/** The words of an error, without its stack. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
