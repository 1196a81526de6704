/** One cron: its open runs, their max runtime, and what people see of it. When it is due, `crons.ts` says. */
import type { Cron } from '../../domain/job.ts';
import type { ObservedJob } from '../../domain/observed.ts';
import type { EndRequest, Run, Trigger } from '../../domain/run.ts';
import type { Succession } from '../../domain/succession.ts';
import { formatDuration } from '../../domain/units.ts';
import type { EnvironmentWish } from '../platform.ts';
import { endGracefully } from './graceful-end.ts';
import { newRun } from './new-run.ts';
import type { Beginning } from './open-run.ts';
import type { JobDriver, LocalParts } from './parts.ts';
import { specOf } from './run-spec.ts';
import { notWished } from './worker-driver.ts';

/** Who knows more of a cron than its own runs. */
export interface CronBoard {
  readonly runEnded: () => void;
  readonly nextDueAt: () => number | null;
  /** The run that is to follow one that has ended, if there is one. */
  readonly follows: () => Following | null;
}

/** A run that is to follow another one. */
export interface Following {
  readonly after: Run;
  readonly succession: Succession;
}

/** A daemon that is back within this was only restarted. */
const interruptionMs = 60_000;

export class CronDriver implements JobDriver {
  readonly #parts: LocalParts;
  readonly #openRuns = new Set<string>();
  /** What cancels the watch over a run's max runtime. */
  readonly #limits = new Map<string, () => void>();
  readonly #board: CronBoard;
  #wish: EnvironmentWish;
  #job: Cron;
  #removed = false;
  #unreadable: string | null = null;
  /** Where the scheduler said last that the cron stands; it looks for the cron itself when that is so no more. */
  slot: number | undefined;

  constructor(parts: LocalParts, wish: EnvironmentWish, job: Cron, board: CronBoard) {
    this.#parts = parts;
    this.#wish = wish;
    this.#job = job;
    this.#board = board;
  }

  get job(): Cron {
    return this.#job;
  }

  get wish(): EnvironmentWish {
    return this.#wish;
  }

  get active(): boolean {
    return !this.#removed && this.#wish.plan !== null && this.#job.status === 'enabled';
  }

  /** Held back by a person: nothing begins by itself. */
  get paused(): boolean {
    return this.#job.paused || this.#wish.environment.paused;
  }

