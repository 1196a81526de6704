/**
 * The life of one instance of a worker: states, events, and the one table that says what follows.
 *
 *            start                 started                 stop, restart
 *   idle ───────────▶ starting ───────────────▶ running ───────────────▶ stopping
 *    ▲                 │   ▲ │                     │                        │
 *    │            stop │   │ │ start-failed        │ exited                 │ exited
 *    │                 ▼   │ ▼                     ▼                        │
 *    │         cancelling  └──── backing-off ◀── (quick end)                │
 *    └─────────────┴─────────────────── next === null ──────────────────────┘
 *
 * Pure: time and randomness come in with the context, and what is to be done goes out as effects.
 * An instance has one run at most. A run never goes backwards: a restart is a new run that names its predecessor.
 * Times are monotonic milliseconds.
 */
import type { EndRequest, Trigger } from '../domain/run.ts';
import { backoffMs } from '../std/backoff.ts';

/** How the run before ended, as far as the next decision and the dashboard need it. */
export interface Ending {
  readonly runId: string;
  readonly ok: boolean;
  /** Such as `exit code 255`. */
  readonly sentence: string;
}

interface Remembered {
  /** How many quick ends there were in a row; 0 after a healthy run. */
  readonly attempt: number;
  readonly last: Ending | null;
}

export type InstanceState =
  | ({ readonly kind: 'idle' } & Remembered)
  | ({ readonly kind: 'starting'; readonly runId: string; readonly since: number } & Remembered)
  | ({ readonly kind: 'running'; readonly runId: string; readonly since: number } & Remembered)
  /** A stop came before the start was through: the run is asked to end as soon as it can be. */
  | ({
      readonly kind: 'cancelling';
      readonly runId: string;
      readonly request: EndRequest;
      readonly next: Trigger | null;
    } & Remembered)
  | ({
      readonly kind: 'stopping';
      readonly runId: string;
      readonly request: EndRequest;
      /** When KILL is due; after the first KILL, when it is tried again. */
      readonly killAt: number;
      readonly kills: number;
      /** Why to start anew after the end; null to stay idle. */
      readonly next: Trigger | null;
    } & Remembered)
  | ({ readonly kind: 'backing-off'; readonly until: number; readonly trigger: Trigger } & Remembered);

export type InstanceEvent =
  | { readonly kind: 'start'; readonly trigger: Trigger }
  | { readonly kind: 'stop'; readonly request: EndRequest }
  | { readonly kind: 'restart'; readonly trigger: Trigger; readonly request: EndRequest }
  | { readonly kind: 'started'; readonly runId: string }
  | { readonly kind: 'start-failed'; readonly runId: string; readonly sentence: string }
  | { readonly kind: 'exited'; readonly runId: string; readonly ok: boolean; readonly sentence: string }
  /** A run of an earlier daemon goes on. `since` lies in the past; `request` when it had been asked to end. */
  | {
      readonly kind: 'adopted';
      readonly runId: string;
      readonly since: number;
      readonly request: EndRequest | null;
    }
  | { readonly kind: 'timer' };

export type InstanceEffect =
  | {
      readonly kind: 'start';
      readonly runId: string;
      readonly trigger: Trigger;
      readonly predecessor: string | null;
    }
  /** Remember the request, then send the exit signal. */
  | { readonly kind: 'ask-to-end'; readonly runId: string; readonly request: EndRequest }
  | { readonly kind: 'kill'; readonly runId: string };

export interface Policy {
  readonly exitTimeoutMs: number;
}

/** A worker that ran at least so long is restarted at once. */
export const healthyAfterMs = 10_000;
/** KILL is sent again after so long, should something survive it (a process in uninterruptible sleep). */
export const killAgainMs = 10_000;

export interface Context {
  readonly now: number;
  readonly policy: Policy;
  /** Draws a fresh run id. */
  readonly newRunId: () => string;
  /** Draws from -1 to 1. */
  readonly jitter: () => number;
}

export interface Step {
  readonly state: InstanceState;
  readonly effects: readonly InstanceEffect[];
}

