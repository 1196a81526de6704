import { expect, test } from 'vitest';
import { sampleCron, sampleEnvironment, sampleRun } from '../store.testkit.ts';
import { readEnvironment, readJob, readRun } from './documents.ts';

/** As a version before those fields wrote it. */
const without = (record: object, fields: readonly string[]): string =>
  JSON.stringify(Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field))));

test('a cron that was written before pauses, retries and warnings has none of them', () => {
  const cron = sampleCron('shop', 'feed');
  const later = [
    'paused',
    'retries',
    'retryDelaySeconds',
    'retryOn',
    'warnLateSeconds',
    'warnLongerSeconds',
    'warnShorterSeconds',
  ];
  expect(readJob(without(cron, later), 'job "feed"', 'nightshift.db')).toEqual(cron);
  expect(cron).toMatchObject({ paused: false, retries: 0, retryOn: null, warnLateSeconds: null });
});

test('an environment that was written before secrets could be masked shows them', () => {
  const shop = sampleEnvironment('shop');
  const read = readEnvironment(without(shop, ['maskSecrets']), 'environment "shop"', 'nightshift.db');
  expect(read).toEqual(shop);
  expect(shop.maskSecrets).toBe(false);
});

test('a run that was written before attempts were counted is the first, and nobody asked for it', () => {
  const run = sampleRun('shop', 'r1');
  expect(readRun(without(run, ['attempt', 'askedBy']), 'run "r1"', 'history.db')).toEqual(run);
});
