/** One cron: its open runs, their max runtime, and what people see of it. When it is due, `crons.ts` says. */
import type { Cron } from '../../domain/job.ts';
import type { ObservedJob } from '../../domain/observed.ts';
import type { EndRequest, Run, Trigger } from '../../domain/run.ts';
import { formatDuration } from '../../domain/units.ts';
import type { EnvironmentWish } from '../platform.ts';
import { endGracefully } from './graceful-end.ts';
import { newRun } from './new-run.ts';
import type { JobDriver, LocalParts } from './parts.ts';
import { specOf } from './run-spec.ts';
import type { Beginning } from './runs.ts';
import { notWished } from './worker-driver.ts';

export class CronDriver implements JobDriver {
  readonly #parts: LocalParts;
  readonly #openRuns = new Set<string>();
  /** What cancels the watch over a run's max runtime. */
  readonly #limits = new Map<string, () => void>();
  readonly #runEnded: (driver: CronDriver) => void;
  readonly #nextDueAt: () => number | null;
  #wish: EnvironmentWish;
  #job: Cron;
  #removed = false;

  constructor(
    parts: LocalParts,
    wish: EnvironmentWish,
    job: Cron,
    board: { readonly runEnded: (driver: CronDriver) => void; readonly nextDueAt: () => number | null },
  ) {
    this.#parts = parts;
    this.#wish = wish;
    this.#job = job;
    this.#runEnded = board.runEnded;
    this.#nextDueAt = board.nextDueAt;
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

  endRuns(request: EndRequest): void {
    for (const runId of this.#openRuns)
      endGracefully(this.#parts.runs, this.#parts.clock, runId, request, this.#job);
  }

  get settled(): boolean {
    return this.active || this.#openRuns.size === 0;
  }

  get gone(): boolean {
    return this.#removed && this.#openRuns.size === 0;
  }

  /** The run that a due time or a person begins. */
  beginning(trigger: Trigger, dueAt: number | null): Beginning {
    const { clock, newRunId, resolveUser } = this.#parts;
    const wish = this.#wish;
    const job = this.#job;
    const environment = wish.environment.name;
    const run = newRun(wish, {
      id: newRunId(),
      job: job.name,
      kind: 'cron',
      command: job.command,
      trigger,
      dueAt,
      createdAt: clock.wall(),
    });
    this.#openRuns.add(run.id);
    return {
      run,
      dueTime:
        dueAt === null ? null : { environment, job: job.name, dueAt, fate: 'ran', run: run.id, reason: null },
      owner: this.#owner,
      spec: async (path) =>
        specOf(wish, run, job.command, await resolveUser(wish.environment.user), { kind: 'log', path }),
    };
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
    if (this.#openRuns.delete(runId)) this.#runEnded(this);
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
    if (this.#wish.environment.paused) {
      return { ...common, state: { kind: 'stopped' }, reason: 'the crons of the environment are paused' };
    }
    const nextDueAt = this.#nextDueAt();
    if (nextDueAt === null) return { ...common, state: { kind: 'stopped' }, reason: 'never due again' };
    return { ...common, state: { kind: 'scheduled', nextDueAt }, reason: 'waits for its next due time' };
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
