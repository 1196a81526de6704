/**
 * The open runs of the local platform, whatever began them: recorded, started, ended and accounted for in one place.
 *
 * Order is the rule here. Before a start: the record (durable). After an end: the record, and only then is the
 * runtime told to forget. A crash between any two lines therefore leaves either a record without a run,
 * which the next start ends as lost, or a run's exit that the runtime still holds, which the next start reads.
 */
import type { Clock } from '../../domain/clock.ts';
import type { DueTime } from '../../domain/due-time.ts';
import { type MemorySurroundings, memoryLine } from '../../domain/out-of-memory.ts';
import type { Plan } from '../../domain/plan.ts';
import { type EndRequest, type Handle, judge, type Run, type RunEnd } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';
import { deltaOfEnd, deltaOfSample, deltaOfStart, type StatisticsDelta } from '../../domain/statistics.ts';

import {
  type ExitReport,
  type RunSpec,
  type Runtime,
  type Started,
  StartFailure,
} from '../../runtimes/runtime.ts';
import type { PlatformEvent } from '../platform.ts';
import type { Journal } from './journal.ts';
import type { RunLogs } from './run-logs.ts';

/** Whoever began a run hears of it: a worker, a cron, a remote command. */
export interface RunOwner {
  started(runId: string): void;
  startFailed(runId: string, sentence: string): void;
  ended(run: Run): void;
}

/** A run to be begun; `spec` is made only when the record stands. */
export interface Beginning {
  readonly run: Run;
  readonly dueTime: DueTime | null;
  readonly owner: RunOwner;
  readonly spec: (logPath: string) => Promise<RunSpec>;
}

interface OpenRun {
  run: Run;
  readonly owner: RunOwner;
  handle: Handle | null;
  killed: boolean;
  /** A signal or KILL that came before the handle. */
  pending: (() => Promise<void>)[];
  samples: { byteSeconds: number; seconds: number; lastBytes: number | null; lastAt: number | null };
}

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

/** An end that could not be recorded is tried again after so long. */
const recordAgainMs = 2_000;

export class Runs {
  readonly #open = new Map<string, OpenRun>();
  readonly #options: RunsOptions;
  /** Ends that are being recorded, and forgotten by the runtime after that. */
  readonly #recording = new Map<string, { readonly environment: string; readonly done: Promise<void> }>();
  #waiting: (() => void)[] = [];

