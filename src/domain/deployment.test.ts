import { describe, expect, it, test } from 'vitest';
import {
  afterCrash,
  type Deployment,
  type DeploymentEvent,
  deploymentStates,
  deploymentStep,
  isOver,
  newDeployment,
} from './deployment.ts';

const pushed: Deployment = newDeployment({
  id: 'd1',
  environment: 'shop',
  trigger: 'git',
  commit: 'c0ffee',
  branch: 'main',
  askedBy: 'ada',
  startedAt: 1,
  reason: null,
});

/** The deployment after these events, each a second after the one before. */
const after = (...events: DeploymentEvent[]): Deployment =>
  events.reduce((deployment, event, index) => deploymentStep(deployment, event, (index + 2) * 1000), pushed);

const allEvents: readonly DeploymentEvent[] = [
  'turn',
  'checked',
  'lay',
  'laid',
  'stay',
  'restarted',
  'fail',
  'undone',
];

describe('a deployment', () => {
  it('of a push that goes well passes every step once', () => {
    const done = after('turn', 'checked', 'lay', 'laid', 'stay', 'restarted');
    expect(done).toMatchObject({ state: 'done', outcome: 'ok', endedAt: 7000, reason: null });
    expect(done.steps.map((step) => step.state)).toEqual([
      'queued',
      'received',
      'checked',
      'laying',
      'commands',
      'restarting',
    ]);
    expect(done.steps.every((step) => step.endedAt !== null)).toBe(true);
  });

  it('of code that came another way goes from its turn to the restart', () => {
    expect(after('turn', 'stay', 'restarted').state).toBe('done');
  });

  it.each(['queued', 'received', 'checked'] as const)('that fails while %s has changed nothing', (state) => {
    const events = { queued: [], received: ['turn'], checked: ['turn', 'checked'] } as const;
    const failed = deploymentStep(after(...events[state]), 'fail', 9, 'why');
    expect(failed).toMatchObject({ state: 'failed', outcome: 'failed', reason: 'why' });
  });

  it.each(['laid', 'lay'] as const)('that fails once the root is changed (%s) is undone', (last) => {
    const events: DeploymentEvent[] = ['turn', 'checked', 'lay'];
    const failed = deploymentStep(after(...events, ...(last === 'laid' ? [last] : [])), 'fail', 9, 'why');
    expect(failed).toMatchObject({ state: 'undoing', outcome: null, reason: 'why' });
    expect(deploymentStep(failed, 'undone', 10)).toMatchObject({ state: 'undone', reason: 'why' });
  });

  test('whose code stays can fail, and is never undone', () => {
    const failed = deploymentStep(after('turn', 'checked', 'lay', 'laid', 'stay'), 'fail', 9, 'why');
    expect(failed.state).toBe('failed');
  });
});

test('every walk through the table is finite, and its ends hear nothing any more', () => {
  const seen = new Set<string>();
  const walk = (deployment: Deployment, depth: number): void => {
    expect(depth).toBeLessThan(20);
    seen.add(deployment.state);
    const next = allEvents.flatMap((event) => {
      try {
        return [deploymentStep(deployment, event, depth)];
      } catch {
        return []; // the event can't come in this state
      }
    });
    if (isOver(deployment)) expect(next).toEqual([]);
    else expect(next.length).toBeGreaterThan(0);
    for (const each of next) if (each.state !== deployment.state) walk(each, depth + 1);
  };
  walk(pushed, 0);
  expect([...seen].sort()).toEqual([...deploymentStates].sort());
});

test('what a crash cuts short is undone exactly where the root may be a mixture', () => {
  const undone = deploymentStates.filter((state) => afterCrash[state] === 'undo');
  expect(undone).toEqual(['laying', 'commands', 'undoing']);
});