  /** Why its schedule can't be read; null when it can. */
  readable(why: string | null): void {
    if (why === this.#unreadable) return;
    this.#unreadable = why;
    this.#parts.changed(this);
  }

  /** A cron that is stopped, unbooked or removed ends its runs; one with other settings takes them with its next run. */
  apply(wish: EnvironmentWish, job: Cron): void {
    this.#wish = wish;
    this.#job = job;
    this.#removed = false;
    if (!this.active) this.endRuns('stop');
    this.#parts.changed(this);
  }

  remove(request: EndRequest): void {
    this.#removed = true;
    this.endRuns(request);
    this.#parts.changed(this);
  }

  /** Asks the open runs to end; answers those that had not been asked before. */
  endRuns(request: EndRequest): string[] {
    const { runs, clock } = this.#parts;
    const asked = [...this.#openRuns].filter((runId) => runs.get(runId)?.endRequest === null);
    for (const runId of asked) endGracefully(runs, clock, runId, request, this.#job);
    return asked;
  }

  get settled(): boolean {
    return this.active || this.#openRuns.size === 0;
  }

  get gone(): boolean {
    return this.#removed && this.#openRuns.size === 0;
  }

  /** The run that a due time begins, and the record that serves it. */
  serving(trigger: Trigger, dueAt: number): Beginning {
    const beginning = this.beginning({ trigger, dueAt });
    const { environment, id } = beginning.run;
    const dueTime = { environment, job: this.#job.name, dueAt, fate: 'ran', run: id, reason: null } as const;
    return { ...beginning, dueTime };
  }

  /** A run that a person asked for, or that follows another one. */
  beginning(
    known: Pick<Run, 'trigger'> & Partial<Pick<Run, 'dueAt' | 'predecessor' | 'attempt' | 'askedBy'>>,
  ): Beginning {
    const { clock, newRunId } = this.#parts;
    const job = this.#job;
    const run = newRun(this.#wish, {
      id: newRunId(),
      job: job.name,
      kind: 'cron',
      command: job.command,
      ...known,
      createdAt: clock.wall(),
    });
    return this.beginningOf(run);
  }

  /** A run whose record stands, or is about to. */
  beginningOf(run: Run): Beginning {
    const { resolveUser } = this.#parts;
    const wish = this.#wish;
    this.#openRuns.add(run.id);
    return {
      run,
      dueTime: null,
      owner: this.#owner,
      spec: async (path) =>
        specOf(wish, run, run.command, await resolveUser(wish.environment.user), { kind: 'log', path }),
    };
  }

  /**
   * Whether a run that was recorded and never began, because the daemon ended, is begun after all: right after an interruption
   * always, later where the job wants to be caught up.
   */
  mayBeginLate({ createdAt, dueAt, trigger }: Run): boolean {
    if (!this.active || (this.paused && trigger !== 'manual')) return false;
    const now = this.#parts.clock.wall();
    if (now - createdAt <= interruptionMs) return true;
    return (
      dueAt !== null && this.#job.catchUp !== 'none' && now - dueAt <= this.#job.catchUpMaxAgeSeconds * 1000
    );
  }

  adopt(run: Run): void {
    this.#openRuns.add(run.id);
    this.#parts.runs.resume(run, this.#owner);
    if (run.endRequest === null) this.#limitRuntime(run.id, run.startedAt);
    else this.#parts.runs.kill(run.id);
  }

  /** A run whose due time had been served before was not created. */
  drop(runId: string): void {
    this.#limits.get(runId)?.();
    this.#limits.delete(runId);
    if (this.#openRuns.delete(runId)) this.#board.runEnded();
    this.#parts.changed(this);
  }

  observe(): ObservedJob {
    const { runs, clock } = this.#parts;
    const open = [...this.#openRuns];
    const starts = open.map((runId) => runs.get(runId)?.startedAt ?? clock.wall());
    const held = open.map((runId) => runs.memoryOf(runId)).filter((bytes) => bytes !== null);
    const common = {
      environment: this.#wish.environment.name,
      job: this.#job.name,
      runs: open,
      instancesRunning: open.length,
      memoryBytes: held.length === 0 ? null : held.reduce((sum, bytes) => sum + bytes, 0),
    };
    if (open.length > 0) {
      const since = Math.min(...starts);
      const asked = !this.active;
      return {
        ...common,
        state: asked ? { kind: 'stopping', killAt: clock.wall() } : { kind: 'running', since },
        reason: `${open.length === 1 ? 'one run' : `${open.length} runs`} for ${formatDuration(Math.round((clock.wall() - since) / 1000))}${asked ? ', asked to end' : ''}`,
      };
    }
    if (!this.active) return { ...common, ...notWished(this.#wish, this.#job) };
    const following = this.#board.follows();
    if (following !== null) return { ...common, ...this.#waitsToFollow(following) };
    if (this.paused) {
      const what = this.#job.paused ? 'paused' : 'the crons of the environment are paused';
      return { ...common, state: { kind: 'stopped' }, reason: `${what}: due times are skipped` };
    }
    if (this.#unreadable !== null) return { ...common, state: { kind: 'stopped' }, reason: this.#unreadable };
    const nextDueAt = this.#board.nextDueAt();
    if (nextDueAt === null) return { ...common, state: { kind: 'stopped' }, reason: 'never due again' };
    return { ...common, state: { kind: 'scheduled', nextDueAt }, reason: 'waits for its next due time' };
  }

  #waitsToFollow({ after, succession }: Following): Pick<ObservedJob, 'state' | 'reason'> {
    const until = Math.max(succession.at, this.#parts.clock.wall());
    const attempt = succession.attempt - 1;
    const again =
      succession.trigger === 'failure' ? `retry ${attempt} of ${this.#job.retries} follows` : 'begins again';
    return {
      state: { kind: 'backing-off', until, attempt },
      reason: `${after.reason ?? 'it ended'}: ${again}`,
    };
  }

  readonly #owner = {
    started: (runId: string): void => {
      this.#limitRuntime(runId, this.#parts.clock.wall());
      this.#parts.changed(this);
    },
    startFailed: (runId: string): void => this.drop(runId),
    ended: (run: Run): void => this.drop(run.id),
  };

  #limitRuntime(runId: string, startedAt: number | null): void {
    const { clock, runs } = this.#parts;
    const passed = clock.wall() - (startedAt ?? clock.wall());
    const left = Math.max(0, this.#job.maxRuntimeSeconds * 1000 - passed);
    const limit = (): void => endGracefully(runs, clock, runId, 'max-runtime', this.#job);
    this.#limits.set(runId, clock.after(left, limit));
  }
}
