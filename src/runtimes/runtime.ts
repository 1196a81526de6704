/**
 * The port of a runtime: how the local platform isolates one run. `container/`, `process/` and `fake/` implement
 * it, and `runtime.contract.ts` is one suite over all of them.
 *
 * A runtime decides nothing: it starts, signals, kills and reports. What it can't do it declares as a
 * capability; it never throws "not supported". Operating failures are {@link StartFailure}s or appear in reports.
 */
import type { Exit, Handle, Leftover, OutOfMemory } from '../domain/run.ts';
import type { SignalName } from '../domain/signals.ts';

export interface Capabilities {
  /** Own namespaces, read-only host, private /tmp. */
  readonly isolation: boolean;
  /** Memory, CPU and process limits are enforced. */
  readonly limits: boolean;
  /** Jobs run on when the daemon ends, and are taken up again. */
  readonly outlivesDaemon: boolean;
  /** Everything that a run left behind is found and killed, whatever it did to hide. */
  readonly killsDetached: boolean;
}

/** The walls around all runs of one environment together. */
export interface EnvironmentLimits {
  readonly environment: string;
  readonly memoryBytes: number;
  readonly cpu: number;
  readonly processes: number;
}

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Where a run's output goes. */
export type Output =
  /** To a file in CRI log format (`TIME STREAM P|F TEXT`), which outlives the daemon. */
  | { readonly kind: 'log'; readonly path: string }
  /** To the caller, for remote commands; such a run ends with the daemon. */
  | { readonly kind: 'attached'; readonly terminal: TerminalSize | null };

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** All that is needed to start one run; everything is decided already. */
export interface RunSpec {
  readonly runId: string;
  readonly environment: string;
  /** The job's name, or `remote`. */
  readonly job: string;
  /** The program and its arguments, to be exec'ed as they are. */
  readonly argv: readonly string[];
  /** The environment's root: read-write at its own path, and the working folder. */
  readonly root: string;
  readonly user: SystemUser;
  /** Complete: nothing of the daemon's own environment leaks in. */
  readonly variables: Readonly<Record<string, string>>;
  /** The plan's default per job, which the job may lift; null when it has none. */
  readonly softLimitBytes: number | null;
  readonly output: Output;
}

export interface AttachedStreams {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  /** With a terminal everything comes on stdout. */
  readonly stderr: NodeJS.ReadableStream;
  resize(size: TerminalSize): void;
}

export interface Started {
  readonly handle: Handle;
  /** Wall time, ms. */
  readonly startedAt: number;
  /** Only for attached output. */
  readonly streams: AttachedStreams | null;
}

/** Told once for each run that was started, when nothing of it is left: neither process nor unwritten output. */
export interface ExitReport {
  readonly runId: string;
  readonly exit: Exit;
  /** Wall time, ms: the moment of the end, also when it is learned later. */
  readonly endedAt: number;
  readonly memoryMaxBytes: number | null;
  readonly cpuSeconds: number | null;
  readonly outOfMemory: OutOfMemory | null;
  /** What was still there when the program ended, and was killed. */
  readonly leftovers: readonly Leftover[];
  /**
   * Only from `recover`: no instruction of its program was ever run, and nothing of it is left, so that it may still be
   * started under the same id. Absent where that is not certain.
   */
  readonly neverBegan?: true;
}

export interface Usage {
  /** Of the run and all its children. */
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  readonly processes: number;
}

export interface EnvironmentUsage extends Usage {
  /** Page cache that is given back at need, and is not part of `memoryBytes`. */
  readonly cacheBytes: number;
  readonly swapBytes: number;
  readonly memoryMaxBytes: number | null;
  /** Seconds for which it wanted CPU beyond its limit. */
  readonly throttledSeconds: number | null;
  readonly outOfMemoryKills: number | null;
}

/** A run that the store says is open, as the daemon finds it at its start. */
export interface OpenRun {
  readonly runId: string;
  readonly environment: string;
  /** Null when the daemon ended before the start was recorded. */
  readonly handle: Handle | null;
}

/** What became of the open runs: adopted ones run on; ended ones follow as exit reports through `onExit`. */
export interface Recovery {
  readonly adopted: readonly {
    readonly runId: string;
    readonly handle: Handle;
    readonly startedAt: number;
  }[];
  /** What ran under our name and nobody knew, and was ended. */
  readonly strays: readonly string[];
}

export interface Runtime {
  readonly name: 'container' | 'process' | 'fake';
  readonly capabilities: Capabilities;
  /** Makes the environment's group, or brings the running one to these limits, at once and with no restart. */
  limit(limits: EnvironmentLimits): Promise<void>;
  /** Removes the environment's group; every run of it must have ended. */
  removeEnvironment(environment: string): Promise<void>;
  /** Starts a run; resolves when its program has been exec'ed. Rejects with {@link StartFailure}, and then nothing is left of it and no report follows. */
  start(spec: RunSpec): Promise<Started>;
  /** Sends a signal to the program itself, not to what it forked. A run that has ended is no error. */
  signal(handle: Handle, signal: SignalName): Promise<void>;
  /** Ends everything that is left of a run, with KILL. Its exit report follows. */
  kill(handle: Handle): Promise<void>;
  /** Forgets a run whose report was recorded: bundle, exit file, group. */
  release(runId: string): Promise<void>;
  /**
   * Called once, before anything is started: what became of the runs that the store says are open.
   * Set `onExit` before. Runs that ended meanwhile (or never began) are told as exit reports; what nobody knows is ended.
   */
  recover(open: readonly OpenRun[]): Promise<Recovery>;
  /** Where exit reports go; called exactly once per run until `release`. */
  onExit: (report: ExitReport) => void;
  /** Undefined when the run has ended. */
  usage(handle: Handle): Usage | undefined;
  environmentUsage(environment: string): EnvironmentUsage | undefined;
  /** Bytes of output that a run has handed over so far, also what could not be written to its log; undefined where nobody counts them. */
  printedBytes?(handle: Handle): number | undefined;
  /** Asks the writer of a run's log file to go on in a new file at the same path, after the old one was renamed. */
  reopenLog(handle: Handle): Promise<void>;
  /** Lets go of watches and timers. Jobs run on where `outlivesDaemon`; else they are ended. */
  close(): Promise<void>;
}

/** A run could not be started. `retryable` when the machine, not the run, is to blame. */
export class StartFailure extends Error {
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StartFailure';
    this.retryable = retryable;
  }
}
