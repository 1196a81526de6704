/** The local platform on a scripted machine, with a real store and a clock of the test's own; the daemon can die at any step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import type { Cron, Job, Worker } from '../../domain/job.ts';
import { defaultPlans, findPlan } from '../../domain/plan.ts';
import { FakeMachine } from '../../runtimes/fake/fake-machine.ts';
import { type FakeFailure, type FakeProgram, runsForever } from '../../runtimes/fake/fake-program.ts';
import { createFakeRuntime, type FakeRuntime } from '../../runtimes/fake/fake-runtime.ts';
import { type FailurePlan, failingStore, noFailures } from '../../store/failing/failing-store.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Store } from '../../store/store.ts';
import type { EnvironmentWish, Platform, PlatformEvent } from '../platform.ts';
import { Life } from './life.testkit.ts';
import { createLocalPlatform } from './local-platform.ts';

export const environment = {
  name: 'shop',
  root: '/srv/shop',
  user: 'shop',
  trial: false,
  plan: 'L',
  paused: false,
  maskSecrets: false,
  createdAt: 0,
};

export const worker = (name: string, changes: Partial<Worker> = {}): Worker => ({
  environment: 'shop',
  name,
  type: 'worker',
  command: name,
  status: 'enabled',
  exitSignal: 'TERM',
  exitTimeoutSeconds: 10,
  instances: 1,
  handover: 'stop-first',
  createdAt: 0,
  version: 1,
  managedBy: null,
  ...changes,
});

export const everyMinute = (name: string, changes: Partial<Cron> = {}): Cron => ({
  environment: 'shop',
  name,
  type: 'cron',
  command: name,
  status: 'enabled',
  exitSignal: 'TERM',
  exitTimeoutSeconds: 10,
  createdAt: 0,
  version: 1,
  managedBy: null,
  schedule: { kind: 'crontab', expression: '* * * * *', timezone: 'UTC', moment: 0 },
  maxRuntimeSeconds: 3600,
  maxInstances: 5,
  catchUp: 'none',
  catchUpMaxAgeSeconds: 3600,
  onDeploy: 'finish',
  paused: false,
  retries: 0,
  retryDelaySeconds: 30,
  retryOn: null,
  warnLateSeconds: null,
  warnLongerSeconds: null,
  warnShorterSeconds: null,
  dueSince: Date.UTC(2026, 0, 14, 12, 0, 1),
  ...changes,
});

export const wishFor = (jobs: readonly Job[], changes: Partial<EnvironmentWish> = {}): EnvironmentWish => ({
  environment,
  plan: findPlan(defaultPlans, 'L'),
  variables: {},
  jobs,
  commit: null,
  ...changes,
});

/** A machine with a daemon on it that can be killed and started anew. */
export class Scene {
  readonly clock: FakeClock;
  readonly machine: FakeMachine;
  readonly events: PlatformEvent[] = [];
  /** What each job's program does; for ever by default. */
  readonly programs = new Map<string, FakeProgram | FakeFailure>();
  readonly store: Store;
  /** The disk under the store fails when this says so. */
  failure: FailurePlan = noFailures;
  readonly #folder: string;
  #drawn = 0;
  /** That of the daemon that is there now. */
  life: Life;
  runtime: FakeRuntime;
  platform: Platform;

  private constructor(folder: string, store: Store, clock: FakeClock) {
    this.clock = clock;
    this.machine = new FakeMachine(clock);
    this.#folder = folder;
    this.store = store;
    this.life = new Life();
    this.runtime = this.#newRuntime();
    this.platform = this.#newPlatform();
  }

  static async open(): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'nightshift-platform-'));
    const clock = new FakeClock();
    const scene = new Scene(folder, await openSqliteStore({ folder, clock }), clock);
    await scene.store.addEnvironment(environment);
    return scene;
  }

  /** Ends the daemon as kill -9 does, and starts another one on the same machine and store. */
  async again(
    jobs: readonly Job[],
    life = new Life(),
    changes: Partial<EnvironmentWish> = {},
  ): Promise<void> {
    this.life.end();
    this.life = life;
    this.runtime = this.#newRuntime();
    this.platform = this.#newPlatform();
    await this.start(jobs, changes);
  }

  /** Comes back when the daemon has started, or died over it. */
  async start(jobs: readonly Job[], changes: Partial<EnvironmentWish> = {}): Promise<void> {
    for (const job of jobs)
      if ((await this.store.job('shop', job.name)) === undefined) await this.store.addJob(job);
    await Promise.race([this.platform.start([wishFor(jobs, changes)]), this.life.died]);
    await this.pass(0);
  }

  async apply(jobs: readonly Job[], changes: Partial<EnvironmentWish> = {}): Promise<void> {
    await Promise.race([this.platform.apply(wishFor(jobs, changes)), this.life.died]);
    await this.pass(0);
  }

  /** Lets time pass, and everything settle that it sets going. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms;
    await this.calm();
    for (;;) {
      const left = end - this.clock.monotonic();
      const step = Math.min(left, this.clock.nextIn ?? left);
      await this.clock.advanceAsync(step);
      await this.calm();
      if (step === left && (this.clock.nextIn ?? 1) > 0) return;
    }
  }

  /** The store and the disk have answered, and what was begun is on the machine. */
  async calm(): Promise<void> {
    const known = (runId: string): boolean => this.machine.history.some((run) => run.spec.runId === runId);
    const starting = (): boolean =>
      !this.life.ended && this.platform.observe('shop').some((job) => !job.runs.every(known));
    const busy = (): boolean => this.life.underWay > 0 || starting();
    for (let quiet = 0; quiet < 5; quiet = busy() ? 0 : quiet + 1) await settle();
  }

  state(job: string) {
    return this.platform.observe('shop').find((each) => each.job === job)?.state;
  }

  reason(job: string): string | undefined {
    return this.platform.observe('shop').find((each) => each.job === job)?.reason;
  }

  runs(job: string) {
    return this.store.runs({ environment: 'shop', job, limit: 100 });
  }

  ledger(job: string) {
    return this.store.dueTimes({ environment: 'shop', job, limit: 100 });
  }

  alive(job: string): string[] {
    return this.machine.running.filter((run) => run.spec.job === job).map((run) => run.spec.runId);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.#folder, { recursive: true });
  }

  #newRuntime(): FakeRuntime {
    return createFakeRuntime({
      machine: this.machine,
      program: (spec) => this.programs.get(spec.job) ?? runsForever(),
    });
  }

  #newPlatform(): Platform {
    const platform = createLocalPlatform({
      runtime: this.life.port('runtime', this.runtime),
      journal: this.life.port(
        'store',
        failingStore(this.store, (call) => this.failure(call)),
      ),
      logs: this.life.port('logs', {
        prepare: async (_environment: string, job: string, runId: string) => `/logs/${job}/${runId}`,
        opened: () => undefined,
        closed: () => undefined,
      }),
      clock: this.life.clock(this.clock),
      newRunId: () => `run-${String(++this.#drawn).padStart(4, '0')}`,
      jitter: () => 0,
      resolveUser: async (name) => ({ name, uid: 1000, gid: 1000, home: '/' }),
    });
    platform.onEvent = (event) => this.events.push(event);
    return platform;
  }
}
