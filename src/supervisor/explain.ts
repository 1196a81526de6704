/** What people see of a worker: one state with its reason in a sentence, from the rows of all its instances. */
import type { ObservedState } from '../domain/observed.ts';
import { formatDuration } from '../domain/units.ts';
import { unreachable } from '../std/assert.ts';
import { healthyAfterMs, type InstanceState } from './instance.ts';
import type { Row, WorkerState } from './worker.ts';

/** After so many quick ends in a row it is called a crash loop. It is tried on for ever all the same. */
export const crashLoopAttempts = 5;

export interface Explained {
  readonly state: ObservedState;
  readonly reason: string;
}

/**
 * @param now monotonic ms, as the rows have them
 * @param toWall turns monotonic ms into wall time
 * @param notWished why the worker is not to run, when it is not
 */
export function explain(
  worker: WorkerState,
  now: number,
  toWall: (monotonic: number) => number,
  notWished: { readonly state: ObservedState; readonly reason: string },
): Explained {
  const worst = [...worker.rows].sort((a, b) => rank(b) - rank(a))[0];
  if (worst === undefined) {
    return worker.wish.run
      ? { state: { kind: 'starting', since: toWall(now) }, reason: 'about to start' }
      : notWished;
  }
  const told = explainInstance(worst.instance, now, toWall);
  if (worker.wish.instances <= 1 || !worker.wish.run) return told;
  const running = worker.rows.filter((row) => row.instance.kind === 'running').length;
  return { ...told, reason: `${running} of ${worker.wish.instances} instances run; ${told.reason}` };
}

const ranks: Record<InstanceState['kind'], number> = {
  idle: 0,
  running: 1,
  starting: 2,
  cancelling: 3,
  stopping: 4,
  'backing-off': 5,
};

const rank = (row: Row): number => ranks[row.instance.kind] + row.instance.attempt / 1_000_000;

function explainInstance(
  state: InstanceState,
  now: number,
  toWall: (monotonic: number) => number,
): Explained {
  const before = state.last === null ? '' : `, after ${state.last.sentence}`;
  switch (state.kind) {
    case 'idle':
      return {
        state: { kind: 'stopped' },
        reason: state.last === null ? 'not started yet' : state.last.sentence,
      };
    case 'starting':
      return { state: { kind: 'starting', since: toWall(state.since) }, reason: `starting${before}` };
    case 'running': {
      const young = state.attempt > 0 && now - state.since < healthyAfterMs;
      return {
        state: { kind: 'running', since: toWall(state.since) },
        reason: young
          ? `running for ${seconds(now - state.since)}${before} (quick end ${state.attempt} in a row)`
          : `running for ${seconds(now - state.since)}`,
      };
    }
    case 'cancelling':
      return {
        state: { kind: 'stopping', killAt: toWall(now) },
        reason: 'asked to end while it was starting',
      };
    case 'stopping':
      return {
        state: { kind: 'stopping', killAt: toWall(state.killAt) },
        reason:
          state.kills === 0
            ? `asked to end, KILL in ${seconds(state.killAt - now)}`
            : 'KILL was sent, and something of it is still there',
      };
    case 'backing-off': {
      const loop = state.attempt >= crashLoopAttempts;
      const again = `again in ${seconds(state.until - now)}`;
      const why = state.last?.sentence ?? 'it ended';
      return {
        state: {
          kind: loop ? 'crash-loop' : 'backing-off',
          until: toWall(state.until),
          attempt: state.attempt,
        },
        reason: `${why}, ${state.attempt === 1 ? 'soon after its start' : `${state.attempt} times in a row`}; ${again}`,
      };
    }
    default:
      return unreachable(state);
  }
}

const seconds = (ms: number): string => formatDuration(Math.max(0, Math.round(ms / 1000)));
