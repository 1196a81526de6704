/**
 * The platform `local`: this machine. A supervisor for workers, a scheduler for crons and a runtime for runs,
 * wired together; decisions are the pure rooms', effects the drivers'.
 */
import type { DueTime } from '../../domain/due-time.ts';
import type { Job } from '../../domain/job.ts';
import { limits } from '../../domain/limits.ts';
import type { ObservedJob } from '../../domain/observed.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EndRequest, Run, Trigger } from '../../domain/run.ts';
import type { StatisticsDelta } from '../../domain/statistics.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import { listDifference } from '../../std/list-difference.ts';
import type {
  EnvironmentWish,
  ExecRequest,
  Execution,
  Platform,
  PlatformEvent,
  PlatformUsage,
  RunUsage,
  TakenUp,
} from '../platform.ts';
import { Crons, keyOf } from './crons.ts';
import type { Journal } from './journal.ts';
import type { JobDriver, LocalParts } from './parts.ts';
import { execute } from './remote-commands.ts';
import type { RunLogs } from './run-logs.ts';
import { Runs, sentenceOf } from './runs.ts';
import { WorkerDriver } from './worker-driver.ts';

export interface LocalPlatformOptions
  extends Pick<LocalParts, 'clock' | 'newRunId' | 'jitter' | 'resolveUser'> {
  readonly runtime: Runtime;
  readonly journal: Journal;
  readonly logs: RunLogs;
  /** All that can be booked: what ran out of memory is told which plan would have kept it. */
  readonly plans?: readonly Plan[];
}

/** A daemon that ends waits so long for a store that can't be written. */
const lastRecordsMs = 10_000;

/** How often what every run uses is read: on the tens of the wall clock. */
const sampleMs = 10_000;
/** So many runs are read at a time; between them others get their turn. */
const runsAtATime = 50;

/** Opens the platform; nothing is started before `start`. */
export function createLocalPlatform(options: LocalPlatformOptions): Platform {
  return new LocalPlatform(options);
}

/** What the drivers of an environment's jobs have taken in. */
interface Applied {
  /** Of everything in the wish but the jobs. */
  readonly digest: string;
  /** That of all drivers, so that none of them holds a list of jobs of its own. */
  readonly context: EnvironmentWish;
  readonly jobs: readonly Job[];
}

class LocalPlatform implements Platform {
  readonly name = 'local';
  onEvent: (event: PlatformEvent) => void = () => undefined;
  readonly #options: LocalPlatformOptions;
  readonly #parts: LocalParts;
  readonly #runs: Runs;
  readonly #crons: Crons;
  readonly #wishes = new Map<string, EnvironmentWish>();
  readonly #applied = new Map<string, Applied>();
  readonly #workers = new Map<string, WorkerDriver>();
  readonly #limits = new Map<string, string>();
  /** Resolved when the first wishes were applied: before that nothing is started. */
  readonly #wished = Promise.withResolvers<void>();
  #settling: (() => void)[] = [];
  #cancelSampling: (() => void) | null = null;
  #looking = false;
  #closed = false;

