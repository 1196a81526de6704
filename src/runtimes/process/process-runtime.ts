/**
 * Runs as plain child processes of the daemon, each in a session of its own: for laptops and machines without root.
 * Honest about its limits: no isolation, memory is measured and not bounded, a run ends with the daemon, and a process
 * that cleaned its variables and left its session and parents is not found.
 *
 * The life of a run: `start` spawns, the child's `exit` sets `#finish` off, which kills what was left behind, drains the
 * output, and tells the end once. After a crash of the daemon, `recover` finds by their variables what it left, and ends it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Exit, Handle } from '../../domain/run.ts';
import { type SignalName, signalNumbers } from '../../domain/signals.ts';
import { assert } from '../../std/assert.ts';
import type {
  AttachedStreams,
  Capabilities,
  EnvironmentLimits,
  EnvironmentUsage,
  ExitReport,
  OpenRun,
  Recovery,
  RunSpec,
  Runtime,
  Started,
  Usage,
} from '../runtime.ts';
import { StartFailure } from '../runtime.ts';
import { FifoPool, type PipeOwner } from './fifo-pool.ts';
import { LinuxProcessTable } from './linux-process-table.ts';
import { exitOf, type LiveRun, makeHandle } from './live-run.ts';
import { killProcess, type Member, type ProcessTable } from './process-table.ts';
import { PsProcessTable } from './ps-process-table.ts';
import { reap } from './reaper.ts';
import { AttachedOutput, LoggedOutput, type RunOutput } from './run-output.ts';
import { SoftLimits } from './soft-limit.ts';
import { explainSpawnFailure, type NotExecuted } from './spawn-failure.ts';
import { inTerminal, resizeTerminal } from './terminal.ts';
import { Timestamps } from './timestamp.ts';
import { UsageSampler } from './usage-sampler.ts';

export interface ProcessRuntimeOptions {
  /** Exists. Pipes are made below it, in `process/`. */
  readonly dataFolder: string;
  /** Tells this daemon's runs from those of others: the same for the same data folder, always. Letters and digits. */
  readonly instance: string;
  readonly clock: Clock;
  /** For tests. */
  readonly table?: ProcessTable;
}

/** Makes a process runtime. Nothing is touched until `recover` or the first start. */
export function createProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  return new ProcessRuntime(options);
}

const capabilities: Capabilities = {
  isolation: false,
  limits: false,
  outlivesDaemon: false,
  killsDetached: false,
};

const processTable = (instance: string): ProcessTable =>
  process.platform === 'linux' ? new LinuxProcessTable(instance) : new PsProcessTable(instance);

const isRoot = process.getuid?.() === 0;

class ProcessRuntime implements Runtime {
  readonly name = 'process';
  readonly capabilities = capabilities;
  onExit: (report: ExitReport) => void = () => undefined;
  readonly #folder: string;
  readonly #instance: string;
  readonly #clock: Clock;
  readonly #times: Timestamps;
  readonly #table: ProcessTable;
  readonly #pool: FifoPool;
  readonly #runs = new Map<string, LiveRun>();
  readonly #sampler: UsageSampler;
  readonly #softLimits: SoftLimits;
  #closed = false;

  constructor(options: ProcessRuntimeOptions) {
    this.#folder = join(options.dataFolder, 'process');
    this.#instance = options.instance;
    this.#clock = options.clock;
    this.#times = new Timestamps(options.clock);
    this.#table = options.table ?? processTable(options.instance);
    this.#pool = new FifoPool(join(this.#folder, 'pipes'));
    this.#softLimits = new SoftLimits(options.dataFolder, options.instance, isRoot);
    this.#sampler = new UsageSampler(this.#table, this.#clock, this.#runs);
  }

  async limit(limits: EnvironmentLimits): Promise<void> {
    this.#sampler.knowEnvironment(limits.environment);
  }

