/** A clock that was hours or a year ahead, and is put right: crons go on, and the ledger tells of every due time once. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DueTime } from '../../domain/due-time.ts';
import { exits } from '../../runtimes/fake/fake-program.ts';
import { everyMinute, Scene } from './scene.testkit.ts';

const minute = 60_000;
const year = 365 * 86_400_000;

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open();
  scene.programs.set('feed', exits(0, 1_000));
});
afterEach(() => scene.close());

const set = async (by: number): Promise<void> => {
  scene.clock.setWall(scene.clock.wall() + by);
  await scene.pass(minute);
};

/** The ledger as one fate for each of these minutes; throws where a minute is told of twice or not at all. */
async function fates(from: number, minutes: number): Promise<string[]> {
  const rows: readonly DueTime[] = await scene.store.dueTimes({
    environment: 'shop',
    job: 'feed',
    limit: 9_999,
  });
  return Array.from({ length: minutes }, (_, index) => {
    const moment = from + index * minute;
    const found = rows.filter((row) => row.dueAt <= moment && moment <= (row.untilDueAt ?? row.dueAt));
    expect(found, new Date(moment).toISOString()).toHaveLength(1);
    return found[0]?.fate ?? 'none';
  });
}

describe('a clock that was a year ahead and is put right', () => {
  const start = Date.UTC(2026, 0, 14, 12, 1);

  test('lets an every-minute cron go on at once, also in what was told as missed', async () => {
    await scene.start([everyMinute('feed')]);
    await scene.pass(3 * minute);
    await set(year);
    const [jump] = await scene.ledger('feed').then((rows) => rows.filter((row) => row.fate === 'missed'));
    expect(jump?.count).toBeGreaterThan(500_000);
    await set(-year);
    await scene.pass(5 * minute);
    expect(await fates(start, 10)).toEqual([...Array(3).fill('ran'), 'missed', ...Array(6).fill('ran')]);
    const counted = (await scene.store.dueTimes({ environment: 'shop', job: 'feed', limit: 9_999 }))
      .filter((row) => row.fate === 'missed')
      .reduce((sum, row) => sum + (row.count ?? 1), 0);
    expect(counted).toBe((jump?.count ?? 0) - 6);
  });

  test('lets it go on also when the daemon was killed in between, and runs nothing twice', async () => {
    await scene.start([everyMinute('feed')]);
    await scene.pass(3 * minute);
    await set(year);
    scene.clock.setWall(scene.clock.wall() - year);
    await scene.again([everyMinute('feed')]);
    await scene.pass(5 * minute);
    const told = await fates(start, 9);
    expect(told.slice(0, 3)).toEqual(['ran', 'ran', 'ran']);
    expect(told.slice(5)).toEqual(['ran', 'ran', 'ran', 'ran']);
    const due = (await scene.runs('feed')).map((run) => run.dueAt);
    expect(new Set(due).size).toBe(due.length);
  });

  test('leaves alone what ran by the wrong clock, when that time comes', async () => {
    await scene.start([everyMinute('feed')]);
    await set(4 * 3_600_000);
    await scene.pass(2 * minute);
    const byWrongClock = (await scene.runs('feed')).map((run) => run.dueAt);
    await set(-4 * 3_600_000);
    await scene.pass(4 * 3_600_000 + 10 * minute);
    const due = (await scene.runs('feed')).map((run) => run.dueAt);
    expect(due).toEqual(expect.arrayContaining(byWrongClock));
    const again = await scene.store.runs({ environment: 'shop', job: 'feed', limit: 999 });
    expect(new Set(again.map((run) => run.dueAt)).size).toBe(again.length);
    // What passed while the clock was wrong stays as it was told.
    const told = await fates(start, 240);
    expect(told.slice(0, 3)).toEqual(['missed', 'missed', 'missed']);
    expect(new Set(told.slice(3))).toEqual(new Set(['ran']));
  });
});