  constructor(options: LocalPlatformOptions) {
    this.#options = options;
    const { runtime, journal, logs, clock } = options;
    this.#runs = new Runs({
      ...{ runtime, journal, logs, clock, plans: options.plans },
      emit: (event) => this.#told(event),
      beginAgain: async (run) => {
        await this.#wished.promise;
        return this.#crons.beginAgain(run);
      },
    });
    this.#parts = {
      ...options,
      runs: this.#runs,
      changed: (job) => this.#changed(job),
      trouble: (environment, error) =>
        this.onEvent({ kind: 'trouble', environment, sentence: sentenceOf(error) }),
    };
    const tell = (dueTime: DueTime): void => this.onEvent({ kind: 'due-time', dueTime });
    this.#crons = new Crons(this.#parts, journal, tell);
  }

  async start(wishes: readonly EnvironmentWish[]): Promise<TakenUp> {
    await this.#crons.load();
    const takenUp = await this.#takeUp(wishes);
    for (const wish of wishes) {
      await this.apply(wish).catch((error: unknown) => this.#parts.trouble(wish.environment.name, error));
    }
    this.#wished.resolve();
    await this.#crons.takeUp();
    this.#sampleLater();
    return takenUp;
  }

  async apply(wish: EnvironmentWish): Promise<void> {
    const { name } = wish.environment;
    this.#wishes.set(name, wish);
    await this.#limit(wish);
    const { jobs, ...rest } = wish;
    const before = this.#applied.get(name);
    const digest = JSON.stringify(rest);
    const same = before?.digest === digest;
    // Wishes come whole, however little of them is new.
    const { gone, fresh } = listDifference(before?.jobs ?? [], jobs);
    const context = same ? before.context : { ...rest, jobs: [] };
    const stays = new Map(fresh.map((job) => [job.name, job.type]));
    for (const job of gone) if (stays.get(job.name) !== job.type) this.#removeJob(name, job.name, 'stop');
    for (const job of same ? fresh : jobs) this.#applyJob(context, job);
    this.#applied.set(name, { digest, context, jobs });
  }

  async remove(environment: string): Promise<void> {
    const wish = this.#wishes.get(environment);
    if (wish === undefined) return;
    for (const job of wish.jobs) this.#removeJob(environment, job.name, 'stop');
    for (const run of this.#runs.list(environment))
      if (run.kind === 'remote') this.#runs.kill(run.id, 'stop');
    await this.#runs.allEnded(environment);
    await this.#options.runtime.removeEnvironment(environment);
    this.#limits.delete(environment);
    this.#applied.delete(environment);
    this.#wishes.delete(environment);
  }

  observe(environment: string, jobs?: readonly string[]): ObservedJob[] {
    const wish = this.#wishes.get(environment);
    if (wish === undefined) return [];
    const names = jobs ?? wish.jobs.map((job) => job.name);
    return names.flatMap((name) => this.#driver(environment, name)?.observe() ?? []);
  }

  async settled(environment: string, job?: string): Promise<void> {
    const unsettled = (): boolean => {
      const names =
        job === undefined ? (this.#wishes.get(environment)?.jobs ?? []).map((each) => each.name) : [job];
      return names.some((name) => this.#driver(environment, name)?.settled === false);
    };
    while (unsettled()) await new Promise<void>((resolve) => this.#settling.push(resolve));
  }

  async restart(
    environment: string,
    jobs: readonly string[],
    trigger: Extract<Trigger, 'deploy' | 'manual' | 'settings'>,
  ): Promise<void> {
    const request: EndRequest = trigger === 'manual' ? 'restart' : trigger;
    const keys = jobs.map((job) => keyOf(environment, job));
    for (const key of keys) this.#workers.get(key)?.restart(trigger, request);
    await Promise.all([
      ...jobs.map((job) => this.settled(environment, job)),
      ...keys.map((key) => this.#crons.restart(key)),
    ]);
  }

  async runNow(environment: string, job: string, askedBy: string): Promise<Run> {
    return await this.#crons.runNow(keyOf(environment, job), askedBy);
  }

  async exec(environment: string, request: ExecRequest): Promise<Execution> {
    const wish = this.#wishes.get(environment);
    if (wish === undefined) throw new Error(`no environment ${environment}`);
    return await execute(this.#parts, wish, request);
  }

  usage(environment: string): PlatformUsage | undefined {
    return this.#options.runtime.environmentUsage(environment);
  }

  nextDue(environment: string, count: number, job?: string): { job: string; dueAt: number }[] {
    return this.#crons.upcoming(environment, count, job);
  }

  async close({ endJobs }: { readonly endJobs: boolean }): Promise<void> {
    this.#crons.close();
    this.#closed = true;
    this.#cancelSampling?.();
    for (const run of this.#runs.list()) if (run.kind === 'remote') this.#runs.kill(run.id, 'connection');
    if (endJobs || !this.#options.runtime.capabilities.outlivesDaemon) {
      for (const [name, wish] of this.#wishes)
        for (const job of wish.jobs) this.#removeJob(name, job.name, 'shutdown');
      // What can't be recorded now is learned by the next daemon from what the runtime keeps.
      if (await this.#runs.allEndedWithin(lastRecordsMs))
        for (const name of this.#wishes.keys()) await this.#options.runtime.removeEnvironment(name);
    }
    this.#runs.close();
    await this.#options.runtime.close();
  }

  /** What an earlier daemon left: what runs is adopted, what ended is recorded, and only then is anything started. */
  async #takeUp(wishes: readonly EnvironmentWish[]): Promise<TakenUp> {
    const open = await this.#options.journal.openRuns();
    const forgotten = { started: () => undefined, startFailed: () => undefined, ended: () => undefined };
    for (const run of open) this.#runs.resume(run, forgotten);
    const { adopted, strays } = await this.#options.runtime.recover(
      open.map((run) => ({ runId: run.id, environment: run.environment, handle: run.handle })),
    );
    // Newest first: of two runs of one instance the older one is the one that was to leave.
    const known = new Map(open.map((run) => [run.id, run]));
    for (const { runId, handle, startedAt } of [...adopted].sort((a, b) => (a.runId < b.runId ? 1 : -1))) {
      const run = known.get(runId);
      if (run !== undefined) this.#adopt({ ...run, handle, startedAt }, wishes);
      this.#runs.adopted(runId, handle);
    }
    return { adopted: adopted.length, endedMeanwhile: open.length - adopted.length, strays: strays.length };
  }

  #adopt(run: Run, wishes: readonly EnvironmentWish[]): void {
    const wish = wishes.find((each) => each.environment.name === run.environment);
    const job = wish?.jobs.find((each) => each.name === run.job && each.type === run.kind);
    if (wish === undefined || job === undefined)
      this.#runs.kill(run.id, run.kind === 'remote' ? 'connection' : 'stop');
    else if (job.type === 'worker') this.#worker(wish, job).adopt(run);
    else this.#crons.adopt(wish, job, run);
  }

  async #limit({ environment, plan }: EnvironmentWish): Promise<void> {
    if (plan === null) return;
    const wanted = {
      environment: environment.name,
      memoryBytes: plan.memoryBytes,
      cpu: plan.cpu,
      processes: plan.jobs * limits.processesPerJob,
    };
    const digest = JSON.stringify(wanted);
    if (this.#limits.get(environment.name) === digest) return;
    await this.#options.runtime.limit(wanted);
    this.#limits.set(environment.name, digest);
  }

  #applyJob(wish: EnvironmentWish, job: Job): void {
    if (job.type === 'cron') this.#crons.apply(wish, job);
    else this.#worker(wish, job).apply(wish, job);
  }

  #worker(wish: EnvironmentWish, job: Extract<Job, { type: 'worker' }>): WorkerDriver {
    const key = keyOf(wish.environment.name, job.name);
    const known = this.#workers.get(key);
    if (known !== undefined) return known;
    const driver = new WorkerDriver(this.#parts, wish, job);
    this.#workers.set(key, driver);
    return driver;
  }

  #removeJob(environment: string, job: string, request: EndRequest): void {
    const key = keyOf(environment, job);
    this.#workers.get(key)?.remove(request);
    this.#crons.remove(key, request);
  }

  #driver(environment: string, job: string): JobDriver | undefined {
    const key = keyOf(environment, job);
    return this.#workers.get(key) ?? this.#crons.driver(key);
  }

  #told(event: PlatformEvent): void {
    this.onEvent(event);
    if (event.kind !== 'run-ended' || event.run.kind !== 'cron') return;
    this.#crons.ended(event.run).catch((error: unknown) => this.#parts.trouble(event.run.environment, error));
  }

  #changed(job: JobDriver): void {
    const observed = job.observe();
    const key = keyOf(observed.environment, observed.job);
    if (job.gone) {
      if (this.#workers.get(key) === job) this.#workers.delete(key);
      this.#crons.forget(key);
    }
    this.onEvent({ kind: 'job-changed', observed });
    const settling = this.#settling;
    this.#settling = [];
    for (const resolve of settling) resolve();
  }

  #sampleLater(): void {
    const { clock } = this.#options;
    const rest = sampleMs - (clock.wall() % sampleMs);
    // A timer may come a moment before the wall clock is there.
    this.#cancelSampling = clock.after(rest < 1_000 ? rest + sampleMs : rest, () => {
      this.#sampleLater();
      // A look that takes so long is not overtaken by the next one.
      if (this.#looking) return;
      this.#looking = true;
      this.#sample()
        .catch((error: unknown) => this.#parts.trouble(null, error))
        .finally(() => {
          this.#looking = false;
        });
    });
  }

  /** One look at everything, environment by environment. */
  async #sample(): Promise<void> {
    const { runtime, clock, journal } = this.#options;
    const open = this.#runs.byEnvironment();
    const statistics: StatisticsDelta[] = [];
    let looked = 0;
    for (const [environment, { plan }] of this.#wishes) {
      const runs: RunUsage[] = [];
      for (const id of open.get(environment) ?? []) {
        if (++looked % runsAtATime === 0) await new Promise<void>((resolve) => void clock.after(0, resolve));
        const look = this.#runs.look(id);
        if (look === undefined) continue;
        runs.push(look.usage);
        statistics.push(...look.statistics);
      }
      if (this.#closed) return;
      const usage = runtime.environmentUsage(environment);
      if (usage === undefined) continue;
      const limits = plan === null ? null : { memoryBytes: plan.memoryBytes, cpu: plan.cpu };
      this.onEvent({ kind: 'measured', environment, usage, runs, limits });
    }
    if (statistics.length === 0) return;
    journal.addStatistics(statistics).catch((error: unknown) => this.#parts.trouble(null, error));
  }
}
