/**
 * A deployment: a code update of an environment. What becomes of it is one table of states and events:
 *
 *     queued ─▶ received ─▶ checked ─▶ laying ─▶ commands ─▶ restarting ─▶ done
 *                  │           │          └────────┴─▶ undoing ─▶ undone      └─▶ failed (the code stays)
 *                  │           └─▶ failed (nothing was changed)
 *                  └─▶ restarting: code that came another way has nothing to lay
 *
 * `laying` and `commands` are the only states in which the root may hold anything but one whole tree, and from both there
 * are only two ways: forward to `restarting`, from which on the new code stays, or back by `undoing`.
 */
import { assert } from '../std/assert.ts';

export const deploymentStates = [
  'queued',
  'received',
  'checked',
  'laying',
  'commands',
  'undoing',
  'restarting',
  'done',
  'failed',
  'undone',
] as const;
export type DeploymentState = (typeof deploymentStates)[number];

export type DeploymentEvent =
  /** Nothing else is deployed now, and no remote command runs. */
  | 'turn'
  /** Tree and nightshift.yml are as they have to be, and all files lie ready beside the root. */
  | 'checked'
  /** From now on the root is changed. */
  | 'lay'
  | 'laid'
  /** The code that is in the root now stays. */
  | 'stay'
  | 'restarted'
  | 'fail'
  | 'undone';

/** One part of a deployment's life, as people see it. */
export interface DeploymentStep {
  readonly state: DeploymentState;
  /** Wall times, ms. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** What it waited for, or did, in a few words. */
  readonly detail: string | null;
}

export interface Deployment {
  readonly id: string;
  readonly environment: string;
  readonly trigger: 'cli' | 'hook' | 'git' | 'dashboard';
  /** The commit that is in the root when it is done; of code that came another way, the one that was there before, if any. */
  readonly commit: string | null;
  /** The branch that was pushed; null for code that came another way. */
  readonly branch: string | null;
  readonly askedBy: string | null;
  readonly state: DeploymentState;
  /** In the order in which it passed them; one that goes on has no end. */
  readonly steps: readonly DeploymentStep[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: 'ok' | 'failed' | null;
  /** Why it failed, what it waits for, or for what it had to wait once it had its turn; in a sentence. */
  readonly reason: string | null;
}

/** Null: this event can't come in this state. */
type Row = Readonly<Record<DeploymentEvent, DeploymentState | null>>;
const none: Row = {
  turn: null,
  checked: null,
  lay: null,
  laid: null,
  stay: null,
  restarted: null,
  fail: null,
  undone: null,
};

const table = {
  queued: { ...none, turn: 'received', fail: 'failed' },
  received: { ...none, checked: 'checked', stay: 'restarting', fail: 'failed' },
  checked: { ...none, lay: 'laying', fail: 'failed' },
  laying: { ...none, laid: 'commands', fail: 'undoing' },
  commands: { ...none, stay: 'restarting', fail: 'undoing' },
  undoing: { ...none, undone: 'undone', fail: 'undoing' },
  restarting: { ...none, restarted: 'done', fail: 'failed' },
  done: none,
  failed: none,
  undone: none,
} as const satisfies Record<DeploymentState, Row>;

const ends: ReadonlySet<DeploymentState> = new Set(['done', 'failed', 'undone']);

/** Nothing will happen to it any more. */
export const isOver = (deployment: Pick<Deployment, 'state'>): boolean => ends.has(deployment.state);

/** Its commit is in the root, and nothing takes it away but the next deployment. */
export const codeStays = ({ steps }: Pick<Deployment, 'steps'>): boolean =>
  steps.some((step) => step.state === 'restarting');

/** What the next start has to do about a deployment that the daemon's end has cut short. */
export const afterCrash = {
  queued: 'give-up',
  received: 'give-up',
  checked: 'give-up',
  laying: 'undo',
  commands: 'undo',
  undoing: 'undo',
  restarting: 'finish',
  done: 'nothing',
  failed: 'nothing',
  undone: 'nothing',
} as const satisfies Record<DeploymentState, 'give-up' | 'undo' | 'finish' | 'nothing'>;

export type NewDeployment = Pick<
  Deployment,
  'id' | 'environment' | 'trigger' | 'commit' | 'branch' | 'askedBy' | 'startedAt' | 'reason'
>;

export const newDeployment = (known: NewDeployment): Deployment => ({
  ...known,
  state: 'queued',
  steps: [{ state: 'queued', startedAt: known.startedAt, endedAt: null, detail: known.reason }],
  endedAt: null,
  outcome: null,
});

/**
 * The deployment after an event.
 * @param now wall time, ms
 * @param said with `fail` the reason; else what the new step is about. Left out, an earlier reason stays, but for what it waited for before its turn.
 */
export function deploymentStep(
  deployment: Deployment,
  event: DeploymentEvent,
  now: number,
  said: string | null = null,
): Deployment {
  const state: DeploymentState | null = (table[deployment.state] as Row)[event];
  assert(state !== null, `a deployment that is ${deployment.state} can't hear "${event}"`);
  const over = ends.has(state);
  const ended = deployment.steps.map((step) => (step.endedAt === null ? { ...step, endedAt: now } : step));
  const detail = event === 'fail' ? null : said;
  return {
    ...deployment,
    state,
    steps: over ? ended : [...ended, { state, startedAt: now, endedAt: null, detail }],
    endedAt: over ? now : null,
    outcome: over ? (state === 'done' ? 'ok' : 'failed') : null,
    // With its turn it waits for nothing any more.
    reason: event === 'turn' ? null : event === 'fail' && said !== null ? said : deployment.reason,
  };
}
