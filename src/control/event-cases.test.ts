import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import type { Actor, Told } from './control.ts';
import { endedOf } from './recording-platform.testkit.ts';
import { makeWorld, member, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.dispose());

/** What was told after a place until now, once as many as are wanted have come. */
async function toldAfter(after: string, wanted: number, actor: Actor = operator): Promise<Told[]> {
  const leaving = new AbortController();
  const found: Told[] = [];
  const read = async (): Promise<void> => {
    for await (const batch of world.control.events(actor, { after }, leaving.signal)) {
      found.push(...batch.events.map((each) => each.told));
      if (found.length >= wanted && place(world) === batch.lastId) return;
    }
  };
  await within(`${wanted} events`, read());
  leaving.abort();
  return found;
}

/** The place after all that was told so far. */
const place = ({ control }: World): string => control.lastEventId();

const inShort = (told: Told): string =>
  [
    told.kind,
    'change' in told ? told.change : '',
    'job' in told ? told.job : '',
    told.kind === 'activity' ? told.entry.act : '',
  ]
    .filter((word) => word !== '')
    .join(' ');

describe('changes are told', () => {
  test('when they are kept, whatever use case made them', async () => {
    const place = world.control.lastEventId();
    await withShop(world);
    await world.control.addJob(operator, 'shop', { name: 'mail', type: 'worker', command: 'x' }, noWait);
    await world.control.editJob(operator, 'shop', 'mail', { instances: 2 }, noWait);
    await world.control.setVariables(operator, 'shop', { A: '1' }, noWait);
    await world.control.resetStatistics(operator, 'shop');
    await world.control.removeJob(operator, 'shop', 'mail');
    await world.control.removeEnvironment(operator, 'shop');
    const told = await toldAfter(place, 16);
    expect(told.map(inShort)).toEqual([
      'environment created',
      'activity create environment',
      'environment changed',
      'activity book plan',
      'definition added mail',
      'activity add job',
      'definition changed mail',
      'activity edit job',
      'environment changed',
      'activity set variables',
      'statistics-reset',
      'activity reset statistics',
      'definition removed mail',
      'activity remove job',
      'activity remove environment',
      'environment removed',
    ]);
  });

  test('never when they could not be kept', async () => {
    await withShop(world);
    const place = world.control.lastEventId();
    world.failStore('addJob');
    await refused(
      'store.unavailable',
      world.control.addJob(operator, 'shop', { name: 'mail', type: 'worker', command: 'x' }, noWait),
    );
    expect(world.control.lastEventId()).toBe(place);
  });

  test('with the figures of the job after a run has ended', async () => {
    await withShop(world);
    const job = { name: 'mail', type: 'cron', command: 'x', interval: '1h' } as const;
    await world.control.addJob(operator, 'shop', job, noWait);
    const place = world.control.lastEventId();
    const run = world.platform.run('shop', 'mail');
    await world.store.addStatistics([{ environment: 'shop', job: 'mail', exitsOk: 1, durationSeconds: 2 }]);
    world.platform.onEvent({ kind: 'run-began', run });
    world.platform.onEvent({ kind: 'run-ended', run: endedOf(run) });
    const told = await toldAfter(place, 3);
    expect(told.map((each) => each.kind)).toEqual(['run-began', 'run-ended', 'statistics']);
    expect(told[2]).toMatchObject({ jobType: 'cron', statistics: { job: 'mail', exitsOk: 1 } });
  });

  test('with deployments and due times', async () => {
    await withShop(world);
    const place = world.control.lastEventId();
    await world.control.deploy(operator, 'shop', 'cli', { wait: true });
    world.platform.onEvent({
      kind: 'due-time',
      dueTime: { environment: 'shop', job: 'mail', dueAt: 1, fate: 'missed', run: null, reason: 'x' },
    });
    // A deployment is told at each of its steps.
    const kinds = (await toldAfter(place, 4)).map((each) => each.kind);
    expect(kinds.at(0)).toBe('deployment');
    expect(new Set(kinds)).toEqual(new Set(['deployment', 'activity', 'due-time']));
  });

  test('to members only of their own environments, by the words of one that does not exist', async () => {
    await withShop(world);
    const read = async () => {
      const query = { environment: 'shop' };
      for await (const _ of world.control.events(member('blog'), query, new AbortController().signal)) return;
    };
    await refused('environment.unknown', read());
  });

  test('with places that a later daemon knows not to be its own', async () => {
    await withShop(world);
    const place = world.control.lastEventId();
    world.clock.advance(1);
    const later = world.again();
    expect(later.control.lastEventId()).not.toBe(place);
  });
});
