import { expect, test } from 'vitest';
import { Refusal } from '../../domain/errors.ts';
import type { Bench } from '../store.contract.ts';
import {
  noon,
  sampleCron,
  sampleDeployment,
  sampleDue,
  sampleEnd,
  sampleEnvironment,
  sampleRun,
  sampleWorker,
} from '../store.testkit.ts';

export const refusal = (code: string) =>
  expect.objectContaining({ constructor: Refusal, code }) as unknown as Error;

export function describeEnvironments(bench: Bench): void {
  test('keeps environments, in order of their names', async () => {
    const shop = sampleEnvironment('shop', { trial: true, plan: null, paused: true, maskSecrets: true });
    const blog = sampleEnvironment('blog');
    await bench.store.addEnvironment(shop);
    await bench.store.addEnvironment(blog);
    await bench.reopen();
    expect(await bench.store.environments()).toEqual([blog, shop]);
    expect(await bench.store.environment('shop')).toEqual(shop);
    expect(await bench.store.environment('none')).toBeUndefined();
  });

  test('refuses a second environment of a name and leaves the first as it is', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    const second = bench.store.addEnvironment(sampleEnvironment('shop', { plan: 'XL' }));
    await expect(second).rejects.toThrow(refusal('environment.exists'));
    expect(await bench.store.environments()).toEqual([sampleEnvironment('shop')]);
  });

  test('replaces an environment, and refuses to replace one that is not there', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.saveEnvironment(sampleEnvironment('shop', { plan: '2XL' }));
    expect((await bench.store.environment('shop'))?.plan).toBe('2XL');
    const other = bench.store.saveEnvironment(sampleEnvironment('none'));
    await expect(other).rejects.toThrow(refusal('environment.unknown'));
    expect(await bench.store.environment('none')).toBeUndefined();
  });

  test('keeps variables, with any text, and removes those set to null', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    const large = 'ü'.repeat(65_536);
    const values = { DATABASE_URL: 'mysql://u:p@h/db', EMPTY: '', WORDS: 'Grüße 💧\nzwei', LARGE: large };
    await bench.store.setVariables('shop', values);
    await bench.store.setVariables('shop', { EMPTY: null, NEVER: null, WORDS: 'new', __proto: 'x' });
    await bench.reopen();
    expect(await bench.store.variables('shop')).toEqual({
      DATABASE_URL: 'mysql://u:p@h/db',
      LARGE: large,
      WORDS: 'new',
      __proto: 'x',
    });
  });

  test('keeps the variables of two environments apart and refuses those of an unknown one', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.addEnvironment(sampleEnvironment('blog'));
    await bench.store.setVariables('shop', { A: '1' });
    expect(await bench.store.variables('blog')).toEqual({});
    const none = bench.store.setVariables('none', { A: '1' });
    await expect(none).rejects.toThrow(refusal('environment.unknown'));
  });

  test('keeps jobs of both types, in order of environment and name', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.addEnvironment(sampleEnvironment('blog'));
    const mail = sampleWorker('shop', 'mail', { instances: 3, handover: 'start-first', exitSignal: 'QUIT' });
    const backup = sampleCron('shop', 'backup', {
      schedule: { kind: 'crontab', expression: 'H 3 * * *', timezone: 'Europe/Berlin', moment: 17 },
      catchUp: 'latest',
      onDeploy: 'wait',
      paused: true,
      retries: 3,
      retryDelaySeconds: 90,
      retryOn: [75, 111],
      warnLateSeconds: 60,
      warnLongerSeconds: 3_600,
      warnShorterSeconds: 1,
    });
    const feed = sampleCron('blog', 'feed', { status: 'disabled', command: `echo "${'ä'.repeat(8_000)}"` });
    for (const job of [mail, backup, feed]) await bench.store.addJob(job);
    await bench.reopen();
    expect(await bench.store.jobs()).toEqual([feed, backup, mail]);
    expect(await bench.store.jobs('shop')).toEqual([backup, mail]);
    expect(await bench.store.jobs('none')).toEqual([]);
    expect(await bench.store.job('shop', 'mail')).toEqual(mail);
    expect(await bench.store.job('blog', 'mail')).toBeUndefined();
  });

  test('keeps fields of a job that it does not know', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    const later = { ...sampleWorker('shop', 'mail'), colour: { name: 'blue', shades: [75] } };
    await bench.store.addJob(later);
    expect(await bench.store.job('shop', 'mail')).toEqual(later);
  });

  test('refuses a second job of a name, and jobs where there is no environment or no job', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.addJob(sampleWorker('shop', 'mail'));
    const refused = [
      [bench.store.addJob(sampleCron('shop', 'mail')), 'job.exists'],
      [bench.store.addJob(sampleWorker('none', 'mail')), 'environment.unknown'],
      [bench.store.saveJob(sampleWorker('shop', 'none')), 'job.unknown'],
    ] as const;
    for (const [call, code] of refused) await expect(call).rejects.toThrow(refusal(code));
    expect(await bench.store.jobs()).toEqual([sampleWorker('shop', 'mail')]);
  });

  test('answers jobs by pages in order of their names, each with its statistics', async () => {
    for (const name of ['shop', 'blog']) await bench.store.addEnvironment(sampleEnvironment(name));
    for (const name of ['c', 'a', 'B', 'd']) await bench.store.addJob(sampleWorker('shop', name));
    await bench.store.addJob(sampleWorker('blog', 'b'));
    await bench.store.addStatistics([{ environment: 'shop', job: 'c', fails: 3 }]);
    const page = async (after: string | undefined, limit: number) => {
      const found = await bench.store.jobPage({ environment: 'shop', limit, ...(after ? { after } : {}) });
      return found.map(({ job, statistics }) => [job.name, statistics.job, statistics.fails]);
    };
    const all = (await bench.store.jobs('shop')).map((job) => job.name);
    expect((await page(undefined, 9)).map(([name]) => name)).toEqual(all);
    expect(await page('a', 1)).toEqual([['c', 'c', 3]]);
    expect(await page('bb', 9)).toEqual([
      ['c', 'c', 3],
      ['d', 'd', 0],
    ]);
    expect(await page('d', 9)).toEqual([]);
    expect(await bench.store.jobPage({ environment: 'none', limit: 9 })).toEqual([]);
  });

  test('replaces a job', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.addJob(sampleWorker('shop', 'mail'));
    const changed = sampleWorker('shop', 'mail', { version: 2, status: 'disabled' });
    await bench.store.saveJob(changed);
    expect(await bench.store.job('shop', 'mail')).toEqual(changed);
  });

  test('removes a job with its statistics and due times, and keeps its runs as history', async () => {
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.addJob(sampleCron('shop', 'mail'));
    const { run, dueTime } = sampleDue('shop', 'mail', noon, 'r1');
    await bench.store.beginRuns([run], [dueTime]);
    await bench.store.addStatistics([{ environment: 'shop', job: 'mail', fails: 4 }]);
    await bench.store.removeJob('shop', 'mail');
    await bench.store.removeJob('shop', 'mail');
    expect(await bench.store.jobs()).toEqual([]);
    expect(await bench.store.dueTimes({ environment: 'shop', limit: 9 })).toEqual([]);
    expect(await bench.store.statistics('shop')).toEqual([]);
    expect(await bench.store.runs({ environment: 'shop', job: 'mail', limit: 9 })).toEqual([run]);

    await bench.store.addJob(sampleCron('shop', 'mail'));
    expect(await bench.store.dueTimes({ environment: 'shop', job: 'mail', limit: 9 })).toEqual([]);
    expect((await bench.store.statistics('shop'))[0]?.fails).toBe(0);
    expect(await bench.store.lastDueTimes()).toEqual(new Map());
  });

  test('removes an environment with all that is its own, also for one of the same name', async () => {
    const keep = async () => {
      const { store } = bench;
      const filter = { environment: 'shop', limit: 9 };
      return [
        await store.jobs('shop'),
        Object.entries(await store.variables('shop')),
        await store.runs(filter),
        await store.dueTimes(filter),
        await store.statistics('shop'),
        await store.deployments('shop', 9),
        await store.openRuns(),
      ];
    };
    const empty = [[], [], [], [], [], [], []];
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    await bench.store.addJob(sampleCron('shop', 'mail'));
    await bench.store.setVariables('shop', { A: '1' });
    const first = sampleDue('shop', 'mail', noon, 'r1');
    const second = sampleDue('shop', 'mail', noon + 60_000, 'r2');
    await bench.store.beginRuns([first.run, second.run], [first.dueTime, second.dueTime]);
    await bench.store.runEnded('r1', sampleEnd(), [{ environment: 'shop', job: 'mail', exitsOk: 1 }]);
    await bench.store.saveDeployment(sampleDeployment('d1', noon));
    await bench.store.saveDeploymentOutput('shop', 'd1', 'said');
    await bench.store.saveDeployHook('shop', { environment: 'shop', hash: 'ab', createdAt: 1, usedAt: null });
    expect((await keep()).every((list) => list.length > 0)).toBe(true);

    await bench.store.removeEnvironment('shop');
    expect(await keep()).toEqual(empty);
    await bench.store.addEnvironment(sampleEnvironment('shop'));
    expect(await keep()).toEqual(empty);
    await bench.store.housekeep(noon);
    await bench.reopen();
    expect(await keep()).toEqual(empty);
    expect(await bench.store.run('shop', 'r1')).toBeUndefined();
  });

  test('leaves other environments alone when one is removed, and accepts ends of what is gone', async () => {
    for (const name of ['shop', 'blog']) {
      await bench.store.addEnvironment(sampleEnvironment(name));
      await bench.store.addJob(sampleWorker(name, 'mail'));
      await bench.store.setVariables(name, { A: name });
      await bench.store.beginRuns([sampleRun(name, `${name}-1`)], []);
    }
    await bench.store.removeEnvironment('shop');
    await bench.store.removeEnvironment('shop');
    expect(await bench.store.runEnded('shop-1', sampleEnd(), [])).toBe(false);
    await bench.store.housekeep(noon);
    expect(await bench.store.environments()).toEqual([sampleEnvironment('blog')]);
    expect(await bench.store.jobs()).toEqual([sampleWorker('blog', 'mail')]);
    expect(await bench.store.variables('blog')).toEqual({ A: 'blog' });
    expect(await bench.store.openRuns()).toEqual([sampleRun('blog', 'blog-1')]);
  });
}
