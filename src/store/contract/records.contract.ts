import { expect, test } from 'vitest';
import type { DeploymentState } from '../../domain/deployment.ts';
import type { Bench } from '../store.contract.ts';
import { sampleDeployment as deployment, noon, sampleEnvironment } from '../store.testkit.ts';
import type { ActivityEntry } from '../store.ts';
import { refusal } from './environments.contract.ts';

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

  test('finds deployments that are not over, and the commit of the last one whose code stays', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    const step = (state: DeploymentState) => ({ state, startedAt: noon, endedAt: noon, detail: null });
    const over = { endedAt: noon, steps: [step('queued'), step('restarting')] };
    const stays = deployment('d1', noon, { ...over, commit: 'c1', state: 'done', outcome: 'ok' });
    const undone = deployment('d3', noon + 2, { commit: 'c3', state: 'undone', endedAt: noon });
    const open = deployment('d2', noon + 1, { commit: 'c2', state: 'laying' });
    for (const each of [stays, open, undone]) await bench.store.saveDeployment(each);
    await bench.reopen();
    expect(await bench.store.openDeployments()).toEqual([open]);
    expect(await bench.store.deployedCommit('shop')).toBe('c1');
    expect(await bench.store.deployedCommit('none')).toBeNull();
    expect(await bench.store.deployment('shop', 'd3')).toEqual(undone);
    expect(await bench.store.deployment('none', 'd3')).toBeUndefined();
    await bench.store.saveDeployment(
      deployment('d2', noon + 1, { ...over, commit: 'c2', state: 'failed', outcome: 'failed' }),
    );
    expect(await bench.store.openDeployments()).toEqual([]);
    expect(await bench.store.deployedCommit('shop')).toBe('c2');
  });

  test('keeps what a deployment printed', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.saveDeployment(deployment('d1', noon));
    await bench.store.saveDeploymentOutput('shop', 'd1', 'one');
    await bench.store.saveDeploymentOutput('shop', 'd1', 'one\ntwo \u{1f4a7}');
    await bench.reopen();
    expect(await bench.store.deploymentOutput('shop', 'd1')).toBe('one\ntwo \u{1f4a7}');
    expect(await bench.store.deploymentOutput('shop', 'd2')).toBe('');
    expect(await bench.store.deploymentOutput('none', 'd1')).toBe('');
  });

  test('keeps one deploy hook of an environment, found by its hash', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    const hook = { environment: 'shop', hash: 'aa', createdAt: noon, usedAt: null };
    await bench.store.saveDeployHook('shop', { ...hook, hash: '00' });
    await bench.store.saveDeployHook('shop', hook);
    await bench.reopen();
    expect(await bench.store.deployHook('shop')).toEqual(hook);
    expect(await bench.store.deployHookOf('aa')).toEqual(hook);
    expect(await bench.store.deployHookOf('00')).toBeUndefined();
    await bench.store.saveDeployHook('shop', null);
    expect(await bench.store.deployHook('shop')).toBeUndefined();
  });

  test('keeps activity newest first, of one environment and of all', async () => {
    const kept = [];
    for (const each of [entry(noon, 'shop'), entry(noon + 1, null), entry(noon + 1, 'blog')])
      kept.push(await bench.store.addActivity(each));
    const [first, second, third] = kept;
    expect(second).toEqual({ ...entry(noon + 1, null), id: expect.any(Number) });
    await bench.reopen();
    expect(await bench.store.activity({ limit: 9 })).toEqual([third, second, first]);
    expect(await bench.store.activity({ environment: 'shop', limit: 9 })).toEqual([first]);
    expect(await bench.store.activity({ limit: 1 })).toEqual([third]);
    expect(await bench.store.activity({ limit: 9, before: third?.id ?? 0 })).toEqual([second, first]);
    const ofShop = { environment: 'shop', limit: 9 };
    expect(await bench.store.activity({ ...ofShop, before: first?.id ?? 0 })).toEqual([]);
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
