/** Random sequences of use cases, some at the same moment, with a platform that fails now and then: what must hold all the time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { enabledPlaces, type Job } from '../domain/job.ts';
import { defaultPlans } from '../domain/plan.ts';
import type { NewJob } from './control.ts';
import { makeWorld, noWait, operator, type World } from './world.testkit.ts';

type Step =
  | { readonly do: 'create' | 'remove' | 'trial' | 'unbook'; readonly environment: string }
  | { readonly do: 'book'; readonly environment: string; readonly plan: string }
  | { readonly do: 'add'; readonly environment: string; readonly job: NewJob }
  | {
      readonly do: 'edit' | 'start' | 'stop' | 'drop';
      readonly environment: string;
      readonly name: string;
      readonly instances: number;
    }
  | { readonly do: 'variables'; readonly environment: string; readonly value: string | null }
  | { readonly do: 'platform'; readonly fails: boolean };

const environment = fc.constantFrom('shop', 'blog');
const name = fc.constantFrom('a', 'b', 'c');
const instances = fc.integer({ min: 0, max: 3 });
const job = fc.record({ name, instances, status: fc.constantFrom('enabled' as const, 'disabled' as const) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('create' as const), environment }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('remove' as const, 'trial' as const, 'unbook' as const),
      environment,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('book' as const),
      environment,
      plan: fc.constantFrom('XS', 'S', 'M', 'nope'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      environment,
      job: job.map((each): NewJob => ({ type: 'worker', command: 'x', ...each })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      environment,
      job: name.map((each): NewJob => ({ name: each, type: 'cron', command: 'x', interval: '1h' })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('edit' as const, 'start' as const, 'stop' as const, 'drop' as const),
      environment,
      name,
      instances,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('variables' as const),
      environment,
      value: fc.constantFrom('1', '2', null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('platform' as const), fails: fc.boolean() }) },
);

function act({ control, platform }: World, given: Step): Promise<unknown> {
  switch (given.do) {
    case 'create':
      return control.createEnvironment(operator, {
        name: given.environment,
        root: `/srv/${given.environment}`,
      });
    case 'remove':
      return control.removeEnvironment(operator, given.environment);
    case 'trial':
      return control.setTrial(operator, given.environment, true);
    case 'book':
      return control.book(operator, given.environment, given.plan, { wait: false, force: false });
    case 'unbook':
      return control.unbook(operator, given.environment, noWait);
    case 'add':
      return control.addJob(operator, given.environment, given.job, noWait);
    case 'edit':
      return control.editJob(operator, given.environment, given.name, { instances: given.instances }, noWait);
    case 'start':
      return control.startJob(operator, given.environment, given.name, noWait);
    case 'stop':
      return control.stopJob(operator, given.environment, given.name, noWait);
    case 'drop':
      return control.removeJob(operator, given.environment, given.name);
    case 'variables':
      return control.setVariables(operator, given.environment, { A: given.value }, noWait);
    case 'platform':
      platform.fail('apply', given.fails ? 'no answer' : null);
      return Promise.resolve();
  }
}

/** Where every sequence begins: two environments with two places each. */
const begin: readonly Step[] = ['shop', 'blog'].flatMap((each): Step[] => [
  { do: 'create', environment: each },
  { do: 'book', environment: each, plan: 'S' },
]);

async function checkInvariants(world: World, versions: Map<string, Job>): Promise<void> {
  const environments = await world.store.environments();
  const jobs = await world.store.jobs();
  for (const { name: environment, plan, trial } of environments) {
    const own = jobs.filter((each) => each.environment === environment);
    expect(new Set(own.map((each) => each.name)).size).toBe(own.length);
    if (plan !== null) {
      expect(trial).toBe(false);
      const places = defaultPlans.find((each) => each.name === plan)?.jobs;
      expect(enabledPlaces(own)).toBeLessThanOrEqual(places ?? -1);
    }
  }
  expect(jobs.every((each) => environments.some(({ name }) => name === each.environment))).toBe(true);
  for (const each of jobs) {
    const before = versions.get(`${each.environment}/${each.name}`);
    // A job with the same version is the same job: nothing of it changes unseen.
    if (before?.createdAt === each.createdAt) {
      expect(each.version).toBeGreaterThanOrEqual(before.version);
      if (each.version === before.version) expect(each).toEqual(before);
    }
    versions.set(`${each.environment}/${each.name}`, each);
  }
}

/** What the platform was told is what the store holds, but for what waits to be told again. */
async function checkWishes(world: World): Promise<void> {
  world.platform.fail('apply', null);
  for (let waited = 0; world.clock.waiting > 0 && waited < 100; waited++)
    await world.clock.advanceAsync(60_000);
  await expect.poll(() => world.clock.waiting).toBe(0);
  const environments = await world.store.environments();
  expect([...world.platform.wishes.keys()].sort()).toEqual(environments.map((each) => each.name));
  for (const environment of environments) {
    const wish = world.platform.wishes.get(environment.name);
    expect(wish?.environment).toEqual(environment);
    expect(wish?.plan?.name ?? null).toBe(environment.plan);
    expect(wish?.jobs).toEqual(await world.store.jobs(environment.name));
    expect(wish?.variables).toEqual(await world.store.variables(environment.name));
  }
}

describe('whatever is asked, in whatever order', () => {
  it('plans hold, names are unique, versions grow, and the platform is told what the store holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 20 }),
        async (rounds) => {
          const world = await makeWorld();
          try {
            const versions = new Map<string, Job>();
            for (const given of begin) await act(world, given);
            for (const together of rounds) {
              world.clock.advance(1);
              const done = await Promise.allSettled(together.map((each) => act(world, each)));
              for (const each of done)
                if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(Refusal);
              await checkInvariants(world, versions);
            }
            await checkWishes(world);
          } finally {
            world.control.close();
            await world.dispose();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
