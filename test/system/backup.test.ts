/** A backup of the real daemon while it works, restored elsewhere and compared field by field; and a database that is damaged. */
import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Run } from '../../src/contract/run.ts';
import { type Daemon, run, Stage } from './daemon.ts';

const soon = { timeout: 60_000, interval: 250 };
const stages: Stage[] = [];
const aStage = (): Stage => {
  const stage = new Stage();
  stages.push(stage);
  return stage;
};
afterEach(async () => {
  // The restored one first: both know environments of one name.
  for (const stage of stages.splice(0).reverse()) await stage.dispose();
});

/** What a person has put into the daemon, by the address where the API has it. */
async function wished(daemon: Daemon, name: string): Promise<Record<string, unknown>> {
  const env = `/environments/${name}`;
  const items = async (path: string): Promise<unknown> => (await daemon.get<{ items: unknown }>(path)).items;
  const jobs = await daemon.get<{ items: { name: string }[] }>(`${env}/jobs`);
  const settings = await Promise.all(
    jobs.items.map(async (job) => {
      const whole = await daemon.get<Record<string, unknown>>(`${env}/jobs/${job.name}`);
      const { name, type, status, command, exitSignal, exitTimeoutSeconds, instances, interval, crontab } =
        whole;
      const { timezone, maxRuntimeSeconds, maxInstances, catchUp, retries, etag, moment } = whole;
      return {
        ...{ name, type, status, command, exitSignal, exitTimeoutSeconds, instances, interval, crontab },
        ...{
          timezone,
          maxRuntimeSeconds,
          maxInstances,
          catchUp,
          retries,
          moment,
          etag: type === 'worker' ? etag : null,
        },
      };
    }),
  );
  const { root, user, plan, trial, paused, variableNames } = await daemon.get<Record<string, unknown>>(env);
  return {
    environment: { root, user, plan, trial, paused, variableNames },
    settings,
    variables: await daemon.get(`${env}/variables`),
    hook: await daemon.get(`${env}/deploy-hook`),
    keys: await items(`${env}/ssh-keys`),
    users: await items('/users'),
    members: await items(`${env}/members`),
    tokens: await items('/tokens'),
    deployments: await items(`${env}/deployments`),
    deployKey: await daemon.do('key', 'list', name),
  };
}

const ended = async (daemon: Daemon, name: string): Promise<Map<string, Run>> => {
  const { items } = await daemon.get<{ items: Run[] }>(`/environments/${name}/runs?limit=1000`);
  return new Map(items.filter(({ endedAt }) => endedAt !== null).map((each) => [each.id, each]));
};

test('what the daemon held while it worked is there again elsewhere, field by field', {
  timeout: 240_000,
}, async () => {
  const stage = aStage();
  const daemon = await stage.start();
  const { name } = await stage.environment(daemon, 'kept', 'L');
  await daemon.do('env', 'set', name, 'TOKEN=hush', 'GREETING=Grüße');
  await daemon.do('job', 'add', name, 'busy', 'worker', '--command', 'echo once', '--instances', '3');
  await daemon.do(
    'job',
    'add',
    name,
    'slow',
    'worker',
    '--command',
    'sleep 1000',
    '--signal',
    'INT',
    '--timeout',
    '1s',
  );
  await daemon.do(
    'job',
    'add',
    name,
    'report',
    'cron',
    '--command',
    'x',
    '--crontab',
    'H 3 * * 1-5',
    '--timezone',
    'Europe/Berlin',
    '--retries',
    '2',
  );
  await daemon.do('hook', 'rotate', name);
  await daemon.do('user', 'add', 'ada');
  await daemon.do('member', 'add', name, 'ada');
  await daemon.do('token', 'create', '--name', 'ci');
  await daemon.do('deploy', name);
  await vi.waitFor(async () => expect((await ended(daemon, name)).size).toBeGreaterThan(5), soon);

  const passphrase = join(stage.folder, 'passphrase');
  writeFileSync(passphrase, 'a long passphrase\n', { mode: 0o600 });
  const file = join(stage.folder, 'file.backup');
  const before = await ended(daemon, name);
  // The workers that end at once go on being started meanwhile.
  await daemon.do('backup', file, '--passphrase-file', passphrase);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const held = await wished(daemon, name);
  const after = await ended(daemon, name);

  const other = aStage();
  const env = { NIGHTSHIFT_DATA: other.data };
  const restored = await run(other.program, ['restore', file, '--passphrase-file', passphrase], { env });
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  const again = await other.start();
  expect(await wished(again, name)).toEqual(held);
  expect(await again.do('env', 'show', name, '--values')).toContain('GREETING=Grüße');
  const there = await ended(again, name);
  // All that had ended before it is there; all that is there ended so, unless the restored daemon had to end it itself.
  expect([...before.keys()].filter((id) => !there.has(id))).toEqual([]);
  const known = [...there].filter(([id, { outcome }]) => after.has(id) && outcome !== 'lost');
  expect(known.length).toBeGreaterThanOrEqual(before.size);
  for (const [id, each] of known) expect(each).toEqual(after.get(id));
  const full = await run(other.program, ['restore', file, '--passphrase-file', passphrase], { env });
  expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('serves')]);
});

test('a damaged database comes back from the daemon’s own backup, and a worker runs on', {
  timeout: 240_000,
}, async () => {
  const stage = aStage();
  const first = await stage.start();
  const { name } = await stage.environment(first, 'rescued');
  await first.do('job', 'add', name, 'slow', 'worker', '--command', 'sleep 1000');
  mkdirSync(join(stage.data, 'backups'), { recursive: true });
  await first.do('backup', join(stage.data, 'backups', '2026-11-26T000000Z.backup'), '--no-secrets');
  const [before] = await first.runsOf(name, 'slow');
  // Not by a kill, which leaves whole pages in the write-ahead log.
  await first.terminate();
  const core = openSync(join(stage.data, 'nightshift.db'), 'r+');
  writeSync(core, Buffer.alloc(8192, 0x5a), 0, 8192, 4096);
  closeSync(core);

  const second = await stage.start();
  expect(second.lines.all.join('\n')).toMatch(/note: .*nightshift\.db was damaged .* was set aside as /);
  expect(second.stderr).toContain('was damaged');
  expect(await second.do('activity')).toContain('recover from a damaged database');
  const { outlives } = { outlives: second.lines.all.includes('runtime: container') };
  await vi.waitFor(async () => {
    const [now] = await second.runsOf(name, 'slow');
    expect(now?.endedAt).toBeNull();
    // Containers outlive the daemon: it is the very same run.
    if (outlives) expect(now?.id).toBe(before?.id);
  }, soon);
});