  async removeEnvironment(environment: string): Promise<void> {
    for (const run of this.#runs.values())
      assert(run.environment !== environment, `${run.runId} still runs in the environment that is removed`);
    this.#sampler.forgetEnvironment(environment);
  }

  async start(spec: RunSpec): Promise<Started> {
    assert(!this.#runs.has(spec.runId), `${spec.runId} runs already`);
    const owner = isRoot && spec.user.uid !== 0 ? { uid: spec.user.uid, gid: spec.user.gid } : null;
    const output = await this.#openOutput(spec, owner);
    try {
      return await this.#spawn(spec, output, owner);
    } catch (error) {
      output.abandon();
      throw error instanceof StartFailure
        ? error
        : new StartFailure(`${spec.argv[0]} could not be started: ${(error as Error).message}`, true, {
            cause: error,
          });
    }
  }

  async signal(handle: Handle, signal: SignalName): Promise<void> {
    const run = this.#runs.get(handle.runId);
    if (run?.child == null || run.child.exitCode !== null || run.child.signalCode !== null) return;
    const program = run.inTerminal ? this.#programInTerminal(run.child) : undefined;
    // Until Node has waited for its child, the number can't be another process.
    if (program === undefined) run.child.kill(signalNumber(signal) as unknown as NodeJS.Signals);
    else if (this.#table.identify(program.pid)?.startedAt === program.startedAt)
      process.kill(program.pid, signalNumber(signal));
  }

  async kill(handle: Handle): Promise<void> {
    const run = this.#runs.get(handle.runId);
    if (run !== undefined) this.#killAll(run);
  }

  async release(_runId: string): Promise<void> {
    // Nothing is kept of a run whose end was told.
  }

  async recover(open: readonly OpenRun[]): Promise<Recovery> {
    await this.#openPool();
    const found = await reap(this.#table, this.#clock, (member) => !this.#runs.has(member.runId));
    const known = new Set(open.map((run) => run.runId));
    const strays = new Set(found.map((member) => member.runId).filter((runId) => !known.has(runId)));
    const endedAt = this.#clock.wall();
    for (const run of open) {
      const leftovers = found
        .filter((member) => member.runId === run.runId)
        .map(({ pid, command }) => ({ pid, command }));
      this.onExit({
        runId: run.runId,
        exit: { kind: 'unknown', why: whyUnknown(run) },
        endedAt,
        memoryMaxBytes: null,
        cpuSeconds: null,
        outOfMemory: null,
        leftovers,
      });
    }
    return { adopted: [], strays: [...strays] };
  }

  usage(handle: Handle): Usage | undefined {
    const run = this.#runs.get(handle.runId);
    return run === undefined ? undefined : this.#sampler.of(run);
  }

  environmentUsage(environment: string): EnvironmentUsage | undefined {
    return this.#sampler.ofEnvironment(environment);
  }

  async reopenLog(handle: Handle): Promise<void> {
    await this.#runs.get(handle.runId)?.output.reopen();
  }

  /** Ends all runs with KILL: whoever wants them to finish in their own way asks them before. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#runs.values()) this.#killAll(run);
    await Promise.all([...this.#runs.values()].map((run) => run.told));
    this.#pool.dispose();
    this.#softLimits.dispose();
  }

  async #openPool(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o755 });
    await this.#pool.open();
  }

  async #openOutput(spec: RunSpec, owner: PipeOwner | null): Promise<LoggedOutput | AttachedOutput> {
    try {
      const names = await this.#pool.reserve(spec.output.kind === 'log' ? 2 : 3);
      if (this.#closed) throw new StartFailure('the daemon is ending', true);
      return spec.output.kind === 'log'
        ? new LoggedOutput(spec.output.path, names, owner, this.#clock, this.#times)
        : new AttachedOutput(names, owner, this.#clock, spec.output.terminal !== null);
    } catch (error) {
      if (error instanceof StartFailure) throw error;
      throw new StartFailure(
        `the output of ${spec.runId} can't be opened: ${(error as Error).message}`,
        true,
        {
          cause: error,
        },
      );
    }
  }

  async #spawn(
    spec: RunSpec,
    output: LoggedOutput | AttachedOutput,
    owner: PipeOwner | null,
  ): Promise<Started> {
    const terminal = spec.output.kind === 'attached' ? spec.output.terminal : null;
    const marked = this.#variables(spec);
    const { argv, variables } =
      terminal === null ? { argv: spec.argv, variables: marked } : inTerminal(spec.argv, marked, terminal);
    const program = argv[0];
    assert(program !== undefined, 'a run has a program');
    const startedAt = this.#clock.wall();
    const spawned = spawnProgram(program, argv.slice(1), {
      cwd: spec.root,
      env: variables,
      detached: true,
      stdio: [output.ends.stdin, output.ends.stdout, output.ends.stderr],
      ...owner,
    });
    const child = spawned instanceof Error ? null : spawned;
    if (child?.pid === undefined) {
      const error = spawned instanceof Error ? spawned : ((await once(spawned, 'error')) as [Error])[0];
      return this.#endUnexecuted(spec, output, error, startedAt);
    }
    const run = this.#register(spec, output, child, makeHandle(spec.runId, child.pid), terminal !== null);
    this.#table.adopt({ pid: child.pid, runId: spec.runId });
    child.once('exit', (code, signal) => void this.#finish(run, exitOf(code, signal)));
    output.begin();
    return {
      handle: run.handle,
      startedAt,
      streams: streamsOf(output, child.pid, this.#programFinder(child)),
    };
  }

  /** A program that can't be exec'ed ends as it would in a shell: with 126 or 127, and a sentence on stderr. */
  #endUnexecuted(
    spec: RunSpec,
    output: LoggedOutput | AttachedOutput,
    error: Error,
    startedAt: number,
  ): Started {
    const reason: NotExecuted | StartFailure = explainSpawnFailure(error, spec.argv[0] ?? '', spec.root);
    if (reason instanceof StartFailure) throw reason;
    const run = this.#register(spec, output, null, makeHandle(spec.runId, null), false);
    output.begin();
    output.say(reason.sentence);
    // Told only after the caller has learned that it was started.
    setImmediate(() => void this.#finish(run, { kind: 'exited', code: reason.code }));
    return { handle: run.handle, startedAt, streams: streamsOf(output, null, () => undefined) };
  }

  #register(
    spec: RunSpec,
    output: RunOutput,
    child: ChildProcess | null,
    handle: Handle,
    inTerminal: boolean,
  ): LiveRun {
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const run: LiveRun = {
      runId: spec.runId,
      environment: spec.environment,
      handle,
      output,
      child,
      inTerminal,
      killed: new Set(),
      told,
      tell,
      memoryMaxBytes: null,
      cpuSeconds: null,
    };
    this.#runs.set(spec.runId, run);
    return run;
  }

  async #finish(run: LiveRun, exit: Exit): Promise<void> {
    const endedAt = this.#clock.wall();
    const pid = run.child?.pid;
    if (pid !== undefined) this.#table.leaderEnded(pid);
    const found =
      pid === undefined || !this.#table.mayHaveLeft(run.runId)
        ? []
        : await reap(this.#table, this.#clock, (member) => member.runId === run.runId);
    await run.output.drain();
    if (pid !== undefined) this.#table.forget(pid);
    this.#runs.delete(run.runId);
    this.#sampler.ended(run);
    this.onExit({
      runId: run.runId,
      exit,
      endedAt,
      memoryMaxBytes: run.memoryMaxBytes,
      cpuSeconds: run.cpuSeconds,
      outOfMemory: null,
      leftovers: found
        .filter((member) => !run.killed.has(identity(member)))
        .map(({ pid, command }) => ({ pid, command })),
    });
    run.tell();
  }

  /** One round of KILL over everything; `#finish` goes on until nothing is left. */
  #killAll(run: LiveRun): void {
    run.child?.kill('SIGKILL');
    for (const member of this.#table.scan()) {
      if (member.runId !== run.runId) continue;
      run.killed.add(identity(member));
      killProcess(this.#table, member);
    }
  }

  #programFinder(child: ChildProcess): () => number | undefined {
    return () => this.#programInTerminal(child)?.pid;
  }

  #programInTerminal(child: ChildProcess): Member | undefined {
    return this.#table.scan().find((member) => member.parent === child.pid);
  }

  #variables(spec: RunSpec): Record<string, string> {
    const marks = { NIGHTSHIFT_RUN_ID: spec.runId, NIGHTSHIFT_INSTANCE: this.#instance };
    if (spec.softLimitBytes === null) return { ...spec.variables, ...marks };
    const { PHP_INI_SCAN_DIR: own } = spec.variables;
    const scan = this.#softLimits.phpScanFolders(spec.softLimitBytes, own);
    return { ...spec.variables, ...marks, PHP_INI_SCAN_DIR: scan };
  }
}

type SpawnOptions = Parameters<typeof spawn>[2];

/** Some failures are thrown, others told by an event: here the thrown ones are answered. */
function spawnProgram(program: string, args: readonly string[], options: SpawnOptions): ChildProcess | Error {
  try {
    return spawn(program, args, options);
  } catch (error) {
    return error as Error;
  }
}

function streamsOf(
  output: LoggedOutput | AttachedOutput,
  spawned: number | null,
  program: () => number | undefined,
): AttachedStreams | null {
  if (output instanceof LoggedOutput) return null;
  const { stdin, stdout, stderr } = output;
  return {
    stdin,
    stdout,
    stderr,
    resize: (size) => {
      const pid = spawned === null ? undefined : program();
      if (pid !== undefined) resizeTerminal(pid, size);
    },
  };
}

function whyUnknown(run: OpenRun): string {
  const { handle } = run;
  if (handle !== null && handle.runtime !== 'process')
    return `it was started by the ${handle.runtime} runtime, which is not in use any more`;
  return 'the daemon ended and took the run with it';
}

const identity = (member: Member): string => `${member.pid} ${member.startedAt}`;

/** This system's own number, where its name is known. */
const signalNumber = (signal: SignalName): number =>
  constants.signals[`SIG${signal}` as NodeJS.Signals] ?? signalNumbers[signal];
