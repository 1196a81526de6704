/**
 * A runtime of scripted programs in memory, for tests of everything above it and for the simulation. It keeps every
 * promise of the port, its programs do what their script says, and the machine below it outlives it: make a second
 * runtime on the same machine and the first one is deaf, as after kill -9.
 */
import type { Handle } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';
import { assert } from '../../std/assert.ts';
import type {
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
import type { FakeMachine, FakeRun } from './fake-machine.ts';
import type { FakeFailure, FakeProgram } from './fake-program.ts';

export interface FakeRuntimeOptions {
  readonly machine: FakeMachine;
  /** What the program of a run does. */
  readonly program: (spec: RunSpec) => FakeProgram | FakeFailure;
  /** All of them by default. */
  readonly capabilities?: Partial<Capabilities>;
}

/** Makes a fake runtime, which takes the machine over from the one before it. */
export function createFakeRuntime(options: FakeRuntimeOptions): FakeRuntime {
  return new FakeRuntime(options);
}

export class FakeRuntime implements Runtime {
  readonly name = 'fake';
  readonly capabilities: Capabilities;
  onExit: (report: ExitReport) => void = () => undefined;
  readonly machine: FakeMachine;
  /** The limits of each environment, the last ones that were set. */
  readonly limits = new Map<string, EnvironmentLimits>();
  readonly #program: FakeRuntimeOptions['program'];
  #closed = false;

  constructor(options: FakeRuntimeOptions) {
    this.machine = options.machine;
    this.#program = options.program;
    this.capabilities = {
      isolation: true,
      limits: true,
      outlivesDaemon: true,
      killsDetached: true,
      ...options.capabilities,
    };
    this.machine.onEnd = (report) => this.onExit(report);
  }

  async limit(limits: EnvironmentLimits): Promise<void> {
    this.limits.set(limits.environment, limits);
  }

  async removeEnvironment(environment: string): Promise<void> {
    const open = this.machine.running.find((run) => run.spec.environment === environment);
    assert(open === undefined, `${open?.spec.runId} still runs in the environment that is removed`);
    this.limits.delete(environment);
  }

  async start(spec: RunSpec): Promise<Started> {
    if (this.#closed) throw new StartFailure('the daemon is ending', true);
    assert(!this.machine.runs.has(spec.runId), `${spec.runId} was started already`);
    const program = this.#program(spec);
    if ('failsToStart' in program) throw new StartFailure(program.failsToStart, program.retryable);
    const run = this.machine.start(spec, program);
    return { handle: handleOf(run), startedAt: run.startedAt, streams: run.streams };
  }

  async signal(handle: Handle, signal: SignalName): Promise<void> {
    this.machine.signal(handle.runId, signal);
  }

  async kill(handle: Handle): Promise<void> {
    this.machine.signal(handle.runId, 'KILL');
  }

  async release(runId: string): Promise<void> {
    this.machine.release(runId);
  }

  async recover(open: readonly OpenRun[]): Promise<Recovery> {
    const known = new Set(open.map((run) => run.runId));
    const strays = this.machine.running.filter((run) => !known.has(run.spec.runId));
    for (const stray of strays) this.#drop(stray.spec.runId);
    const adopted: Recovery['adopted'][number][] = [];
    for (const { runId, handle } of open) {
      const run = this.machine.runs.get(runId);
      const runsOn = run !== undefined && run.state !== 'ended';
      if (runsOn && this.capabilities.outlivesDaemon && run.spec.output.kind === 'log') {
        adopted.push({ runId, handle: handleOf(run), startedAt: run.startedAt });
        continue;
      }
      const report = run?.report ?? this.#unknown(runId, run);
      this.#drop(runId);
      // What was never here has no handle either.
      const neverBegan = run === undefined && handle === null;
      this.onExit({ ...report, ...(neverBegan ? { neverBegan } : {}) });
    }
    return { adopted, strays: strays.map((run) => run.spec.runId) };
  }

  usage(handle: Handle): Usage | undefined {
    const run = this.machine.runs.get(handle.runId);
    return run === undefined || run.state === 'ended' ? undefined : this.#usageOf([run]);
  }

  environmentUsage(environment: string): EnvironmentUsage | undefined {
    if (!this.limits.has(environment)) return undefined;
    const usage = this.#usageOf(this.machine.running.filter((run) => run.spec.environment === environment));
    return {
      ...usage,
      cacheBytes: 0,
      swapBytes: 0,
      memoryMaxBytes: usage.memoryBytes,
      throttledSeconds: 0,
      outOfMemoryKills: 0,
    };
  }

  async reopenLog(_handle: Handle): Promise<void> {
    // Logs in memory are never renamed.
  }

  async close(): Promise<void> {
    this.#closed = true;
    const ending = this.machine.running.filter(
      (run) => !this.capabilities.outlivesDaemon || run.spec.output.kind === 'attached',
    );
    for (const run of ending) this.machine.end(run.spec.runId, { kind: 'signalled', signal: 'KILL' });
  }

  /** Ends a run without telling anybody. */
  #drop(runId: string): void {
    const listener = this.machine.onEnd;
    const ended = this.machine.runs.get(runId)?.state === 'ended';
    if (ended) return;
    this.machine.onEnd = () => undefined;
    this.machine.end(runId, { kind: 'signalled', signal: 'KILL' });
    this.machine.onEnd = listener;
    this.machine.release(runId);
  }

  #unknown(runId: string, run: FakeRun | undefined): ExitReport {
    return {
      runId,
      exit: {
        kind: 'unknown',
        why:
          run === undefined
            ? 'nothing is left of it on this machine'
            : 'the daemon ended and took the run with it',
      },
      endedAt: this.machine.clock.wall(),
      memoryMaxBytes: null,
      cpuSeconds: null,
      outOfMemory: null,
      leftovers: [],
    };
  }

  #usageOf(runs: readonly FakeRun[]): Usage {
    return {
      memoryBytes: runs.reduce((sum, run) => sum + run.program.memoryBytes, 0),
      cpuSeconds: 0,
      processes: runs.length,
    };
  }
}

const handleOf = (run: FakeRun): Handle => ({ runtime: 'fake', version: 1, runId: run.spec.runId });
