/** A platform that carries nothing out: it remembers its wishes and its orders, and fails where a test says so. */
import { PassThrough } from 'node:stream';
import type { ObservedJob } from '../domain/observed.ts';
import type { Run } from '../domain/run.ts';
import type {
  EnvironmentWish,
  ExecRequest,
  Execution,
  Platform,
  PlatformEvent,
  PlatformUsage,
  TakenUp,
} from '../platforms/platform.ts';

type Method = 'start' | 'apply' | 'remove' | 'settled' | 'restart' | 'runNow' | 'exec';

export class RecordingPlatform implements Platform {
  readonly name = 'local';
  readonly wishes = new Map<string, EnvironmentWish>();
  /** Every order in the order it came: `apply shop`, `restart shop mailer deploy`. */
  readonly execs: ExecRequest[] = [];
  readonly orders: string[] = [];
  /** Commands that end by themselves, and how; any other remote command runs until it is hung up. */
  readonly commands = new Map<string, { readonly code: number; readonly prints: string }>();
  readonly usages = new Map<string, PlatformUsage>();
  readonly observed: ObservedJob[] = [];
  readonly due: { job: string; dueAt: number }[] = [];
  onEvent: (event: PlatformEvent) => void = () => undefined;
  readonly #failures = new Map<Method, string>();
  readonly #gates = new Map<Method, Promise<void>>();
  #runs = 0;

  /** From now on `method` rejects with this message; null mends it. */
  fail(method: Method, message: string | null): void {
    if (message === null) this.#failures.delete(method);
    else this.#failures.set(method, message);
  }

  /** Holds `method` up until the answer is called. */
  hold(method: Method): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.set(method, promise);
    return () => {
      this.#gates.delete(method);
      resolve();
    };
  }

  ordered(word: string): string[] {
    return this.orders.filter((order) => order.startsWith(word));
  }

  async start(wishes: readonly EnvironmentWish[]): Promise<TakenUp> {
    await this.#order('start', wishes.map((wish) => wish.environment.name).join(' '));
    for (const wish of wishes) this.wishes.set(wish.environment.name, wish);
    return { adopted: 0, endedMeanwhile: 0, strays: 0 };
  }

  async apply(wish: EnvironmentWish): Promise<void> {
    await this.#order('apply', wish.environment.name);
    this.wishes.set(wish.environment.name, wish);
  }

  async remove(environment: string): Promise<void> {
    await this.#order('remove', environment);
    this.wishes.delete(environment);
  }

  observe = (environment: string, jobs?: readonly string[]): ObservedJob[] =>
    this.observed.filter(
      (each) => each.environment === environment && (jobs === undefined || jobs.includes(each.job)),
    );

  settled = (environment: string, job?: string): Promise<void> =>
    this.#order('settled', job === undefined ? environment : `${environment} ${job}`);

  restart = (environment: string, jobs: readonly string[], trigger: string): Promise<void> =>
    this.#order('restart', `${environment} ${jobs.join(',')} ${trigger}`);

  async runNow(environment: string, job: string, askedBy: string): Promise<Run> {
    await this.#order('runNow', `${environment} ${job} ${askedBy}`);
    return { ...this.run(environment, job), askedBy };
  }

  async exec(environment: string, request: ExecRequest): Promise<Execution> {
    this.execs.push(request);
    await this.#order('exec', `${environment} ${request.command}`);
    const run = this.run(environment, null);
    const { promise, resolve } = Promise.withResolvers<Run>();
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const over = (code: number, prints: string): void => {
      stdout.end(prints);
      stderr.end();
      resolve(endedOf(run, code));
    };
    const known = this.commands.get(String(request.command));
    if (known !== undefined) over(known.code, known.prints);
    return {
      runId: run.id,
      stdin: new PassThrough(),
      stdout,
      stderr,
      ended: promise,
      signal: () => Promise.resolve(),
      resize: () => undefined,
      hangUp: () => {
        over(0, '');
        return Promise.resolve();
      },
    };
  }

  usage = (environment: string): PlatformUsage | undefined => this.usages.get(environment);

  nextDue = (_environment: string, count: number, job?: string): { job: string; dueAt: number }[] =>
    this.due.filter((each) => job === undefined || each.job === job).slice(0, count);

  close = (): Promise<void> => Promise.resolve();

  /** A run that is open. */
  run(environment: string, job: string | null): Run {
    this.#runs += 1;
    return {
      id: `run-${String(this.#runs).padStart(4, '0')}`,
      environment,
      job,
      kind: job === null ? 'remote' : 'cron',
      instance: 0,
      command: 'x',
      trigger: job === null ? 'remote' : 'manual',
      predecessor: null,
      attempt: 1,
      askedBy: null,
      dueAt: null,
      createdAt: 1,
      startedAt: 1,
      endedAt: null,
      exit: null,
      outcome: null,
      reason: null,
      memoryAvgBytes: null,
      memoryMaxBytes: null,
      commit: null,
      settings: 'x',
      leftovers: [],
      handle: null,
      endRequest: null,
    };
  }

  async #order(method: Method, detail: string): Promise<void> {
    this.orders.push(`${method} ${detail}`);
    await this.#gates.get(method);
    const message = this.#failures.get(method);
    if (message !== undefined) throw new Error(message);
  }
}

/** The run, ended: well with the code 0. */
export const endedOf = (run: Run, code = 0): Run => ({
  ...run,
  endedAt: 1_001,
  exit: { kind: 'exited', code },
  outcome: code === 0 ? 'ok' : 'failed',
  reason: code === 0 ? null : `exit code ${code}`,
});
