import type { Handle } from '../../domain/run.ts';
import type { ProcessIdentity } from './processes.ts';

/** The container runtime's notes about one run. */
export type ContainerHandle = Handle & {
  readonly runtime: 'container';
  readonly version: 1;
  readonly environment: string;
  readonly bootId: string;
  /** Wall time, ms. */
  readonly startedAt: number;
  /** Null for attached output. */
  readonly logPath: string | null;
  readonly initPid: number;
  readonly initStartTime: number;
  /** Null for attached output, which has no conmon. */
  readonly conmonPid: number | null;
  readonly conmonStartTime: number | null;
};

/** Reads what the store or a bundle kept; undefined when it is not a handle of this runtime. */
export function parseHandle(value: unknown): ContainerHandle | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const handle = value as Record<string, unknown>;
  const texts = ['runId', 'environment', 'bootId'].every((key) => typeof handle[key] === 'string');
  const counts = ['startedAt', 'initPid', 'initStartTime'].every((key) => typeof handle[key] === 'number');
  if (handle['runtime'] !== 'container' || handle['version'] !== 1 || !texts || !counts) return undefined;
  return value as ContainerHandle;
}

export function initOf(handle: ContainerHandle): ProcessIdentity {
  return { pid: handle.initPid, startTime: handle.initStartTime };
}

export function conmonOf(handle: ContainerHandle): ProcessIdentity | undefined {
  if (handle.conmonPid === null || handle.conmonStartTime === null) return undefined;
  return { pid: handle.conmonPid, startTime: handle.conmonStartTime };
}
