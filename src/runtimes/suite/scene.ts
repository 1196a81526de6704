import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type CriRecord, parseCriLog, streamBytes, waitForFile } from '../../../test/testkit/cri-log.ts';
import { EventLog } from '../../../test/testkit/event-log.ts';
import { settle } from '../../../test/testkit/fake-clock.ts';
import type { Handle } from '../../domain/run.ts';
import type { ExitReport, OpenRun, Recovery, RunSpec, Runtime, Started, SystemUser } from '../runtime.ts';
import { type Program, shellProgram } from './programs.ts';

/** A runtime, set up on this machine for one test. */
export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  /** A second instance over the same state, as after kill -9 of the daemon: the first one is deaf from then on. Null where that can't be staged. */
  readonly again: (() => Promise<Runtime>) | null;
  readonly user: SystemUser;
  /** Belongs to `user`. */
  readonly root: string;
  /** A file in a folder that is there. */
  logPath(runId: string): string;
  /** For logs that are no files: resolves with the contents as soon as `accepts` takes them. */
  readonly waitForLog?: (path: string, accepts: (contents: Buffer) => boolean) => Promise<Buffer>;
  /** Ends and removes all that is left. The runtimes were closed before. */
  dispose(): Promise<void>;
}

export interface RuntimeContractOptions {
  /** What to exec for a program; `/bin/sh` scripts when absent. */
  readonly program?: (program: Program) => readonly string[];
  /** Set where nothing is really executed: the cases about real processes are left out. */
  readonly scripted?: boolean;
  /** Detached processes are found as long as they keep their variables, also where `killsDetached` is false. */
  readonly findsDetachedByVariable?: boolean;
  /** Processor time is known in whole seconds only, where that is all that the system tells. */
  readonly countsWholeCpuSeconds?: boolean;
  /** How many runs are started at once in the case that starts many; a hundred when absent. */
  readonly manyRuns?: number;
}

/** One runtime under test and what it told, with the few verbs that the cases need. */
export class Scene {
  readonly environment = `env-${randomBytes(4).toString('hex')}`;
  readonly reports = new EventLog<ExitReport>();
  readonly options: RuntimeContractOptions;
  readonly #under: RuntimeUnderTest;
  readonly #begun = new Map<string, Handle>();
  #runtime: Runtime;

  constructor(under: RuntimeUnderTest, options: RuntimeContractOptions) {
    this.#under = under;
    this.#runtime = under.runtime;
    this.options = options;
    this.#runtime.onExit = this.reports.push;
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  get root(): string {
    return this.#under.root;
  }

  /** Opens the stage: what a daemon does before it starts anything. */
  async open(): Promise<void> {
    await this.#runtime.recover([]);
    await this.limit();
  }

  limit(memoryMegabytes = 512): Promise<void> {
    return this.#runtime.limit({
      environment: this.environment,
      memoryBytes: memoryMegabytes * 1024 * 1024,
      cpu: 1,
      processes: 200,
    });
  }

  spec(what: Program | readonly string[], change: Partial<RunSpec> = {}): RunSpec {
    const runId = change.runId ?? `run-${randomBytes(6).toString('hex')}`;
    const argv = 'kind' in what ? (this.options.program ?? shellProgram)(what) : what;
    return {
      runId,
      environment: this.environment,
      job: 'a-job',
      argv,
      root: this.#under.root,
      user: this.#under.user,
      variables: { PATH: '/usr/local/bin:/usr/bin:/bin', NIGHTSHIFT_RUN_ID: runId },
      softLimitBytes: null,
      output: { kind: 'log', path: this.#under.logPath(runId) },
      ...change,
    };
  }

  async start(what: Program | readonly string[], change?: Partial<RunSpec>): Promise<Started> {
    const started = await this.#runtime.start(this.spec(what, change));
    this.#begun.set(started.handle.runId, started.handle);
    return started;
  }

  /** Starts a program and waits until its output says so. */
  async startReady(
    what: Program | readonly string[],
    text = 'ready',
    change?: Partial<RunSpec>,
  ): Promise<Started> {
    const started = await this.start(what, change);
    await this.printed(started.handle.runId, text);
    return started;
  }

  ended(runId: string): Promise<ExitReport> {
    return this.reports.first(`the exit report of ${runId}`, (report) => report.runId === runId);
  }

  reportsOf(runId: string): readonly ExitReport[] {
    return this.reports.all.filter((report) => report.runId === runId);
  }

  /** Runs a program to its end. */
  async run(what: Program | readonly string[], change?: Partial<RunSpec>): Promise<ExitReport> {
    const { handle } = await this.start(what, change);
    return this.ended(handle.runId);
  }

  /** Waits until a run's log holds this text. */
  async printed(runId: string, text: string): Promise<void> {
    await this.#log(runId, (contents) => contents.includes(text));
  }

  async records(runId: string): Promise<readonly CriRecord[]> {
    return parseCriLog(await this.#log(runId, () => true));
  }

  /** What a run wrote, byte for byte. */
  async output(runId: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<Buffer> {
    return streamBytes(await this.records(runId), stream);
  }

  logPath(runId: string): string {
    return this.#under.logPath(runId);
  }

  get canCrash(): boolean {
    return this.#under.again !== null;
  }

  /** The daemon is killed and starts again, with these runs open in its store. */
  async crash(open: readonly OpenRun[]): Promise<Recovery> {
    if (this.#under.again === null) throw new Error('this runtime has no second instance');
    this.#runtime = await this.#under.again();
    this.#runtime.onExit = this.reports.push;
    const recovery = await this.#runtime.recover(open);
    this.#begun.clear();
    for (const run of recovery.adopted) this.#begun.set(run.runId, run.handle);
    return recovery;
  }

  /** Lets everything happen that could still happen on its own, so that a second report would have come. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await settle();
  }

  async close(): Promise<void> {
    // Runs of a runtime that outlives its daemon go on after close(): end what the case left.
    const open = [...this.#begun.values()].filter((handle) => this.reportsOf(handle.runId).length === 0);
    for (const handle of open) await this.#runtime.kill(handle);
    await Promise.all(open.map((handle) => this.ended(handle.runId)));
    await this.#runtime.close();
    await this.#under.dispose();
  }

  #log(runId: string, accepts: (contents: Buffer) => boolean): Promise<Buffer> {
    const path = this.#under.logPath(runId);
    return (this.#under.waitForLog ?? waitForFile)(path, accepts);
  }
}

/** For cases about the file itself. */
export const readLogFile = async (path: string): Promise<readonly CriRecord[]> =>
  parseCriLog(await readFile(path));
