/** Carries out what the supervisor decides for one worker: starts, asks, kills, and wakes it at its deadlines. */
import type { Worker } from '../../domain/job.ts';
import type { ObservedJob, ObservedState } from '../../domain/observed.ts';
import type { EndRequest, Run, Trigger } from '../../domain/run.ts';
import { explain } from '../../supervisor/explain.ts';
import type { Context } from '../../supervisor/instance.ts';
import {
  isSettled,
  nextDeadline,
  noWish,
  noWorker,
  openRunsOf,
  type WorkerEffect,
  type WorkerEvent,
  type WorkerState,
  workerStep,
} from '../../supervisor/worker.ts';
import type { EnvironmentWish } from '../platform.ts';
import { newRun } from './new-run.ts';
import type { JobDriver, LocalParts } from './parts.ts';
import { settingsDigest, specOf } from './run-spec.ts';

export class WorkerDriver implements JobDriver {
  readonly #parts: LocalParts;
  #state: WorkerState = noWorker;
  #job: Worker;
  #wish: EnvironmentWish;
  #cancelTimer: (() => void) | null = null;
  #removed = false;

  constructor(parts: LocalParts, wish: EnvironmentWish, job: Worker) {
    this.#parts = parts;
    this.#wish = wish;
    this.#job = job;
  }

  apply(wish: EnvironmentWish, job: Worker): void {
    this.#wish = wish;
    this.#job = job;
    this.#removed = false;
    this.#handle({
      kind: 'wish',
      request: 'stop',
      wish: {
        run: wish.plan !== null && job.status === 'enabled',
        instances: job.instances,
        handover: job.handover,
        settings: settingsDigest(wish, job.command),
      },
    });
  }

  remove(request: EndRequest): void {
    this.#removed = true;
    this.#handle({ kind: 'wish', request, wish: { ...noWish, settings: this.#state.wish.settings } });
  }

  restart(trigger: Trigger, request: EndRequest): void {
    this.#handle({ kind: 'restart', trigger, request });
  }

  /** Takes up a run of an earlier daemon that goes on. */
  adopt(run: Run): void {
    const { clock } = this.#parts;
    const since = clock.monotonic() - (clock.wall() - (run.startedAt ?? clock.wall()));
    this.#parts.runs.resume(run, this.#owner);
    this.#handle({
      kind: 'adopted',
      index: run.instance,
      settings: run.settings,
      run: { kind: 'adopted', runId: run.id, since, request: run.endRequest },
    });
  }

  get settled(): boolean {
    return isSettled(this.#state);
  }

  /** Nothing of it is left, and nobody wishes for it. */
  get gone(): boolean {
    return this.#removed && this.#state.rows.length === 0;
  }

  observe(): ObservedJob {
    const { clock, runs } = this.#parts;
    const now = clock.monotonic();
    const toWall = (monotonic: number): number => Math.round(clock.wall() + monotonic - now);
    const open = openRunsOf(this.#state);
    const held = open.map((runId) => runs.memoryOf(runId)).filter((bytes) => bytes !== null);
    return {
      environment: this.#wish.environment.name,
      job: this.#job.name,
      ...explain(this.#state, now, toWall, notWished(this.#wish, this.#job)),
      runs: open,
      instancesRunning: this.#state.rows.filter((row) => row.instance.kind === 'running').length,
      memoryBytes: held.length === 0 ? null : held.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  readonly #owner = {
    started: (runId: string): void => this.#handle({ kind: 'report', report: { kind: 'started', runId } }),
    startFailed: (runId: string, sentence: string): void =>
      this.#handle({ kind: 'report', report: { kind: 'start-failed', runId, sentence } }),
    ended: (run: Run): void =>
      this.#handle({
        kind: 'report',
        report: {
          kind: 'exited',
          runId: run.id,
          ok: run.outcome === 'ok',
          sentence: run.reason ?? 'exit code 0',
        },
      }),
  };

  #handle(event: WorkerEvent): void {
    const { clock, newRunId, jitter } = this.#parts;
    const context: Context = {
      now: clock.monotonic(),
      policy: { exitTimeoutMs: this.#job.exitTimeoutSeconds * 1000 },
      newRunId,
      jitter,
    };
    const next = workerStep(this.#state, event, context);
    this.#state = next.state;
    for (const effect of next.effects) this.#carryOut(effect);
    this.#setTimer();
    this.#parts.changed(this);
  }

  #carryOut(effect: WorkerEffect): void {
    const { runs } = this.#parts;
    if (effect.kind === 'ask-to-end') runs.askToEnd(effect.runId, effect.request, this.#job.exitSignal);
    else if (effect.kind === 'kill') runs.kill(effect.runId);
    else this.#begin(effect);
  }

  #begin(effect: Extract<WorkerEffect, { kind: 'start' }>): void {
    const { runs } = this.#parts;
    const wish = this.#wish;
    const job = this.#job;
    const run = newRun(wish, {
      id: effect.runId,
      job: job.name,
      kind: 'worker',
      instance: effect.index,
      command: job.command,
      trigger: effect.trigger,
      predecessor: effect.predecessor,
      createdAt: this.#parts.clock.wall(),
    });
    runs
      .begin([
        {
          run,
          dueTime: null,
          owner: this.#owner,
          spec: async (path) =>
            specOf(wish, run, job.command, await this.#parts.resolveUser(wish.environment.user), {
              kind: 'log',
              path,
            }),
        },
      ])
      .catch((error: unknown) => this.#parts.trouble(wish.environment.name, error));
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const deadline = nextDeadline(this.#state);
    if (deadline === null) return;
    const { clock } = this.#parts;
    this.#cancelTimer = clock.after(Math.max(0, deadline - clock.monotonic()), () =>
      this.#handle({ kind: 'timer' }),
    );
  }
}

/** Why an enabled or disabled job is not to run. */
export function notWished(
  wish: EnvironmentWish,
  job: { readonly status: 'enabled' | 'disabled' },
): { state: ObservedState; reason: string } {
  if (job.status === 'disabled') return { state: { kind: 'disabled' }, reason: 'disabled by a person' };
  if (wish.plan === null) return { state: { kind: 'stopped' }, reason: 'no plan is booked' };
  return { state: { kind: 'stopped' }, reason: 'stopped' };
}
