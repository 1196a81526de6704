import { expect, test } from 'vitest';
import type { Bench } from '../store.contract.ts';
import { noon, sampleEnvironment } from '../store.testkit.ts';
import type { ActivityEntry, Deployment } from '../store.ts';
import { refusal } from './environments.contract.ts';

const deployment = (id: string, startedAt: number, given: Partial<Deployment> = {}): Deployment => ({
  id,
  environment: 'shop',
  trigger: 'git',
  commit: 'c0ffee',
  startedAt,
  endedAt: null,
  outcome: null,
  reason: null,
  ...given,
});

const entry = (at: number, environment: string | null): ActivityEntry => ({
  at,
  actor: 'ada',
  environment,
  act: 'job.stop',
  detail: 'mail \u{1f4a7} "\u0000"',
  via: 'http',
  address: environment === null ? null : '192.0.2.7',
});

export function describeRecords(bench: Bench): void {
  test('keeps deployments newest first, and replaces one by its id', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    const done = deployment('d1', noon, { endedAt: noon + 1, outcome: 'failed', reason: 'exit code 1' });
    await bench.store.saveDeployment(deployment('d1', noon));
    await bench.store.saveDeployment(deployment('d2', noon + 5));
    await bench.store.saveDeployment(done);
    await bench.reopen();
    expect(await bench.store.deployments('shop', 9)).toEqual([deployment('d2', noon + 5), done]);
    expect(await bench.store.deployments('shop', 1)).toEqual([deployment('d2', noon + 5)]);
    expect(await bench.store.deployments('none', 9)).toEqual([]);
    const none = bench.store.saveDeployment(deployment('d3', noon, { environment: 'none' }));
    await expect(none).rejects.toThrow(refusal('environment.unknown'));
  });

  test('keeps activity newest first, of one environment and of all', async () => {
    for (const each of [entry(noon, 'shop'), entry(noon + 1, null), entry(noon + 1, 'blog')])
      await bench.store.addActivity(each);
    await bench.reopen();
    expect(await bench.store.activity({ limit: 9 })).toEqual([
      entry(noon + 1, 'blog'),
      entry(noon + 1, null),
      entry(noon, 'shop'),
    ]);
    expect(await bench.store.activity({ environment: 'shop', limit: 9 })).toEqual([entry(noon, 'shop')]);
    expect(await bench.store.activity({ limit: 1 })).toHaveLength(1);
  });

  test('keeps facts about the machine', async () => {
    expect(await bench.store.meta('boot')).toBeUndefined();
    await bench.store.setMeta('boot', 'a');
    await bench.store.setMeta('boot', 'b');
    await bench.reopen();
    expect(await bench.store.meta('boot')).toBe('b');
  });

  test('keeps the order of calls that do not wait for each other', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => bench.store.setMeta('beat', `${index}`)));
    expect(await bench.store.meta('beat')).toBe('49');
  });

  test('writes what is waiting before it closes, refuses calls after that, and closes twice as once', async () => {
    const waiting = bench.store.setMeta('last', 'word');
    const closed = bench.store;
    await closed.close();
    await closed.close();
    await waiting;
    await expect(closed.setMeta('last', 'other')).rejects.toThrow(refusal('store.unavailable'));
    await expect(closed.meta('last')).rejects.toThrow(refusal('store.unavailable'));
    await bench.reopen();
    expect(await bench.store.meta('last')).toBe('word');
  });
}