  constructor(options: RunsOptions) {
    this.#options = options;
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
    while (this.list(environment).length > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const concerned = [...this.#recording.values()].filter(
      (each) => environment === undefined || each.environment === environment,
    );
    await Promise.all(concerned.map((each) => each.done));
  }

  /**
   * Records the runs with their due times in one step, then starts those that were created.
   * @returns the ids of those that were created; a due time that was served before creates nothing
   */
  async begin(beginnings: readonly Beginning[], dueTimes: readonly DueTime[] = []): Promise<string[]> {
    const { journal } = this.#options;
    const own = beginnings.flatMap((beginning) => (beginning.dueTime === null ? [] : [beginning.dueTime]));
    for (const beginning of beginnings) this.#register(beginning.run, beginning.owner);
    let created: Set<string>;
    try {
      const runs = beginnings.map((beginning) => beginning.run);
      created = new Set(await journal.beginRuns(runs, [...own, ...dueTimes]));
    } catch (error) {
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
    open.run = { ...open.run, endRequest: request };
    this.#options.journal
      .runEndRequested(runId, request)
      .catch((error: unknown) =>
        this.#trouble(
          open.run.environment,
          `the request to end run ${runId} was not recorded: ${sentenceOf(error)}`,
        ),
      );
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

  /** Reads what every open run holds, and adds it to the averages. */
  async sample(): Promise<void> {
    const now = this.#options.clock.monotonic();
    const deltas: StatisticsDelta[] = [];
    for (const open of this.#open.values()) {
      if (open.handle === null || open.run.startedAt === null) continue;
      const usage = this.#options.runtime.usage(open.handle);
      if (usage === undefined) continue;
      const { samples } = open;
      const seconds = samples.lastAt === null ? 0 : (now - samples.lastAt) / 1000;
      samples.lastAt = now;
      samples.lastBytes = usage.memoryBytes;
      samples.seconds += seconds;
      samples.byteSeconds += usage.memoryBytes * seconds;
      const { environment, job, kind } = open.run;
      if (kind === 'worker' && job !== null)
        deltas.push(deltaOfSample(environment, job, usage.memoryBytes, seconds));
    }
    if (deltas.length > 0) await this.#options.journal.addStatistics(deltas);
  }

  #register(run: Run, owner: RunOwner): void {
    const samples = { byteSeconds: 0, seconds: 0, lastBytes: null, lastAt: null };
    this.#open.set(run.id, { run, owner, handle: null, killed: false, pending: [], samples });
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
      await this.#record(run.id, startFailureEnd(why, clock.wall()), false);
      owner.startFailed(run.id, why);
      throw error;
    }
    const open = this.#open.get(run.id);
    const up: Run = { ...run, startedAt: started.startedAt, handle: started.handle };
    if (open !== undefined) {
      open.run = { ...up, endRequest: open.run.endRequest };
      open.handle = started.handle;
      open.samples.lastAt = clock.monotonic();
      if (started.streams === null) this.#openLog(open, started.handle);
      for (const act of open.pending.splice(0)) void act();
    }
    journal
      .runStarted(run.id, started.startedAt, started.handle)
      .then(() => journal.addStatistics(deltaOfStart(run)))
      .catch((error: unknown) =>
        this.#trouble(run.environment, `the start of run ${run.id} was not recorded: ${sentenceOf(error)}`),
      );
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
    const { run, samples } = open;
    const verdict = judge({
      exit: report.exit,
      endRequest: run.endRequest,
      killedAfterTimeout: open.killed && run.endRequest !== 'connection',
      outOfMemory: report.outOfMemory,
      memory: this.#memoryOf(run),
    });
    const end: RunEnd = {
      endedAt: Math.max(report.endedAt, run.startedAt ?? run.createdAt),
      exit: report.exit,
      ...verdict,
      memoryAvgBytes: samples.seconds > 0 ? Math.round(samples.byteSeconds / samples.seconds) : null,
      memoryMaxBytes: report.memoryMaxBytes,
      leftovers: report.leftovers,
    };
    await this.#noteMemory(run, report, end.endedAt);
    this.#options.logs.closed(run.id);
    const ended: Run = { ...run, ...end };
    // The successor must not wait for the record of the end: the runtime keeps the exit until that stands.
    const done = this.#record(run.id, end, true).finally(() => this.#recording.delete(run.id));
    this.#recording.set(run.id, { environment: run.environment, done });
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

  /** The record stands since an earlier daemon: the start that belongs to it is made up for. */
  async #beginAgain(run: Run): Promise<boolean> {
    const beginning = await this.#options.beginAgain(run);
    if (beginning === null) return false;
    this.#register(beginning.run, beginning.owner);
    void this.#start(beginning);
    return true;
  }

  /** Records an end, again and again until it stands; only then may the runtime forget it. */
  async #record(runId: string, end: RunEnd, release: boolean): Promise<void> {
    const { journal, runtime, clock } = this.#options;
    const open = this.#open.get(runId);
    if (open === undefined) return;
    const { run } = open;
    if (!release) this.#forget(runId);
    const statistics = deltaOfEnd(run, end);
    for (let told = false; ; ) {
      try {
        await journal.runEnded(runId, end, statistics);
        break;
      } catch (error) {
        if (!told)
          this.#trouble(run.environment, `the end of run ${runId} is not recorded yet: ${sentenceOf(error)}`);
        told = true;
        await new Promise<void>((resolve) => clock.after(recordAgainMs, resolve));
      }
    }
    this.#options.emit({ kind: 'run-ended', run: { ...run, ...end } });
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

const startFailureEnd = (why: string, endedAt: number): RunEnd => ({
  endedAt,
  exit: { kind: 'unknown', why },
  outcome: 'failed',
  reason: why,
  memoryAvgBytes: null,
  memoryMaxBytes: null,
  leftovers: [],
});

/** The words of an error, without its stack. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