type StateKind = InstanceState['kind'];
type EventKind = InstanceEvent['kind'];
type State<K extends StateKind> = Extract<InstanceState, { kind: K }>;
type Event<K extends EventKind> = Extract<InstanceEvent, { kind: K }>;
type Cell<S extends StateKind, E extends EventKind> = (
  state: State<S>,
  event: Event<E>,
  context: Context,
) => Step;
type Table = { readonly [S in StateKind]: { readonly [E in EventKind]: Cell<S, E> } };

export const idle: InstanceState = { kind: 'idle', attempt: 0, last: null };

const stay = (state: InstanceState): Step => ({ state, effects: [] });

/** A cell in which nothing happens, with the reason why that is right. */
const ignore = (_reason: string) => (state: InstanceState) => stay(state);

const remembered = (state: InstanceState): Remembered => ({ attempt: state.attempt, last: state.last });

/** Begins a new run. A start that people or deployments ask for forgets the quick ends before it. */
function begin(memory: Remembered, trigger: Trigger, { now, newRunId }: Context): Step {
  const runId = newRunId();
  const afresh = trigger !== 'failure' && trigger !== 'exit';
  return {
    state: { kind: 'starting', runId, since: now, attempt: afresh ? 0 : memory.attempt, last: memory.last },
    effects: [{ kind: 'start', runId, trigger, predecessor: memory.last?.runId ?? null }],
  };
}

function askToEnd(
  memory: Remembered,
  runId: string,
  request: EndRequest,
  next: Trigger | null,
  context: Context,
): Step {
  return {
    state: {
      kind: 'stopping',
      runId,
      request,
      killAt: context.now + context.policy.exitTimeoutMs,
      kills: 0,
      next,
      ...memory,
    },
    effects: [{ kind: 'ask-to-end', runId, request }],
  };
}

/** What follows an end that nobody asked for: at once after a healthy run, else after a growing wait. */
function afterEnd(memory: Remembered, ending: Ending, ranMs: number, context: Context): Step {
  const trigger: Trigger = ending.ok ? 'exit' : 'failure';
  if (ranMs >= healthyAfterMs) return begin({ attempt: 0, last: ending }, trigger, context);
  const attempt = memory.attempt + 1;
  const until = context.now + backoffMs(attempt, context.jitter());
  return stay({ kind: 'backing-off', until, trigger, attempt, last: ending });
}

/** What follows an end that was asked for. */
function afterRequestedEnd(memory: Remembered, ending: Ending, next: Trigger | null, context: Context): Step {
  if (next !== null) return begin({ ...memory, last: ending }, next, context);
  return stay({ kind: 'idle', attempt: 0, last: ending });
}

const endingOf = (event: { runId: string; sentence: string; ok?: boolean }): Ending => ({
  runId: event.runId,
  ok: event.ok ?? false,
  sentence: event.sentence,
});

const adopt: Cell<'idle', 'adopted'> = (state, { runId, since, request }, context) => {
  const running: InstanceState = { kind: 'running', runId, since, ...remembered(state) };
  if (request === null) return stay(running);
  // The daemon died while the run was stopping. The exit timeout begins anew; a restart comes from the wish.
  return askToEnd(remembered(state), runId, request, null, context);
};

