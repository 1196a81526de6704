import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { megabyte } from '../domain/plan.ts';
import { endedOf } from './recording-platform.testkit.ts';
import { makeWorld, member, noWait, operator, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  const { control } = world;
  await control.addJob(operator, 'shop', { name: 'mailer', type: 'worker', command: 'x' }, noWait);
  await control.addJob(
    operator,
    'shop',
    { name: 'report', type: 'cron', command: 'x', interval: '1d' },
    noWait,
  );
  for (const job of ['mailer', 'report']) {
    world.platform.observed.push({
      ...{ environment: 'shop', job, reason: 'x', instancesRunning: 1, memoryBytes: null },
      state: job === 'mailer' ? { kind: 'running', since: 1 } : { kind: 'scheduled', nextDueAt: 2 },
      runs: job === 'mailer' ? ['run-1'] : [],
    });
  }
});
afterEach(() => world.dispose());

function lookAt(cpuSeconds: number): void {
  world.clock.advance(10_000);
  const usage = {
    ...{ memoryBytes: 61 * megabyte, cacheBytes: 5 * megabyte, memoryMaxBytes: null, swapBytes: 0 },
    ...{ cpuSeconds, throttledSeconds: null, outOfMemoryKills: 0, processes: 3 },
  };
  const runs = [{ runId: 'run-1', job: 'mailer', memoryBytes: 40 * megabyte, cpuSeconds: cpuSeconds / 2 }];
  const limits = { memoryBytes: 512 * megabyte, cpu: 0.5 };
  world.platform.onEvent({ kind: 'measured', environment: 'shop', usage, runs, limits });
}

function failReport(): void {
  const run = world.platform.run('shop', 'report');
  world.platform.onEvent({ kind: 'run-began', run });
  world.platform.onEvent({ kind: 'run-ended', run: { ...endedOf(run), outcome: 'failed' }, cpuSeconds: 0.5 });
}

const told = (): Promise<string> => world.control.exposition(operator, 'prometheus');

describe('what Prometheus reads', () => {
  test('has zeros for what has not happened yet, so that its first time is seen as an increase', async () => {
    const text = await told();
    expect(text).toContain('nightshift_cron_fails_total{environment="shop",job="report"} 0\n');
    expect(text).toContain('nightshift_worker_starts_total{environment="shop",job="mailer"} 0\n');
    expect(text).not.toContain('nightshift_cron_fails_total{environment="shop",job="mailer"}');
    expect(text).not.toContain('nightshift_environment_memory_bytes');
  });

  test('has what was measured, what happened, and the state of each job', async () => {
    lookAt(10);
    failReport();
    lookAt(14);
    const text = await told();
    for (const line of [
      `nightshift_environment_memory_bytes{environment="shop"} ${61 * megabyte}`,
      `nightshift_environment_memory_limit_bytes{environment="shop"} ${512 * megabyte}`,
      'nightshift_environment_cpu_seconds_total{environment="shop"} 4',
      `nightshift_job_memory_bytes{environment="shop",job="mailer"} ${40 * megabyte}`,
      'nightshift_job_cpu_seconds_total{environment="shop",job="mailer"} 2',
      'nightshift_cron_runs_total{environment="shop",job="report"} 1',
      'nightshift_cron_fails_total{environment="shop",job="report"} 1',
      'nightshift_cron_duration_seconds_total{environment="shop",job="report"} 1',
      'nightshift_job_state{environment="shop",job="mailer",state="running"} 1',
      'nightshift_build_info{version="1.2.3",runtime="fake"} 1',
    ])
      expect(text).toContain(`${line}\n`);
  });

  test('names no command and no reason: labels are environments, jobs, states and kinds', async () => {
    lookAt(10);
    const labels = [...(await told()).matchAll(/[{,](\w+)="/g)].map(([, label]) => label);
    expect(new Set(labels)).toEqual(new Set(['environment', 'job', 'state', 'kind', 'version', 'runtime']));
  });

  test('shows a member its own environments only', async () => {
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    lookAt(10);
    const text = await world.control.exposition(member('blog'), 'prometheus');
    expect(text).not.toContain('shop');
  });

  test('does not tell of jobs that are removed', async () => {
    lookAt(10);
    failReport();
    lookAt(11);
    world.platform.observed.splice(1, 1);
    expect(await told()).not.toContain('report');
  });
});

const promtool = spawnSync('promtool', ['--version']).status === 0;
const checking = promtool ? describe : describe.skip;
if (!promtool) process.stderr.write('skipped: there is no promtool (Debian: prometheus)\n');

/** Runs promtool; its words when it is not content. */
function complaints(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return status === 0 ? stderr : `${stdout}${stderr}`;
}

const monitoring = join(import.meta.dirname, '..', '..', 'docs', 'monitoring');

/** Every expression of the dashboard, with Grafana's own variables filled in. */
function dashboardExpressions(): string[] {
  const text = readFileSync(join(monitoring, 'grafana.json'), 'utf8');
  return [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, expr]) =>
    (JSON.parse(expr ?? '') as string).replaceAll('$__rate_interval', '1m').replaceAll('$environment', '.*'),
  );
}

checking('promtool', () => {
  test('finds nothing wrong with what Prometheus reads', async () => {
    lookAt(10);
    failReport();
    lookAt(14);
    expect(complaints(['check', 'metrics'], await told())).toBe('');
  });

  test('finds nothing wrong with the alert rules', () => {
    expect(complaints(['check', 'rules', join(monitoring, 'alerts.yml')])).toBe('');
  });

  test('can read every expression of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-rules-'));
    try {
      const rules = dashboardExpressions().map((expr, index) => ({ record: `panel:${index}`, expr }));
      expect(rules.length).toBeGreaterThan(15);
      const file = join(folder, 'dashboard.yml');
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
      expect(complaints(['check', 'rules', file])).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('rules and dashboard name only what is told', async () => {
  lookAt(10);
  failReport();
  lookAt(14);
  const known = new Set([...(await told()).matchAll(/^(nightshift_\w+)/gm)].map(([, name]) => name));
  for (const file of ['alerts.yml', 'grafana.json']) {
    const named = [...readFileSync(join(monitoring, file), 'utf8').matchAll(/\bnightshift_\w+/g)];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
  }
});

test('OpenMetrics has the same figures, names its counters without _total and says where it ends', async () => {
  lookAt(10);
  const text = await world.control.exposition(operator, 'openmetrics');
  expect(text).toContain('# TYPE nightshift_cron_runs counter\nnightshift_cron_runs_total{');
  expect(text.endsWith('# EOF\n')).toBe(true);
});
