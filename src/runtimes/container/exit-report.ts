import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit, Leftover, OutOfMemory } from '../../domain/run.ts';
import { type SignalName, signalName, signalNumbers } from '../../domain/signals.ts';
import type { ExitReport } from '../runtime.ts';
import type { CgroupDriver } from './cgroup.ts';
import { readLeftovers } from './init.ts';
import { containerId, type StateFolder } from './state-folder.ts';

export interface Ending {
  readonly exit: Exit;
  /** Wall time, ms. */
  readonly endedAt: number;
}

/**
 * An exit status as a shell tells it: 128 + n is signal n. The init can't tell `exit 143` from an end by TERM, and no
 * shell above it could; nearly always it was the signal. What is known better is that a program had a handler for a signal when
 * it was sent (see `whatItMeans`).
 */
export function exitOfStatus(status: number): Exit {
  const signal = status > 128 ? signalName(status - 128) : undefined;
  return signal === undefined ? { kind: 'exited', code: status } : { kind: 'signalled', signal };
}

/** What conmon wrote when the run had ended and its output was written out; undefined while it has not. */
export function readExitFile(state: StateFolder, runId: string): Ending | undefined {
  const path = join(state.exits, containerId(runId));
  try {
    const text = readFileSync(path, 'utf8').trim();
    const endedAt = Math.round(statSync(path).mtimeMs);
    const status = Number(text);
    const exit: Exit =
      text === '' || !Number.isInteger(status) || status < 0
        ? { kind: 'unknown', why: 'its exit file holds no exit code' }
        : exitOfStatus(status);
    return { exit, endedAt };
  } catch {
    return undefined;
  }
}

export interface EndedRun {
  readonly runId: string;
  readonly environment: string;
  /** What was killed beside the program. */
  readonly killed: readonly Leftover[];
  /** Set when it was ended because a smaller limit had no room for it. */
  readonly outOfMemory: OutOfMemory | null;
  /** Signals that were sent while the program had a handler for them. */
  readonly handled: ReadonlySet<SignalName>;
}

/** A program with a handler for a signal does not die of it: its 128 + n was its own `exit`, as shells' traps do. */
function whatItMeans(exit: Exit, handled: ReadonlySet<SignalName>): Exit {
  if (exit.kind !== 'signalled' || !handled.has(exit.signal)) return exit;
  return { kind: 'exited', code: 128 + signalNumbers[exit.signal] };
}

/** Everything that is known about a run whose group is empty. */
export function exitReport(
  cgroup: CgroupDriver,
  state: StateFolder,
  run: EndedRun,
  ending: Ending,
): ExitReport {
  const account = cgroup.account(run.environment, run.runId);
  const noted = readLeftovers(join(state.notes, run.runId));
  return {
    runId: run.runId,
    exit: whatItMeans(ending.exit, run.handled),
    endedAt: ending.endedAt,
    memoryMaxBytes: account.memoryMaxBytes,
    cpuSeconds: account.cpuSeconds,
    // The kernel's own count, not a guess from 137: a run has no limit of its own, so it was the environment's.
    outOfMemory:
      account.outOfMemoryKills === 0
        ? run.outOfMemory
        : {
            scope: 'environment',
            limitBytes: account.limitBytes,
            heldBytes: account.memoryMaxBytes,
            othersBytes: account.othersBytes,
          },
    leftovers: [...noted, ...run.killed],
  };
}
