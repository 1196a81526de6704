/**
 * Runs in containers: conmon holds output and exit code, crun or runc makes the container, the kernel's control groups hold
 * the limits. The daemon is not in the path of a run's life: what must be known to take a run up again lies in its
 * bundle, its exit file and its group, not in this object.
 *
 * The life of a run here:  start → (starting) → running → ended, reported → release
 */
import { type FSWatcher, mkdirSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Handle, Leftover, OutOfMemory } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';
import {
  type Capabilities,
  type EnvironmentLimits,
  type EnvironmentUsage,
  type ExitReport,
  type OpenRun,
  type Recovery,
  type RunSpec,
  type Runtime,
  type Started,
  StartFailure,
  type TerminalSize,
  type Usage,
} from '../runtime.ts';
import { startAttached } from './attached.ts';
import { prepareBundle } from './bundle.ts';
import { type CgroupDriver, readField } from './cgroup.ts';
import { endMonitors, removeRun, removeState } from './cleanup.ts';
import { createThroughConmon } from './conmon.ts';
import { type Ending, exitReport, readExitFile } from './exit-report.ts';
import { type ContainerHandle, conmonOf, initOf, newHandle } from './handle.ts';
import { removeRoots } from './host-root.ts';
import { Launcher } from './launcher.ts';
import { limitWithRoom } from './make-room.ts';
import { boundNote } from './notes.ts';
import { complaint, type OciRuntime } from './oci-runtime.ts';
import {
  bootId,
  executableOf,
  handlesSignal,
  isAlive,
  type ProcessIdentity,
  sendSignal,
} from './processes.ts';
import { recoverRuns, whyLost } from './recovery.ts';
import { reopenLog } from './reopen-log.ts';
import { awaitProgram, emptyGroup, hasBegun, othersIn } from './run-group.ts';
import { StartQueue } from './start-queue.ts';
import {
  type BundlePaths,
  containerId,
  isSafeRunId,
  noteNeverBegan,
  runIdOf,
  type StateFolder,
} from './state-folder.ts';
import { Timers } from './timers.ts';

/** What the machine gives us, found out by `createContainerRuntime`. */
export interface ContainerParts {
  readonly clock: Clock;
  readonly state: StateFolder;
  readonly cgroup: CgroupDriver;
  readonly oci: OciRuntime;
  /** `run` keeps the container when it has ended, so that its counters can be read. */
  readonly ociKeeps: boolean;
  /** What the container took that was tried out. */
  readonly trialMilliseconds: number;
  readonly conmon: string;
  readonly seccomp: object | undefined;
  readonly rootfs: string | undefined;
  readonly dataFolder: string;
  /** The state folder held an earlier boot's state, which is wiped. */
  readonly rebooted: boolean;
  /** The state folder is new: nothing is known of earlier runs. */
  readonly fresh: boolean;
  readonly onTrouble: (sentence: string) => void;
  /** Told the name of each boundary as it is passed. */
  readonly boundary: ((name: string) => void) | undefined;
  readonly watchExits: boolean;
}

interface LiveRun {
  readonly runId: string;
  readonly environment: string;
  /** Undefined for one that had ended, or never began, when the daemon came back. */
  readonly handle: ContainerHandle | undefined;
  phase: 'starting' | 'running' | 'ended';
  /** What `kill` found beside the program. */
  killed: readonly Leftover[];
  /** Set when it is ended because a smaller limit has no room for it. */
  outOfMemory: OutOfMemory | null;
  /** The program itself, once it was looked for. */
  program: ProcessIdentity | undefined;
  /** Signals that were sent to it while it had a handler for them: it ends by its own `exit`, if it ends. */
  readonly handled: Set<SignalName>;
}

/** More at once finish no sooner: each start keeps a processor busy. */
const startsAtOnce = 4;
const createTimeoutMs = 10_000;
/** A dead conmon is noticed within this. */
const monitorsMs = 8_000;
/** Against a lost file event. */
const rescanMs = 30_000;
const programAppearsMs = 5_000;
/** Clean-ups wait for starts, unless so many have come together. */
const cleanupsWaitingMax = 32;
const defaultMemoryBytes = 128 * 1024 ** 2;

export class ContainerRuntime implements Runtime {
  readonly name = 'container';
  readonly capabilities: Capabilities = {
    isolation: true,
    limits: true,
    outlivesDaemon: true,
    killsDetached: true,
  };
  onExit: (report: ExitReport) => void = () => undefined;

