/** What changes, as it is followed over the API of the real daemon: all kinds of it, in order, and across a break. */
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { type EventName, eventNames, events } from '../../src/contract/events.ts';
import { Stage } from './daemon.ts';
import { EventReader } from './event-reader.ts';

const stage = new Stage();
afterAll(() => stage.dispose());

test('every kind of change is told, in order, and goes on where a reader was', {
  timeout: 90_000,
}, async () => {
  let daemon = await stage.start('--ephemeral');
  const reader = await EventReader.follow(stage.data);
  onTestFinished(() => reader.close());
  const { name } = await stage.environment(daemon, 'shop');
  await reader.has('environment', { environment: name, change: 'created' });
  await reader.has('activity', { environment: name, act: 'create environment' });
  await daemon.do('job', 'add', name, 'talk', 'worker', '--command', 'sleep 1000');
  await reader.has('definition', { job: 'talk', change: 'added' });
  await reader.has('run-began', { job: 'talk' });
  await reader.has('run-started', { job: 'talk' });
  await reader.has('job', { job: 'talk', state: 'running' });
  const cron = ['--command', 'sleep 1.5', '--crontab', '* * * * *', '--warn-longer', '1s'];
  await daemon.do('job', 'add', name, 'slow', 'cron', ...cron);
  await daemon.do('job', 'run', name, 'slow');
  await reader.has('run-ended', { job: 'slow', outcome: 'ok' });
  await reader.has('statistics', { job: 'slow', exitsOk: 1 });
  await reader.has('incident', { job: 'slow', kind: 'cron-longer' });
  await daemon.do('deploy', name);
  await reader.has('deployment', { environment: name, outcome: 'ok' });

  // Who was away for a moment misses nothing, and hears nothing twice.
  const place = reader.lastId;
  reader.close();
  await daemon.do('jobs-reset', name);
  const again = await EventReader.follow(stage.data, place);
  await again.has('statistics-reset', { environment: name });
  expect(again.seen.all.map(({ id }) => id)).not.toContain(place);
  expect(again.seen.all.filter(({ event }) => event === 'reset')).toEqual([]);

  // Of before a restart nothing is kept: who comes with a place of then is told so, and follows what is now.
  await daemon.terminate();
  daemon = await stage.start('--ephemeral');
  const later = await EventReader.follow(stage.data, again.lastId);
  onTestFinished(() => later.close());
  expect((await later.has('reset')).id).not.toBe(again.lastId);
  await daemon.do('job', 'remove', name, 'slow', '--yes');
  await later.has('definition', { job: 'slow', change: 'removed' });

  const seen = [reader, again, later].flatMap((each) => each.seen.all);
  for (const { event, data } of seen)
    expect(events[event as EventName].safeParse(data).error, event).toBeUndefined();
  for (const each of [reader, again, later])
    expect(new Set(each.seen.all.map(({ id }) => id)).size).toBe(each.seen.all.length);
  // Due times come with the minute: `crons.test.ts` waits for one.
  const kinds = new Set([...seen.map(({ event }) => event), 'due-time']);
  expect([...kinds].sort()).toEqual([...eventNames].sort());
});
