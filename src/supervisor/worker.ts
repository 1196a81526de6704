/**
 * All instances of one worker: how many there are to be, what they were started with, and how a restart hands over.
 * Wished and observed are kept apart: users write `wish`, reports about runs write the rows. Pure, like the table
 * in `instance.ts` that it drives.
 */
import type { Handover } from '../domain/job.ts';
import type { EndRequest, Trigger } from '../domain/run.ts';
import {
  type Context,
  deadlineOf,
  type InstanceEffect,
  type InstanceEvent,
  type InstanceState,
  idle,
  runOf,
  step,
} from './instance.ts';

export interface WorkerWish {
  /** Enabled, booked and not held back. */
  readonly run: boolean;
  readonly instances: number;
  readonly handover: Handover;
  /** Digest of what runs are started with: a run with another one is replaced. */
  readonly settings: string;
}

/** One instance; during a start-first handover two rows share an index, and the older one is superseded. */
export interface Row {
  readonly index: number;
  readonly instance: InstanceState;
  /** What its run was started with. */
  readonly settings: string;
  /** Leaves as soon as its successor runs, and is never restarted. */
  readonly superseded: EndRequest | null;
}

export interface WorkerState {
  readonly wish: WorkerWish;
  readonly rows: readonly Row[];
}

export type WorkerEvent =
  | { readonly kind: 'wish'; readonly wish: WorkerWish; readonly request: EndRequest }
  | {
      readonly kind: 'restart';
      readonly trigger: Trigger;
      readonly request: EndRequest;
    }
  /** A report about a run: `started`, `start-failed` or `exited`. */
  | {
      readonly kind: 'report';
      readonly report: Extract<InstanceEvent, { kind: 'started' | 'start-failed' | 'exited' }>;
    }
  | {
      readonly kind: 'adopted';
      readonly index: number;
      readonly settings: string;
      readonly run: Extract<InstanceEvent, { kind: 'adopted' }>;
    }
  | { readonly kind: 'timer' };

export type WorkerEffect = InstanceEffect & { readonly index: number };

export interface WorkerStep {
  readonly state: WorkerState;
  readonly effects: readonly WorkerEffect[];
}

export const noWish: WorkerWish = { run: false, instances: 0, handover: 'stop-first', settings: '' };
export const noWorker: WorkerState = { wish: noWish, rows: [] };

/** The next state of a worker and what is to be done. */
export function workerStep(state: WorkerState, event: WorkerEvent, context: Context): WorkerStep {
  switch (event.kind) {
    case 'wish':
      return pursue({ ...state, wish: event.wish }, event.request, context);
    case 'restart':
      return state.wish.run ? restartRows(state, event, context, () => true) : { state, effects: [] };
    case 'report':
      return report(state, event.report, context);
    case 'adopted':
      return adopt(state, event, context);
    case 'timer':
      return each(state, context, (row) => {
        const deadline = deadlineOf(row.instance);
        return deadline !== null && deadline <= context.now ? { kind: 'timer' } : null;
      });
  }
}

/** Brings the rows to the wish: missing ones begin, superfluous ones leave, outdated ones are replaced. */
function pursue(state: WorkerState, request: EndRequest, context: Context): WorkerStep {
  const { wish } = state;
  const rows = [...state.rows];
  for (let index = 0; wish.run && index < wish.instances; index++) {
    if (!rows.some((row) => row.index === index && row.superseded === null)) {
      rows.push({ index, instance: idle, settings: wish.settings, superseded: null });
    }
  }
  const wanted = (row: Row): boolean => wish.run && row.index < wish.instances && row.superseded === null;
  const moved = each({ wish, rows }, context, (row) => {
    if (wanted(row)) return { kind: 'start', trigger: 'start' };
    const waitsForSuccessor = row.superseded !== null && wish.run && row.index < wish.instances;
    return waitsForSuccessor ? null : { kind: 'stop', request };
  });
  const outdated = (row: Row): boolean => wanted(row) && row.settings !== wish.settings;
  if (!moved.state.rows.some(outdated)) return moved;
  const replaced = restartRows(moved.state, { trigger: 'settings', request: 'settings' }, context, outdated);
  return { state: replaced.state, effects: [...moved.effects, ...replaced.effects] };
}

