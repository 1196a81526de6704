/**
 * The machine that fake runs live on: it outlives every runtime that looks at it, as a machine outlives its daemon.
 * Nothing happens on its own: every change comes from a call or from the clock, so the same script gives the same run.
 */
import type { Clock } from '../../domain/clock.ts';
import type { Exit } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';
import type { AttachedStreams, ExitReport, RunSpec } from '../runtime.ts';
import { FakeOutput } from './fake-output.ts';
import type { FakeProgram } from './fake-program.ts';

/** A run on the machine, from its start until it is released. */
export interface FakeRun {
  readonly spec: RunSpec;
  readonly program: FakeProgram;
  readonly startedAt: number;
  readonly startedMonotonic: number;
  readonly streams: AttachedStreams | null;
  /** Signals that it got, in order. */
  readonly signals: SignalName[];
  state: 'running' | 'finishing' | 'dying' | 'ended';
  report: ExitReport | null;
}

interface Process extends FakeRun {
  readonly cancels: Set<() => void>;
  readonly output: FakeOutput;
}

export class FakeMachine {
  readonly clock: Clock;
  /** By run id, in the order of their starts; released ones are gone. */
  readonly runs = new Map<string, FakeRun>();
  /** Every run that was ever started, in order: for tests that look back. */
  readonly history: FakeRun[] = [];
  /** Logs in CRI format, by path. */
  readonly logs = new Map<string, Buffer[]>();
  /** Called after each addition to a log. */
  onLog: (path: string) => void = () => undefined;
  /** Who is told of ends; set by the runtime that looks on, the last one that was made. */
  onEnd: (report: ExitReport) => void = () => undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The runs that have not ended. */
  get running(): readonly FakeRun[] {
    return [...this.runs.values()].filter((run) => run.state !== 'ended');
  }

  start(spec: RunSpec, program: FakeProgram): FakeRun {
    const output = new FakeOutput(spec.output, this.clock, (path, record) => this.#log(path, record));
    const process_: Process = {
      spec,
      program,
      output,
      startedAt: this.clock.wall(),
      startedMonotonic: this.clock.monotonic(),
      streams: output.streams,
      signals: [],
      state: 'running',
      report: null,
      cancels: new Set(),
    };
    this.runs.set(spec.runId, process_);
    this.history.push(process_);
    for (const print of program.prints)
      this.#later(process_, print.afterMs, () => output.print(print.stream, print.text));
    if (program.lastsMs !== null)
      this.#later(process_, program.lastsMs, () => this.#end(process_, program.exit));
    return process_;
  }

  /** What kill(2) does. */
  signal(runId: string, signal: SignalName): void {
    const process_ = this.runs.get(runId) as Process | undefined;
    if (process_ === undefined || process_.state === 'ended') return;
    process_.signals.push(signal);
    if (signal === 'KILL') this.#kill(process_);
    else if (process_.state === 'running') this.#answer(process_, signal);
  }

  /** Ends a run from outside, as the kernel or an operator may. */
  end(runId: string, exit: Exit, change: Partial<ExitReport> = {}): void {
    const process_ = this.runs.get(runId) as Process | undefined;
    if (process_ !== undefined && process_.state !== 'ended') this.#end(process_, exit, change);
  }

  release(runId: string): void {
    if (this.runs.get(runId)?.state === 'ended') this.runs.delete(runId);
  }

  /** The machine itself starts anew: nothing runs any more, and nobody is told. */
  reboot(): void {
    for (const run of this.runs.values()) for (const cancel of (run as Process).cancels) cancel();
    this.runs.clear();
  }

  #answer(process_: Process, signal: SignalName): void {
    const answer = process_.program.answers[signal] ?? { kind: 'ends' };
    if (answer.kind === 'ignores') return;
    if (answer.kind === 'ends') {
      this.#soon(process_, 0, { kind: 'signalled', signal });
      return;
    }
    process_.state = 'finishing';
    if (answer.says !== undefined) process_.output.print('stdout', answer.says);
    this.#soon(process_, answer.afterMs, answer.exit);
  }

  #kill(process_: Process): void {
    if (process_.state === 'dying') return;
    process_.state = 'dying';
    this.#soon(process_, process_.program.dyingMs, { kind: 'signalled', signal: 'KILL' });
  }

  /** An end that is on its way already; it goes before the program's own. */
  #soon(process_: Process, afterMs: number, exit: Exit): void {
    this.#later(process_, afterMs, () => this.#end(process_, exit));
  }

  #later(process_: Process, ms: number, act: () => void): void {
    const cancel = this.clock.after(ms, () => {
      process_.cancels.delete(cancel);
      act();
    });
    process_.cancels.add(cancel);
  }

  #end(process_: Process, exit: Exit, change: Partial<ExitReport> = {}): void {
    for (const cancel of process_.cancels) cancel();
    process_.cancels.clear();
    process_.state = 'ended';
    process_.output.end();
    process_.report = {
      runId: process_.spec.runId,
      exit,
      endedAt: this.clock.wall(),
      memoryMaxBytes: process_.program.memoryBytes,
      cpuSeconds: 0,
      outOfMemory: exit === process_.program.exit ? process_.program.outOfMemory : null,
      leftovers: process_.program.leftovers,
      ...change,
    };
    this.onEnd(process_.report);
  }

  #log(path: string, record: Buffer): void {
    const log = this.logs.get(path) ?? [];
    log.push(record);
    this.logs.set(path, log);
    this.onLog(path);
  }
}
