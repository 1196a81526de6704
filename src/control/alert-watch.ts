/**
 * What is wrong with jobs and with the machine, seen from what the platform tells: ends of crons that failed, crash loops, memory
 * that ran out, memory and disks that run short. What it sees becomes incidents. (Due times are watched by `cron-watch.ts`.)
 */
import {
  calm,
  diskReading,
  diskSentence,
  type LevelState,
  levelStep,
  planReading,
  planSentence,
  swapReading,
  swapSentence,
} from '../alerts/core/levels.ts';
import type { Incident, IncidentKind } from '../domain/incident.ts';
import type { Job } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import type { Run } from '../domain/run.ts';
import { hasFailed } from '../domain/statistics.ts';
import { successionOf } from '../domain/succession.ts';
import type { EnvironmentWish, PlatformEvent } from '../platforms/platform.ts';
import type { Incidents } from './incidents.ts';
import type { ControlParts } from './parts.ts';

const lookMs = 10_000;
const diskLookMs = 60_000;
/** Of a worker that has run for so long nobody says that it is in a crash loop. */
const livedMs = 60_000;
/** A worker's memory has not run out again for so long. */
const heldMs = 3_600_000;
/** Newest runs among which the last end of a cron is looked for. */
const runsRead = 10;

type Parts = Pick<ControlParts, 'store' | 'platform' | 'clock' | 'system' | 'dataFolder' | 'onTrouble'>;
type Measured = Extract<PlatformEvent, { kind: 'measured' }>;

interface Levels {
  plan: LevelState;
  swap: LevelState;
}

