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

/** The handle of a run whose container is there. */
export function newHandle(
  run: { readonly runId: string; readonly environment: string },
  facts: {
    readonly init: ProcessIdentity;
    readonly conmon: ProcessIdentity | undefined;
    readonly bootId: string;
    readonly startedAt: number;
    readonly logPath: string | null;
  },
): ContainerHandle {
  return {
    runtime: 'container',
    version: 1,
    runId: run.runId,
    environment: run.environment,
    bootId: facts.bootId,
    startedAt: facts.startedAt,
    logPath: facts.logPath,
    initPid: facts.init.pid,
    initStartTime: facts.init.startTime,
    conmonPid: facts.conmon?.pid ?? null,
    conmonStartTime: facts.conmon?.startTime ?? null,
  };
}

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
