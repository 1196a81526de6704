import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CriWriter } from '../logs/cri-writer.testkit.ts';
import { Follower, LogScene } from '../logs/log-scene.testkit.ts';
import type { LogQuery, LogStore } from '../logs/log-store.ts';
import { sampleEnvironment } from '../store/store.testkit.ts';
import { lastLines } from './last-lines.ts';
import { maskingLogs } from './masking-logs.ts';
import { Masks } from './masks.ts';

const t0 = Date.UTC(2026, 10, 22, 12);
const run = '01k9zq3m7x5e0a1b';
const password = 'geheim-4711';

let scene: LogScene;
let writer: CriWriter;
let masks: Masks;
let logs: LogStore;
let kept: { maskSecrets: boolean; variables: Record<string, string> };
let fails: boolean;
const leaving = new AbortController();

beforeEach(async () => {
  scene = await LogScene.make();
  writer = await scene.begin('mailer', run);
  kept = { maskSecrets: true, variables: { DB_PASSWORD: password, APP_ENV: 'production' } };
  fails = false;
  masks = new Masks({
    environment: async (name) => {
      if (fails) throw new Error('the disk is full');
      return sampleEnvironment(name, { maskSecrets: kept.maskSecrets });
    },
    variables: async () => kept.variables,
  });
  logs = maskingLogs(scene.store, masks);
});
afterEach(() => scene.dispose());

const say = (...texts: string[]): void => {
  for (const [index, text] of texts.entries()) writer.line(text, t0 + index);
};
const texts = (query: Partial<LogQuery> = {}): Promise<string[]> => scene.texts(query, logs);
const change = (to: Partial<typeof kept>): void => {
  kept = { ...kept, ...to };
  masks.forget('demo');
};

test('an environment that masks its secrets shows them to nobody', async () => {
  say('in production', `password=${password}`);
  const masked = ['in production', 'password=[DB_PASSWORD]'];
  expect(await texts()).toEqual(masked);
  expect(await texts({ bulk: true, cursors: false })).toEqual(masked);
  expect(await texts({ order: 'newest' })).toEqual(masked.toReversed());
  expect(await texts({ run, last: 1 })).toEqual(masked.slice(1));
});

test('another one shows them, but for who asks for masking', async () => {
  change({ maskSecrets: false });
  say(`password=${password}`);
  expect(await texts()).toEqual([`password=${password}`]);
  expect(await texts({ mask: true })).toEqual(['password=[DB_PASSWORD]']);
});

test('a search tells nothing of what is masked, not even by the number of its lines', async () => {
  say('a geheim story', `password=${password}`, 'another geheim story', `again ${password}`);
  const stories = ['a geheim story', 'another geheim story'];
  expect(await texts({ contains: 'geheim' })).toEqual(stories);
  expect(await texts({ contains: 'geheim', last: 2 })).toEqual(stories);
  expect(await texts({ contains: 'geheim', last: 1 })).toEqual(stories.slice(1));
  expect(await texts({ contains: 'geheim', last: 1, order: 'newest' })).toEqual(stories.slice(1));
  expect(await texts({ contains: 'geheim-47' })).toEqual([]);
  const [first] = await scene.read({ contains: 'geheim' }, logs);
  const after = first?.cursor ?? '';
  expect(await texts({ contains: 'geheim', last: 9, after })).toEqual(stories.slice(1));
  expect(await texts({ contains: 'geheim', last: 0 })).toEqual([]);
});

test('the names that stand in place of secrets are found', async () => {
  say(`password=${password}`, 'nothing', `${password} again`);
  const found = ['password=[DB_PASSWORD]', '[DB_PASSWORD] again'];
  expect(await texts({ contains: 'PASSWORD' })).toEqual(found);
  expect(await texts({ contains: '[DB_PASSWORD]', last: 1 })).toEqual(found.slice(1));
  expect(await texts({ contains: '=[DB' })).toEqual(found.slice(0, 1));
});

test('who follows hears masked lines, and what becomes a secret meanwhile is one from the next line on', async () => {
  change({ maskSecrets: false });
  say(`old ${password}`);
  const query = { environment: 'demo', follow: true };
  const follower = new Follower(logs.read(query, leaving.signal));
  expect(await follower.texts(1)).toEqual([`old ${password}`]);
  change({ maskSecrets: true });
  writer.line(`new ${password} and abcdef-1`);
  expect(await follower.texts(1)).toEqual(['new [DB_PASSWORD] and abcdef-1']);
  change({ variables: { ...kept.variables, API_TOKEN: 'abcdef-1' } });
  writer.line('abcdef-1 too');
  expect(await follower.texts(1)).toEqual(['[API_TOKEN] too']);
  await follower.leave();
});

test('who follows a search hears the last lines that it finds, and then those that come', async () => {
  say('a geheim story', `password=${password}`, 'another geheim story', 'the end');
  const query = { environment: 'demo', follow: true, contains: 'geheim', last: 1 };
  const follower = new Follower(logs.read(query, leaving.signal));
  expect(await follower.texts(1)).toEqual(['another geheim story']);
  writer.line(`no story: ${password}`);
  writer.line('a new geheim story');
  expect(await follower.texts(1)).toEqual(['a new geheim story']);
  await follower.leave();
});

test('the last lines that people are told of are cut only when they are masked', async () => {
  say(`${'.'.repeat(495)}${password}`);
  expect((await scene.texts())[0]).toContain(password);
  const [line = ''] = await lastLines(logs, 'demo', run, 10);
  expect(line.slice(490)).toBe('.....[DB_P');
});

test('nothing is shown while it is not known what to hide', async () => {
  say(`password=${password}`);
  fails = true;
  await expect(texts()).rejects.toThrow('the disk is full');
  fails = false;
  expect(await texts()).toEqual(['password=[DB_PASSWORD]']);
});