export class AlertWatch {
  readonly #parts: Parts;
  readonly #incidents: Incidents;
  readonly #jobs = new Map<string, ReadonlyMap<string, Job>>();
  readonly #roots = new Map<string, string>();
  readonly #levels = new Map<string, Levels>();
  /** The last end of each worker that ended badly, by `environment/job`. */
  readonly #lastEnds = new Map<string, string>();
  #disk: LevelState = calm;
  #diskLookedAt = Number.NEGATIVE_INFINITY;
  #lookingAtDisks = false;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(parts: Parts, incidents: Incidents) {
    this.#parts = parts;
    this.#incidents = incidents;
  }

  /** From now on it looks. What an earlier daemon could not look at any more is looked at first. */
  async start(): Promise<void> {
    await this.#takeUp();
    this.#lookLater();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  /** This is what is wished of an environment now. */
  wish(wish: EnvironmentWish): void {
    const { name, root } = wish.environment;
    this.#jobs.set(name, new Map(wish.jobs.map((job) => [job.name, job])));
    this.#roots.set(name, root);
    for (const { job, kind } of this.#incidents.openOf(name)) {
      const why = this.#whyOver(wish, job);
      if (why !== null) this.#incidents.end({ environment: name, job, kind }, why);
    }
    if (wish.plan === null) this.#levels.delete(name);
  }

  /** The environment is gone. */
  forget(environment: string): void {
    this.#jobs.delete(environment);
    this.#roots.delete(environment);
    this.#levels.delete(environment);
    for (const key of this.#lastEnds.keys())
      if (key.startsWith(`${environment}/`)) this.#lastEnds.delete(key);
  }

  hear(event: PlatformEvent): void {
    if (event.kind === 'run-ended') this.#judge(event.run);
    else if (event.kind === 'job-changed') this.#hearState(event.observed);
    else if (event.kind === 'measured') this.#measure(event);
  }

  /** One look at what is open and at the disks. Never rejects. */
  async look(): Promise<void> {
    const { clock, onTrouble } = this.#parts;
    try {
      for (const incident of this.#incidents.openOfKinds(['crash-loop', 'out-of-memory']))
        this.#lookAt(incident);
      // Not waited for: a root on a network that hangs must not keep anything else from being seen.
      if (!this.#lookingAtDisks && clock.monotonic() - this.#diskLookedAt >= diskLookMs)
        void this.#lookAtDisks();
    } catch (error) {
      onTrouble(
        null,
        `the watch over the jobs could not look: ${error instanceof Error ? error.message : error}`,
      );
    }
    await this.#incidents.flush();
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(lookMs, () => {
      void this.look().then(() => this.#lookLater());
    });
  }

  async #takeUp(): Promise<void> {
    const { store } = this.#parts;
    for (const { environment, run: id } of await store.unjudgedRuns()) {
      const run = await store.run(environment, id);
      if (run === undefined) await store.runsJudged([id]);
      else this.#judge(run);
    }
    for (const incident of this.#incidents.openOfKinds(['cron-failed', 'out-of-memory'])) {
      const { environment, job } = incident;
      if (environment === null || job === null) continue;
      const runs = await store.runs({ environment, job, limit: runsRead });
      const last = runs.find((run) => run.endedAt !== null);
      if (
        last !== undefined &&
        last.kind === 'cron' &&
        last.outcome === 'ok' &&
        (last.endedAt ?? 0) > incident.seenAt
      )
        this.#judge(last);
    }
  }

  #whyOver(wish: EnvironmentWish, name: string | null): string | null {
    if (wish.plan === null) return 'no plan is booked';
    if (name === null) return null;
    const job = wish.jobs.find((each) => each.name === name);
    if (job === undefined) return 'the job was removed';
    return job.status === 'disabled' ? 'the job is disabled' : null;
  }

  #judge(run: Run): void {
    const { environment, job, kind, outcome, id, dueAt } = run;
    if (job === null || outcome === null || kind === 'remote') return;
    const subject = { environment, job };
    if (kind === 'worker') {
      if (hasFailed(outcome)) this.#lastEnds.set(`${environment}/${job}`, id);
      if (outcome === 'out-of-memory')
        this.#incidents.sight(
          { ...subject, kind: 'out-of-memory', reason: reasonOf(run), run: id, dueAt },
          id,
        );
      return;
    }
    if (outcome === 'ok') {
      for (const each of ['cron-failed', 'out-of-memory'] as const)
        this.#incidents.end({ ...subject, kind: each }, `run ${id} ended well`);
      return;
    }
    if (!hasFailed(outcome)) return;
    const definition = this.#jobs.get(environment)?.get(job);
    const follows = definition?.type === 'cron' ? successionOf(definition, run) : null;
    if (follows?.trigger === 'failure') {
      // The last attempt will tell.
      void this.#parts.store.runsJudged([id]).catch(() => undefined);
      return;
    }
    const told: IncidentKind = outcome === 'out-of-memory' ? 'out-of-memory' : 'cron-failed';
    this.#incidents.sight({ ...subject, kind: told, reason: reasonOf(run), run: id, dueAt }, id);
  }

  #hearState({ environment, job, state, reason }: ObservedJob): void {
    if (state.kind !== 'crash-loop') return;
    const subject = { environment, job, kind: 'crash-loop' } as const;
    if (this.#incidents.get(subject) !== undefined) return;
    const run = this.#lastEnds.get(`${environment}/${job}`) ?? null;
    this.#incidents.sight({
      ...subject,
      reason: `"${job}" ends soon after each start: ${reason.replace(/; again in .*$/, '')}`,
      run,
      dueAt: null,
    });
  }

  #lookAt({ environment, job, kind, seenAt }: Incident): void {
    if (environment === null || job === null) return;
    const now = this.#parts.clock.wall();
    const subject = { environment, job, kind };
    if (kind === 'out-of-memory') {
      // A cron's is over when a run of it ends well.
      if (this.#jobs.get(environment)?.get(job)?.type === 'worker' && now - seenAt >= heldMs)
        this.#incidents.end(subject, 'memory has not run out again for an hour');
      return;
    }
    const [observed] = this.#parts.platform.observe(environment, [job]);
    if (observed?.state.kind === 'running' && now - observed.state.since >= livedMs)
      this.#incidents.end(subject, 'it has been running for a minute');
  }

  #measure({ environment, usage, limits }: Measured): void {
    if (limits === null) return;
    const now = this.#parts.clock.monotonic();
    const { memoryBytes } = limits;
    const levels = this.#levels.get(environment) ?? {
      plan: this.#levelOf(environment, 'plan-full'),
      swap: this.#levelOf(environment, 'swap'),
    };
    this.#levels.set(environment, levels);
    const plan = levelStep(levels.plan, planReading(usage.memoryBytes, memoryBytes), now);
    const swap = levelStep(levels.swap, swapReading(usage.swapBytes, memoryBytes), now);
    levels.plan = plan.state;
    levels.swap = swap.state;
    this.#tell(environment, 'plan-full', plan.verdict, planSentence(environment, usage.memoryBytes, limits));
    this.#tell(environment, 'swap', swap.verdict, swapSentence(environment, usage.swapBytes));
  }

  async #lookAtDisks(): Promise<void> {
    const { clock, system, dataFolder } = this.#parts;
    this.#diskLookedAt = clock.monotonic();
    this.#lookingAtDisks = true;
    const disks = await system.disks([dataFolder, ...this.#roots.values()]).catch(() => []);
    this.#lookingAtDisks = false;
    if (this.#disk === calm) this.#disk = this.#levelOf(null, 'disk-low');
    const readings = disks.map((disk) => ({ disk, reading: diskReading(disk) }));
    const high = readings.filter(({ reading }) => reading === 'high');
    const reading =
      high.length > 0 ? 'high' : readings.every((each) => each.reading === 'low') ? 'low' : 'between';
    const step = levelStep(this.#disk, reading, clock.monotonic());
    this.#disk = step.state;
    this.#tell(
      null,
      'disk-low',
      step.verdict,
      diskSentence(high.map(({ disk }) => disk)),
      'there is room again',
    );
  }

  #levelOf(environment: string | null, kind: IncidentKind): LevelState {
    const open = this.#incidents.get({ environment, job: null, kind }) !== undefined;
    return open ? { open, otherwiseSince: null } : calm;
  }

  #tell(
    environment: string | null,
    kind: IncidentKind,
    verdict: 'begins' | 'over' | null,
    reason: string,
    endReason = 'it has been well below that for 5 minutes',
  ): void {
    const subject = { environment, job: null, kind };
    if (verdict === 'begins') this.#incidents.sight({ ...subject, reason, run: null, dueAt: null });
    if (verdict === 'over') this.#incidents.end(subject, endReason);
  }
}

function reasonOf({ job, reason, outcome, attempt }: Run): string {
  const tries = attempt > 1 ? ` at attempt ${attempt}` : '';
  const verb = outcome === 'out-of-memory' ? 'was ended' : 'failed';
  return `"${job}" ${verb}${tries}: ${reason ?? outcome}`;
}
