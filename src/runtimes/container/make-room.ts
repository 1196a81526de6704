/**
 * A memory limit below what is held. On cgroup v2 the kernel takes it, reclaims, and ends what does not fit. On v1 it refuses
 * (EBUSY) once nothing more can be reclaimed: then the same is done here, one run at a time, the one that holds most first.
 */
import type { OutOfMemory } from '../../domain/run.ts';
import type { EnvironmentLimits } from '../runtime.ts';
import { type CgroupDriver, MemoryHeld } from './cgroup.ts';

/** A run that may be ended. */
export interface Candidate {
  readonly runId: string;
  readonly environment: string;
  outOfMemory: OutOfMemory | null;
}

/**
 * Brings the environment to its limits, whatever must end for it; ended runs carry why.
 * Rejects with {@link MemoryHeld} when no run is left that could be ended.
 */
export async function limitWithRoom<Run extends Candidate>(
  cgroup: CgroupDriver,
  limits: EnvironmentLimits,
  candidates: () => readonly Run[],
  end: (run: Run) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      cgroup.limit(limits);
      return;
    } catch (error) {
      const largest = error instanceof MemoryHeld ? largestOf(cgroup, candidates()) : undefined;
      if (largest === undefined) throw error;
      const { run, bytes, allBytes } = largest;
      run.outOfMemory = {
        scope: 'environment',
        limitBytes: limits.memoryBytes,
        heldBytes: bytes,
        othersBytes: Math.max(0, allBytes - bytes),
      };
      await end(run);
    }
  }
}

function largestOf<Run extends Candidate>(cgroup: CgroupDriver, runs: readonly Run[]) {
  const held = runs.map((run) => ({
    run,
    bytes: cgroup.usage(run.environment, run.runId)?.memoryBytes ?? 0,
  }));
  const allBytes = held.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = held.toSorted((a, b) => b.bytes - a.bytes)[0];
  return largest === undefined ? undefined : { ...largest, allBytes };
}
