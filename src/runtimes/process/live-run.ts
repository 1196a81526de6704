import type { ChildProcess } from 'node:child_process';
import type { Exit, Handle, Leftover } from '../../domain/run.ts';
import { type SignalName, signalName, signalNumbers } from '../../domain/signals.ts';
import type { ProcessIdentity } from './process-table.ts';
import type { RunOutput } from './run-output.ts';

/** A run from its start until its end was told. */
export interface LiveRun {
  readonly runId: string;
  readonly environment: string;
  readonly handle: Handle;
  readonly output: RunOutput;
  /** Null when its program could not be exec'ed. */
  readonly child: ChildProcess | null;
  /** With a terminal, the program is a child of the one that was spawned. */
  readonly inTerminal: boolean;
  /** Ended by our own KILL, and so no leftovers. */
  readonly killed: Set<ProcessIdentity['startedAt']>;
  /** Resolves when its end was told. */
  readonly told: Promise<void>;
  readonly tell: () => void;
  memoryMaxBytes: number | null;
  cpuSeconds: number | null;
}

/** How the kernel ended a child, in the words of the domain. */
export function exitOf(code: number | null, signal: string | null): Exit {
  if (code !== null) return { kind: 'exited', code };
  const name = signal?.replace(/^SIG/, '') ?? '';
  if (name in signalNumbers) return { kind: 'signalled', signal: name as SignalName };
  // Names that another system has for the same number.
  const known = signalName(Number(name));
  return known === undefined
    ? { kind: 'unknown', why: `the system named no exit code and the signal "${signal}"` }
    : { kind: 'signalled', signal: known };
}

/** What is known of a run's handle, which was written down and read again. */
export interface ProcessHandle extends Handle {
  readonly runtime: 'process';
  readonly version: 1;
  /** Null when the program could not be exec'ed. */
  readonly pid: number | null;
}

export const makeHandle = (runId: string, pid: number | null): ProcessHandle => ({
  runtime: 'process',
  version: 1,
  runId,
  pid,
});

export type Leftovers = readonly Leftover[];