  readonly #parts: ContainerParts;
  readonly #timers: Timers;
  readonly #launcher: Launcher;
  readonly #watcher: FSWatcher;
  readonly #boot = bootId();
  readonly #runs = new Map<string, LiveRun>();
  readonly #memory = new Map<string, number>();
  readonly #starts = new StartQueue(startsAtOnce);
  readonly #cleanups = new StartQueue(1);
  #cleanupsWaiting = 0;
  #closed = false;

  constructor(parts: ContainerParts) {
    this.#parts = parts;
    this.#timers = new Timers(parts.clock);
    this.#launcher = new Launcher((pid) => parts.cgroup.placeMonitor(pid));
    this.#watcher = watch(parts.state.exits, (_event, name) => {
      if (parts.watchExits) this.#seeExit(name ?? '');
    });
    this.#watcher.on('error', (error) => parts.onTrouble(`exits are noticed late: ${error.message}`));
    this.#timers.every(monitorsMs, () => this.#checkMonitors());
    this.#timers.every(rescanMs, () => this.#rescan());
  }

  /** `crun` or `runc`. */
  get ociRuntime(): string {
    return this.#parts.oci.name;
  }

  get cgroupVersion(): 1 | 2 {
    return this.#parts.cgroup.version;
  }

  get trialMilliseconds(): number {
    return this.#parts.trialMilliseconds;
  }

  async limit(limits: EnvironmentLimits): Promise<void> {
    const { environment, memoryBytes } = limits;
    const candidates = () =>
      [...this.#runs.values()].filter((run) => run.environment === environment && run.phase === 'running');
    await limitWithRoom(this.#parts.cgroup, limits, candidates, (run) => this.#empty(run));
    this.#memory.set(environment, memoryBytes);
  }

  async removeEnvironment(environment: string): Promise<void> {
    const open = [...this.#runs.values()].filter((run) => run.environment === environment);
    if (open.length > 0) throw new Error(`environment "${environment}" still has ${open.length} runs`);
    await this.#cleanups.idle();
    for (let pauseMs = 1; !this.#parts.cgroup.removeEnvironment(environment); pauseMs *= 2) {
      if (pauseMs > 2000)
        throw new Error(`the control group of "${environment}" can't be removed: it is in use`);
      await this.#timers.pause(pauseMs);
    }
    removeRoots(this.#parts.state.roots, environment);
    this.#memory.delete(environment);
  }

  async start(spec: RunSpec): Promise<Started> {
    if (!isSafeRunId(spec.runId)) throw new StartFailure(`"${spec.runId}" is no run id`, false);
    if (spec.argv.length === 0) throw new StartFailure('the command is empty', false);
    return await this.#starts.run(async () => {
      if (this.#closed) throw new StartFailure('the daemon is ending', true);
      if (this.#runs.has(spec.runId)) throw new StartFailure(`run ${spec.runId} was started already`, false);
      try {
        const bundle = prepareBundle(
          this.#parts,
          spec,
          this.#memory.get(spec.environment) ?? defaultMemoryBytes,
        );
        const { output } = spec;
        return output.kind === 'log'
          ? await this.#startLogged(spec, bundle, output.path)
          : await this.#startAttached(spec, bundle, output.terminal);
      } catch (error) {
        await this.#abandon(spec);
        if (error instanceof StartFailure) throw error;
        throw new StartFailure((error as Error).message, true, { cause: error });
      }
    });
  }

  async #startLogged(spec: RunSpec, bundle: BundlePaths, logPath: string): Promise<Started> {
    const { clock, state, oci, conmon } = this.#parts;
    const persistFolder = join(state.persist, spec.runId);
    mkdirSync(persistFolder, { mode: 0o700 });
    const created = await createThroughConmon({
      clock,
      conmon,
      ociRuntime: oci.path,
      state,
      bundle,
      runId: spec.runId,
      name: spec.job,
      persistFolder,
      logPath,
      launcher: this.#launcher,
      boundary: this.#parts.boundary,
      timeoutMs: createTimeoutMs,
    });
    if (!created.ok) throw new StartFailure(`the container could not be made: ${created.message}`, true);
    const handle = newHandle(spec, { ...created, bootId: this.#boot, startedAt: clock.wall(), logPath });
    const run = this.#register(spec, handle, 'starting');
    const waiting = executableOf(created.init.pid);
    const result = await oci.start(spec.runId);
    if (result.code !== 0) {
      throw new StartFailure(`the container could not be started: ${complaint(result)}`, true);
    }
    if (!(await hasBegun(created.init, waiting, this.#timers))) {
      throw new StartFailure('the OCI runtime said that it had started the container, and it did not', true);
    }
    this.#parts.boundary?.('runtime-started');
    writeFileSync(bundle.handle, JSON.stringify(handle), { mode: 0o600 });
    run.phase = 'running';
    // Only when the caller knows of the start it is told of an end that came before.
    setImmediate(() => this.#checkExit(run));
    return { handle, startedAt: handle.startedAt, streams: null };
  }

  async #startAttached(spec: RunSpec, bundle: BundlePaths, terminal: TerminalSize | null): Promise<Started> {
    const { clock, state, oci, ociKeeps } = this.#parts;
    const attached = await startAttached({
      clock,
      ociRuntime: oci.path,
      words: [
        ...[`--root=${state.ociRoot}`, 'run', ...(ociKeeps ? ['--keep'] : [])],
        ...[`--bundle=${bundle.folder}`, `--pid-file=${bundle.pidFile}`, containerId(spec.runId)],
      ],
      bundle,
      terminal,
      timeoutMs: createTimeoutMs,
    });
    if (!attached.ok) throw new StartFailure(`the container could not be made: ${attached.message}`, true);
    const startedAt = clock.wall();
    const handle = newHandle(spec, {
      ...attached,
      conmon: undefined,
      bootId: this.#boot,
      startedAt,
      logPath: null,
    });
    writeFileSync(bundle.handle, JSON.stringify(handle), { mode: 0o600 });
    const run = this.#register(spec, handle, 'running');
    void attached.ended.then((exit) => this.#end(run, { exit, endedAt: clock.wall() }));
    return { handle, startedAt: handle.startedAt, streams: attached.streams };
  }

  async signal(handle: Handle, signal: SignalName): Promise<void> {
    const run = this.#runs.get(handle.runId);
    if (run?.handle === undefined || run.phase === 'ended') return;
    run.program ??= await awaitProgram(this.#parts.cgroup, run.handle, this.#timers, programAppearsMs);
    if (run.program === undefined) return;
    if (handlesSignal(run.program.pid, signal)) run.handled.add(signal);
    sendSignal(run.program, signal);
  }

  async kill(handle: Handle): Promise<void> {
    const run = this.#runs.get(handle.runId);
    if (run?.handle === undefined || run.phase === 'ended') return;
    if (run.killed.length === 0) run.killed = othersIn(this.#parts.cgroup, run.handle);
    await this.#empty(run);
  }

  async release(runId: string): Promise<void> {
    const run = this.#runs.get(runId);
    if (run === undefined) return;
    if (run.handle !== undefined) await this.kill(run.handle);
    this.#runs.delete(runId);
    rmSync(join(this.#parts.state.exits, containerId(runId)), { force: true });
    void this.#clean(run.environment, runId);
  }

  async recover(open: readonly OpenRun[]): Promise<Recovery> {
    const recovery = await recoverRuns(
      {
        ...this.#parts,
        timers: this.#timers,
        adopt: (run, handle) => void this.#register(run, handle, 'running'),
        report: (run, handle, ending) => {
          const live = this.#register(run, handle, 'running');
          setImmediate(() => void this.#end(live, ending));
        },
        reportNeverBegan: (report) => setImmediate(() => this.onExit(report)),
        clean: (environment, runId) => this.#clean(environment, runId),
      },
      open,
    );
    // Exits that were seen before their runs were known.
    setImmediate(() => this.#rescan());
    return recovery;
  }

  usage(handle: Handle): Usage | undefined {
    const run = this.#runs.get(handle.runId);
    if (run === undefined || run.phase === 'ended') return undefined;
    const usage = this.#parts.cgroup.usage(run.environment, run.runId);
    return usage === undefined || usage.processes === 0 ? undefined : usage;
  }

  environmentUsage(environment: string): EnvironmentUsage | undefined {
    return this.#parts.cgroup.environmentUsage(environment);
  }

  /** What conmon has read; a few KB of it were files of its own start. */
  printedBytes(handle: Handle): number | undefined {
    const live = this.#runs.get(handle.runId)?.handle;
    const monitor = live === undefined ? undefined : conmonOf(live);
    if (monitor === undefined || !isAlive(monitor)) return undefined;
    return readField(`/proc/${monitor.pid}/io`, 'rchar:');
  }

  async reopenLog(handle: Handle): Promise<void> {
    const live = this.#runs.get(handle.runId)?.handle;
    if (live !== undefined) await reopenLog(this.#parts.state, live, this.#timers);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#starts.idle();
    const attached = [...this.#runs.values()].filter((run) => run.handle?.logPath === null);
    await Promise.all(attached.map((run) => (run.handle === undefined ? undefined : this.kill(run.handle))));
    await this.#cleanups.idle();
    this.#timers.stop();
    this.#watcher.close();
    await this.#launcher.close();
    if (this.#runs.size === 0) await removeState(this.#parts);
  }

  #register(
    run: { readonly runId: string; readonly environment: string },
    handle: ContainerHandle | undefined,
    phase: LiveRun['phase'],
  ): LiveRun {
    const { runId, environment } = run;
    const live: LiveRun = {
      runId,
      environment,
      handle,
      phase,
      killed: [],
      outOfMemory: null,
      program: undefined,
      handled: new Set(),
    };
    this.#runs.set(runId, live);
    return live;
  }

  #seeExit(name: string): void {
    const run = this.#runs.get(runIdOf(name) ?? '');
    if (run !== undefined) this.#checkExit(run);
  }

  #checkExit(run: LiveRun): void {
    if (run.phase !== 'running') return;
    const ending = readExitFile(this.#parts.state, run.runId);
    if (ending === undefined) return;
    this.#parts.boundary?.('exit-seen');
    void this.#end(run, ending);
  }

  #rescan(): void {
    const { state } = this.#parts;
    for (const name of readdirSync(state.exits)) this.#seeExit(name);
    for (const runId of this.#runs.keys()) boundNote(state.notes, runId);
  }

  /** conmon writes the exit file before it ends: without either, nobody will ever know the exit code. */
  #checkMonitors(): void {
    for (const run of this.#runs.values()) {
      if (run.phase !== 'running' || run.handle === undefined) continue;
      const monitor = conmonOf(run.handle);
      if (monitor === undefined || isAlive(monitor)) continue;
      this.#checkExit(run);
      if (run.phase === 'running') {
        const exit = { kind: 'unknown', why: whyLost } as const;
        void this.#end(run, { exit, endedAt: this.#parts.clock.wall() });
      }
    }
  }

  /** The one way to an exit report. */
  async #end(run: LiveRun, ending: Ending): Promise<void> {
    if (run.phase === 'ended') return;
    run.phase = 'ended';
    await this.#empty(run);
    if (this.#timers.stopped) return;
    this.onExit(exitReport(this.#parts.cgroup, this.#parts.state, run, ending));
  }

  async #empty(run: LiveRun): Promise<void> {
    const init = run.handle === undefined ? undefined : initOf(run.handle);
    await emptyGroup(this.#parts.cgroup, { ...run, init }, this.#timers, this.#parts.onTrouble);
  }

  /** Removes what a failed start left. */
  async #abandon(spec: RunSpec): Promise<void> {
    const { runId, environment } = spec;
    const run = this.#runs.get(runId);
    // The OCI runtime was not told to start it: should the daemon be ended now, its successor is to know that nothing ran.
    if (run === undefined && spec.output.kind === 'log') noteNeverBegan(this.#parts.state, runId);
    if (run !== undefined) run.phase = 'ended';
    this.#runs.delete(runId);
    await endMonitors(this.#parts, runId);
    await emptyGroup(
      this.#parts.cgroup,
      { runId, environment, init: undefined },
      this.#timers,
      this.#parts.onTrouble,
    );
    await removeRun(this.#parts, environment, runId);
  }

  /** In the background, when no start is waiting: a successor comes first. */
  async #clean(environment: string, runId: string): Promise<void> {
    this.#cleanupsWaiting += 1;
    await this.#cleanups.run(async () => {
      if (this.#cleanupsWaiting <= cleanupsWaitingMax) await this.#starts.idle();
      this.#cleanupsWaiting -= 1;
      await removeRun(this.#parts, environment, runId);
    });
  }
}
