import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { criTime, record } from './cri-writer.testkit.ts';
import { LogScene, textOf } from './log-scene.testkit.ts';

let scene: LogScene;
const now = Date.now();
afterEach(() => scene.dispose());

const note = (at: number, message = 'nightshift: out of memory') =>
  scene.store.note({ environment: 'demo', job: 'a', runId: 'r1', at, message });

test('a line of ours stands at its place in the log of its job, as an error', async () => {
  scene = await LogScene.make();
  const writer = await scene.begin('a', 'r1');
  const follower = scene.follow({ jobs: ['a'] });
  writer.line('before', now - 1_000);
  expect(await follower.texts(1)).toEqual(['before']);
  await note(now);
  scene.store.closed('r1');
  const [told] = await follower.take(1);
  expect(told?.entry).toMatchObject({ time: now, job: 'a', run: 'r1', level: 'ERR', stream: 'stderr' });
  expect(await scene.texts({ contains: 'out of memory', level: 'ERR' })).toEqual([
    'nightshift: out of memory',
  ]);
});

test('a line that is asked for twice stands there once', async () => {
  scene = await LogScene.make();
  const writer = await scene.begin('a', 'r1');
  writer.line('before', now - 1_000);
  await note(now);
  await note(now);
  expect(await scene.texts()).toEqual(['before', 'nightshift: out of memory']);
});

test('a line that the job did not finish is not continued by ours', async () => {
  scene = await LogScene.make();
  const path = await scene.store.prepare('demo', 'a', 'r1');
  writeFileSync(path, record(now - 1_000, 'stderr', 'P', 'half a li'));
  await note(now);
  expect((await scene.read()).map(textOf)).toEqual(['half a li', 'nightshift: out of memory']);
});

test('a run that wrote nothing has the line alone', async () => {
  scene = await LogScene.make();
  const path = await scene.store.prepare('demo', 'a', 'r1');
  await note(now, 'nightshift: käse\nthere');
  expect(readFileSync(path, 'utf8')).toBe(`${criTime(now)} stderr F nightshift: käse there\n`);
});