const noRun = 'there is no run that this could be about';
const table: Table = {
  idle: {
    start: (state, { trigger }, context) => begin(remembered(state), trigger, context),
    stop: ignore('nothing runs'),
    restart: ignore('nothing runs, and a restart does not enable'),
    started: ignore(noRun),
    'start-failed': ignore(noRun),
    exited: ignore(noRun),
    adopted: adopt,
    timer: ignore('idle waits for nothing'),
  },
  starting: {
    start: ignore('it is on its way'),
    stop: (state, { request }) =>
      stay({ kind: 'cancelling', runId: state.runId, request, next: null, ...remembered(state) }),
    restart: (state, { trigger, request }) =>
      stay({ kind: 'cancelling', runId: state.runId, request, next: trigger, ...remembered(state) }),
    started: (state, _event, { now }) =>
      stay({ kind: 'running', runId: state.runId, since: now, ...remembered(state) }),
    'start-failed': (state, event, context) => afterEnd(remembered(state), endingOf(event), 0, context),
    exited: (state, event, context) => afterEnd(remembered(state), endingOf(event), 0, context),
    adopted: ignore('runs are adopted before any is started'),
    timer: ignore('the runtime bounds its own calls'),
  },
  running: {
    start: ignore('it runs'),
    stop: (state, { request }, context) => askToEnd(remembered(state), state.runId, request, null, context),
    restart: (state, { trigger, request }, context) =>
      askToEnd(remembered(state), state.runId, request, trigger, context),
    started: ignore('it was told before'),
    'start-failed': ignore('it runs, so its start did not fail'),
    exited: (state, event, context) =>
      afterEnd(remembered(state), endingOf(event), context.now - state.since, context),
    adopted: ignore('runs are adopted before any is started'),
    timer: ignore('a healthy run waits for nothing'),
  },
  cancelling: {
    // What it is to begin anew for, if there is anything already, stays the reason.
    start: (state, { trigger }) => stay({ ...state, next: state.next ?? trigger }),
    stop: (state, { request }) => stay({ ...state, request, next: null }),
    restart: (state, { trigger }) => stay({ ...state, next: trigger }),
    started: (state, _event, context) =>
      askToEnd(remembered(state), state.runId, state.request, state.next, context),
    'start-failed': (state, event, context) =>
      afterRequestedEnd(remembered(state), endingOf(event), state.next, context),
    exited: (state, event, context) =>
      afterRequestedEnd(remembered(state), endingOf(event), state.next, context),
    adopted: ignore('runs are adopted before any is started'),
    timer: ignore('the runtime bounds its own calls'),
  },
  stopping: {
    start: (state, { trigger }) => stay({ ...state, next: state.next ?? trigger }),
    stop: (state) => stay({ ...state, next: null }),
    restart: (state, { trigger }) => stay({ ...state, next: trigger }),
    started: ignore('it was told before'),
    'start-failed': ignore('it runs, so its start did not fail'),
    exited: (state, event, context) =>
      afterRequestedEnd(remembered(state), endingOf(event), state.next, context),
    adopted: ignore('runs are adopted before any is started'),
    timer: (state, _event, { now }) =>
      now < state.killAt
        ? stay(state)
        : {
            state: { ...state, kills: state.kills + 1, killAt: now + killAgainMs },
            effects: [{ kind: 'kill', runId: state.runId }],
          },
  },
  'backing-off': {
    start: (state, { trigger }, context) => begin(remembered(state), trigger, context),
    stop: (state) => stay({ kind: 'idle', attempt: 0, last: state.last }),
    restart: (state, { trigger }, context) => begin(remembered(state), trigger, context),
    started: ignore(noRun),
    'start-failed': ignore(noRun),
    exited: ignore(noRun),
    adopted: ignore('runs are adopted before any is started'),
    timer: (state, _event, context) =>
      context.now < state.until ? stay(state) : begin(remembered(state), state.trigger, context),
  },
};

/** The run that an instance has now, if any. */
export function runOf(state: InstanceState): string | null {
  return 'runId' in state ? state.runId : null;
}

/** When the instance wants a `timer` event; null when it waits for nothing but the world. */
export function deadlineOf(state: InstanceState): number | null {
  if (state.kind === 'stopping') return state.killAt;
  if (state.kind === 'backing-off') return state.until;
  return null;
}

/** The next state and what is to be done. Reports about another run than the instance's own change nothing. */
export function step(state: InstanceState, event: InstanceEvent, context: Context): Step {
  if (event.kind !== 'adopted' && 'runId' in event && event.runId !== runOf(state)) return stay(state);
  const cell = table[state.kind][event.kind] as (s: InstanceState, e: InstanceEvent, c: Context) => Step;
  return cell(state, event, context);
}
