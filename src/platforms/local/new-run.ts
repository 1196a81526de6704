import type { Run } from '../../domain/run.ts';
import type { EnvironmentWish } from '../platform.ts';
import { settingsDigest } from './run-spec.ts';

type Known = Pick<Run, 'id' | 'job' | 'kind' | 'command' | 'trigger' | 'createdAt'> &
  Partial<Pick<Run, 'instance' | 'predecessor' | 'attempt' | 'askedBy' | 'dueAt'>>;

/** The record of a run that is about to begin. */
export function newRun(wish: EnvironmentWish, known: Known): Run {
  return {
    instance: 0,
    predecessor: null,
    attempt: 1,
    askedBy: null,
    dueAt: null,
    ...known,
    environment: wish.environment.name,
    startedAt: null,
    endedAt: null,
    exit: null,
    outcome: null,
    reason: null,
    memoryAvgBytes: null,
    memoryMaxBytes: null,
    commit: wish.commit,
    settings: settingsDigest(wish, known.command),
    leftovers: [],
    handle: null,
    endRequest: null,
  };
}
