import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '../domain/limits.ts';
import type { Told } from './changes-told.ts';
import type { EventBatch } from './control.ts';
import { EventHub } from './event-hub.ts';
import { member, operator, refused } from './world.testkit.ts';

const about = (environment: string, job = 'mail'): Told => ({
  kind: 'definition',
  environment,
  job,
  change: 'changed',
  version: 1,
});

function follower(hub: EventHub, query: { environment?: string; after?: string } = {}, actor = operator) {
  const leaving = new AbortController();
  const batches = hub.follow(actor, query, leaving.signal);
  onTestFinished(() => leaving.abort());
  const next = async (): Promise<EventBatch | undefined> => (await batches.next()).value ?? undefined;
  return { next, leave: () => leaving.abort(), batches };
}

const jobsOf = (batch: EventBatch | undefined): string[] =>
  (batch?.events ?? []).flatMap(({ told }) => (told.kind === 'definition' ? [told.job] : []));

describe('who follows changes', () => {
  test('hears what comes from now on, in its order, with ids that grow', async () => {
    const hub = new EventHub('life');
    hub.tell(about('shop', 'before'));
    const { next } = follower(hub);
    expect(await next()).toEqual({ reset: false, lastId: 'life-1', events: [] });
    const waiting = next();
    hub.tell(about('shop', 'a'));
    hub.tell(about('shop', 'b'));
    const batch = await waiting;
    expect(jobsOf(batch)).toEqual(['a', 'b']);
    expect(batch?.events.map(({ id }) => id)).toEqual(['life-2', 'life-3']);
  });

  test('goes on after a place, and misses nothing', async () => {
    const hub = new EventHub('life');
    const place = hub.lastId;
    for (const job of ['a', 'b', 'c']) hub.tell(about('shop', job));
    const { next } = follower(hub, { after: place });
    expect((await next())?.reset).toBe(false);
    expect(jobsOf(await next())).toEqual(['a', 'b', 'c']);
    const later = follower(hub, { after: 'life-2' });
    await later.next();
    expect(jobsOf(await later.next())).toEqual(['c']);
  });

  test.each(['life-0', 'other-3', 'life-99', 'nonsense', ''])(
    'begins anew where what came after its place (%j) is not kept',
    async (after) => {
      const hub = new EventHub('life', 4);
      for (let number = 1; number <= 6; number++) hub.tell(about('shop', String(number)));
      const { next } = follower(hub, { after });
      expect(await next()).toEqual({ reset: true, lastId: 'life-6', events: [] });
      hub.tell(about('shop', 'after'));
      expect(jobsOf(await next())).toEqual(['after']);
    },
  );

  test('gets the oldest that is kept, but not the one before', async () => {
    const hub = new EventHub('life', 4);
    for (let number = 1; number <= 6; number++) hub.tell(about('shop', String(number)));
    const { next } = follower(hub, { after: 'life-2' });
    expect((await next())?.reset).toBe(false);
    expect(jobsOf(await next())).toEqual(['3', '4', '5', '6']);
    expect((await follower(hub, { after: 'life-1' }).next())?.reset).toBe(true);
  });

  test('is let go when it is overtaken, and costs nothing until then', async () => {
    const hub = new EventHub('life', 4);
    const slow = follower(hub);
    await slow.next();
    for (let number = 1; number <= 5; number++) hub.tell(about('shop', String(number)));
    expect(await slow.next()).toBeUndefined();
  });

  test('sees its own environments, and nothing of others or of the machine', async () => {
    const hub = new EventHub('life');
    const { next } = follower(hub, {}, member('shop'));
    await next();
    hub.tell(about('blog', 'theirs'));
    hub.tell(about('shop', 'ours'));
    hub.tell({
      kind: 'activity',
      entry: {
        id: 1,
        at: 1,
        actor: 'root',
        environment: null,
        act: 'add user',
        detail: '',
        via: 'socket',
        address: null,
      },
    });
    const batch = await next();
    expect(jobsOf(batch)).toEqual(['ours']);
    // Its place moves on all the same, or quiet members would fall out of the ring.
    expect(batch?.lastId).toBe('life-3');
  });

  test('may ask for one environment only', async () => {
    const hub = new EventHub('life');
    const { next } = follower(hub, { environment: 'shop' });
    await next();
    hub.tell(about('blog'));
    hub.tell(about('shop', 'ours'));
    expect(jobsOf(await next())).toEqual(['ours']);
  });

  test('ends when it leaves, also while it waits', async () => {
    const hub = new EventHub('life');
    const { next, leave } = follower(hub);
    await next();
    const waiting = next();
    leave();
    expect((await waiting)?.events ?? []).toEqual([]);
    expect(await next()).toBeUndefined();
  });

  test('is one of so many at most, and makes room when it has gone', async () => {
    const hub = new EventHub('life');
    const all = Array.from({ length: limits.eventFollowersPerUser }, () => follower(hub));
    for (const each of all) await each.next();
    await refused('events.too-many', follower(hub).next());
    await follower(hub, {}, member('shop')).next();
    all[0]?.leave();
    await all[0]?.next();
    expect((await follower(hub).next())?.reset).toBe(false);
  });
});
