import { expect, test } from 'vitest';
import { compileSchedule } from './schedule.ts';
import { DueWatch, patienceMs } from './watch.ts';

const noon = Date.UTC(2026, 0, 14, 12);
const minute = 60_000;
const hour = 60 * minute;
const everyMinute = compileSchedule({ kind: 'crontab', expression: '* * * * *', timezone: 'UTC', moment: 0 });
const never = compileSchedule({ kind: 'crontab', expression: '0 0 1 1 *', timezone: 'UTC', moment: 0 });

/** Looks every 10 s, as its driver does. */
class Looker {
  readonly watch = new DueWatch();
  wall = noon;
  monotonic = 0;

  /** All that is told within so long, with the seconds after which it is. */
  over(ms: number): string[] {
    const told: string[] = [];
    for (const end = this.monotonic + ms; this.monotonic < end; ) {
      this.wall += 10_000;
      this.monotonic += 10_000;
      for (const { key, dueAt } of this.watch.look(this.wall, this.monotonic))
        told.push(`${key} ${new Date(dueAt).toISOString().slice(11, 16)}`);
    }
    return told;
  }
}

test('a due time that nobody serves is told within a minute, and no other', () => {
  const looker = new Looker();
  looker.watch.set('shop/feed', everyMinute, noon);
  looker.watch.set('shop/yearly', never, noon);
  expect(looker.over(minute + patienceMs - 2_000)).toEqual([]);
  expect(looker.over(10_000)).toEqual(['shop/feed 12:01']);
  expect(looker.wall - (noon + minute)).toBeLessThanOrEqual(minute);
});

test('what is served is not told, also when one record tells of many', () => {
  const looker = new Looker();
  looker.watch.set('shop/feed', everyMinute, noon);
  looker.over(minute);
  looker.watch.served('shop/feed', noon + minute);
  looker.over(minute);
  looker.watch.served('shop/feed', noon + 5 * minute);
  expect(looker.over(4 * minute)).toEqual([]);
  // An older record says nothing new.
  looker.watch.served('shop/feed', noon + minute);
  expect(looker.over(40_000)).toEqual(['shop/feed 12:06']);
});

test('a clock that jumps forward tells nothing that the scheduler serves within 30 s', () => {
  const looker = new Looker();
  looker.watch.set('shop/feed', everyMinute, noon);
  looker.wall += 5 * hour;
  expect(looker.over(30_000)).toEqual([]);
  looker.watch.served('shop/feed', Math.floor(looker.wall / minute) * minute);
  expect(looker.over(40_000)).toEqual([]);
});

test('a clock that is set back by hours makes it look from there', () => {
  const looker = new Looker();
  looker.watch.set('shop/feed', everyMinute, noon);
  looker.over(10_000);
  looker.wall -= 24 * hour;
  expect(looker.over(2 * minute).length).toBeGreaterThan(0);
});

test('what was removed, or set anew, is forgotten', () => {
  const looker = new Looker();
  looker.watch.set('shop/feed', everyMinute, noon);
  looker.over(minute + 20_000);
  looker.watch.set('shop/feed', everyMinute, looker.wall);
  expect(looker.over(30_000)).toEqual([]);
  looker.watch.remove('shop/feed');
  expect(looker.watch.has('shop/feed')).toBe(false);
  expect(looker.over(hour)).toEqual([]);
});
