/** How an environment is, at a glance. */
import type { Environment } from '../../../../src/contract/environment.ts';
import type { Shape, Tone } from '../../design/badge.tsx';

export interface Health {
  /** Trouble first: the larger, the sooner it is shown. */
  readonly rank: number;
  readonly tone: Tone;
  readonly shape: Shape;
  readonly words: string;
}

export function healthOf(environment: Environment): Health {
  const { plan, paused, workersExpected, workersRunning, jobsEnabled } = environment;
  if (plan === null) return { rank: 0, tone: 'still', shape: 'ring', words: 'no jobs component' };
  const missing = workersExpected - workersRunning;
  if (missing > 0) {
    const words = `${missing} of ${workersExpected} workers ${missing === 1 ? 'does' : 'do'} not run`;
    return { rank: 3, tone: 'bad', shape: 'triangle', words };
  }
  if (paused) return { rank: 2, tone: 'warn', shape: 'bars', words: 'crons are held back' };
  if (jobsEnabled === 0) return { rank: 1, tone: 'still', shape: 'ring', words: 'no job is enabled' };
  return { rank: 1, tone: 'good', shape: 'dot', words: 'all runs' };
}

/** Trouble first, then by name. */
export const troubleFirst = (environments: readonly Environment[]): Environment[] =>
  [...environments].sort((a, b) => {
    const [rankA, rankB] = [healthOf(a).rank, healthOf(b).rank];
    return (rankB > 1 ? rankB : 0) - (rankA > 1 ? rankA : 0) || a.name.localeCompare(b.name);
  });
