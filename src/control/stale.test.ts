import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { environmentTag, jobTag } from '../domain/etag.ts';
import { makeWorld, member, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  const job = { name: 'mail', type: 'cron', command: 'x', interval: '1h' } as const;
  await world.control.addJob(operator, 'shop', job, noWait);
});
afterEach(() => world.dispose());

const tagOfJob = async () => jobTag((await world.control.job(operator, 'shop', 'mail')).job);
const tagOfShop = async () => environmentTag((await world.control.environment(operator, 'shop')).environment);

describe('two people who change one job', () => {
  test('do not overwrite each other: the second is told who it was and when', async () => {
    const ifMatch = await tagOfJob();
    await world.control.editJob(member('shop'), 'shop', 'mail', { command: 'a' }, { wait: false, ifMatch });
    const edit = world.control.editJob(operator, 'shop', 'mail', { command: 'b' }, { wait: false, ifMatch });
    const { message } = await refused('job.stale', edit);
    expect(message).toBe(
      'the job "mail" was changed by ada at 2026-01-14T12:00:00Z since you read it: read it again, and make your change to what it is now',
    );
    expect((await world.control.job(operator, 'shop', 'mail')).job.command).toBe('a');
  });

  test('at the same moment change it once', async () => {
    const ifMatch = await tagOfJob();
    const edits = ['a', 'b', 'c'].map((command) =>
      world.control.editJob(operator, 'shop', 'mail', { command }, { wait: false, ifMatch }),
    );
    const settled = await Promise.allSettled(edits);
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  test.each([
    ['remove', () => world.control.removeJob(operator, 'shop', 'mail', { ifMatch: 'old' })],
    ['start', () => world.control.startJob(operator, 'shop', 'mail', { wait: false, ifMatch: 'old' })],
    ['stop', () => world.control.stopJob(operator, 'shop', 'mail', { wait: false, ifMatch: 'old' })],
    ['pause', () => world.control.setJobPaused(operator, 'shop', 'mail', true, { ifMatch: 'old' })],
  ] as const)('also when the second would %s it', async (_, act) => {
    const before = await tagOfJob();
    await refused('job.stale', act());
    expect(await tagOfJob()).toBe(before);
  });

  test('take another one under its name for what it is', async () => {
    const ifMatch = await tagOfJob();
    await world.control.removeJob(operator, 'shop', 'mail');
    world.clock.advance(1_000);
    await world.control.addJob(operator, 'shop', { name: 'mail', type: 'worker', command: 'y' }, noWait);
    const edit = world.control.editJob(operator, 'shop', 'mail', { command: 'b' }, { wait: false, ifMatch });
    await refused('job.stale', edit);
  });

  test('do as they like when they say nothing, or what is true', async () => {
    await world.control.editJob(operator, 'shop', 'mail', { command: 'a' }, noWait);
    const change = { wait: false, ifMatch: await tagOfJob() };
    await world.control.editJob(operator, 'shop', 'mail', { command: 'b' }, change);
    expect((await world.control.job(operator, 'shop', 'mail')).job.command).toBe('b');
  });
});

describe('two people who change one environment', () => {
  test.each([
    ['book', () => world.control.book(operator, 'shop', 'L', { wait: false, force: false, ifMatch: 'old' })],
    ['unbook', () => world.control.unbook(operator, 'shop', { wait: false, ifMatch: 'old' })],
    ['pause', () => world.control.setPaused(operator, 'shop', true, { ifMatch: 'old' })],
    ['put on trial', () => world.control.setTrial(operator, 'shop', true, { ifMatch: 'old' })],
    ['remove', () => world.control.removeEnvironment(operator, 'shop', { ifMatch: 'old' })],
  ] as const)('do not overwrite each other: %s', async (_, act) => {
    const before = await tagOfShop();
    const { message } = await refused('environment.stale', act());
    expect(message).toContain('was changed by root at');
    expect(await tagOfShop()).toBe(before);
  });

  test('see another tag after each change, and the old one when all is as it was', async () => {
    const before = await tagOfShop();
    await world.control.setPaused(operator, 'shop', true);
    expect(await tagOfShop()).not.toBe(before);
    const change = { wait: false, force: false, ifMatch: await tagOfShop() };
    await world.control.book(operator, 'shop', 'L', change);
    await world.control.setPaused(operator, 'shop', false);
    await world.control.book(operator, 'shop', 'M', { wait: false, force: false });
    expect(await tagOfShop()).toBe(before);
  });
});