function restartRows(
  state: WorkerState,
  how: { readonly trigger: Trigger; readonly request: EndRequest },
  context: Context,
  chosen: (row: Row) => boolean,
): WorkerStep {
  // One that leaves because there are to be fewer must not be revived by a restart.
  const concerned = (row: Row): boolean =>
    row.superseded === null && row.index < state.wish.instances && chosen(row);
  const startFirst = state.wish.handover === 'start-first';
  const handsOver = (row: Row): boolean => startFirst && row.instance.kind === 'running' && concerned(row);
  const successors = state.rows
    .filter(handsOver)
    .map(
      (row): Row => ({ index: row.index, instance: idle, settings: state.wish.settings, superseded: null }),
    );
  const leaving = state.rows.map((row) => (handsOver(row) ? { ...row, superseded: how.request } : row));
  return each({ ...state, rows: [...leaving, ...successors] }, context, (row) => {
    if (successors.includes(row)) return { kind: 'start', trigger: how.trigger };
    return concerned(row) ? { kind: 'restart', ...how } : null;
  });
}

function report(
  state: WorkerState,
  event: Extract<WorkerEvent, { kind: 'report' }>['report'],
  context: Context,
): WorkerStep {
  const concerned = (row: Row): boolean => runOf(row.instance) === event.runId;
  const ended = event.kind !== 'started';
  const rows = state.rows.filter((row) => !(ended && row.superseded !== null && concerned(row)));
  const told = each({ ...state, rows }, context, (row) => (concerned(row) ? event : null));
  if (event.kind !== 'started') return told;
  // Its successor runs: now the old one may leave.
  const index = told.state.rows.find(
    (row) => concerned(row) && row.superseded === null && row.instance.kind === 'running',
  )?.index;
  const left = each(told.state, context, (row) =>
    row.index === index && row.superseded !== null ? { kind: 'stop', request: row.superseded } : null,
  );
  return { state: left.state, effects: [...told.effects, ...left.effects] };
}

function adopt(
  state: WorkerState,
  event: Extract<WorkerEvent, { kind: 'adopted' }>,
  context: Context,
): WorkerStep {
  // Two runs of one index are an interrupted handover: the first adopted one (the newest) stays.
  const taken = state.rows.some((row) => row.index === event.index && row.superseded === null);
  const fresh: Row = { index: event.index, instance: idle, settings: event.settings, superseded: null };
  const adopted = step(fresh.instance, event.run, context);
  if (!taken) return settle({ ...state, rows: [...state.rows, fresh] }, fresh, adopted);
  const asked = step(adopted.state, { kind: 'stop', request: 'deploy' }, context);
  const row: Row = { ...fresh, superseded: 'deploy' };
  return settle({ ...state, rows: [...state.rows, row] }, row, {
    state: asked.state,
    effects: [...adopted.effects, ...asked.effects],
  });
}

function settle(
  state: WorkerState,
  row: Row,
  next: { readonly state: InstanceState; readonly effects: readonly InstanceEffect[] },
): WorkerStep {
  return {
    state: {
      ...state,
      rows: state.rows.map((each) => (each === row ? { ...row, instance: next.state } : each)),
    },
    effects: next.effects.map((effect) => ({ ...effect, index: row.index })),
  };
}

/** Gives each row its event (null: none), and forgets rows that are idle and not wished for. */
function each(state: WorkerState, context: Context, eventOf: (row: Row) => InstanceEvent | null): WorkerStep {
  const effects: WorkerEffect[] = [];
  const rows = state.rows.map((row): Row => {
    const event = eventOf(row);
    if (event === null) return row;
    const next = step(row.instance, event, context);
    for (const effect of next.effects) effects.push({ ...effect, index: row.index });
    const begun = next.effects.some((effect) => effect.kind === 'start');
    return { ...row, instance: next.state, settings: begun ? state.wish.settings : row.settings };
  });
  const kept = rows.filter(
    (row) =>
      row.instance.kind !== 'idle' ||
      (state.wish.run && row.index < state.wish.instances && row.superseded === null),
  );
  return { state: { ...state, rows: kept }, effects };
}

/** When the worker wants a `timer` event; null when it waits for nothing but the world. */
export function nextDeadline(state: WorkerState): number | null {
  const deadlines = state.rows.map((row) => deadlineOf(row.instance)).filter((at) => at !== null);
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}

/** The runs that a worker has now. */
export const openRunsOf = (state: WorkerState): string[] =>
  state.rows.map((row) => runOf(row.instance)).filter((runId) => runId !== null);

/** What is observed is what is wished: nothing is on its way. A worker that backs off has been tried. */
export function isSettled(state: WorkerState): boolean {
  if (!state.wish.run) return state.rows.length === 0;
  const here = state.rows.filter(
    (row) => row.instance.kind === 'running' || row.instance.kind === 'backing-off',
  );
  return (
    here.length === state.rows.length &&
    here.length === state.wish.instances &&
    here.every((row) => row.settings === state.wish.settings && row.superseded === null)
  );
}
