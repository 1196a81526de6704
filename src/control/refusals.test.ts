/** Every refusal that the use cases can give, given once: and that nothing was changed by it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { PlatformUsage } from '../platforms/platform.ts';
import type { JobSettingsInput, NewJob } from './control.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  await world.control.addJob(operator, 'shop', { name: 'mailer', type: 'worker', command: 'mail' }, noWait);
  await world.control.addJob(
    operator,
    'shop',
    { name: 'report', type: 'cron', command: 'report', interval: '1h' },
    noWait,
  );
});
afterEach(() => world.dispose());

type Act = (world: World) => Promise<unknown>;

const create =
  (name: string, root: string, user?: string): Act =>
  ({ control }) =>
    control.createEnvironment(operator, { name, root, ...(user === undefined ? {} : { user }) });
const add =
  (input: Partial<NewJob>): Act =>
  ({ control }) =>
    control.addJob(operator, 'shop', { name: 'new', type: 'worker', command: 'x', ...input }, noWait);
const edit =
  (name: string, input: JobSettingsInput): Act =>
  ({ control }) =>
    control.editJob(operator, 'shop', name, input, noWait);
const setVariables =
  (changes: Record<string, string | null>): Act =>
  ({ control }) =>
    control.setVariables(operator, 'shop', changes, noWait);
const book =
  (plan: string, force = false): Act =>
  ({ control }) =>
    control.book(operator, 'shop', plan, { wait: false, force });
const reset =
  (act: Act): Act =>
  async (given) => {
    await given.control.unbook(operator, 'shop', noWait);
    return act(given);
  };
const holding = (memoryBytes: number): PlatformUsage => ({
  memoryBytes,
  cacheBytes: 0,
  memoryMaxBytes: memoryBytes,
  swapBytes: 0,
  cpuSeconds: 0,
  throttledSeconds: null,
  outOfMemoryKills: null,
  processes: 1,
});

const cases: Partial<Record<ErrorCode, readonly Act[]>> = {
  'access.denied': [
    ({ control }) => control.createEnvironment(member('shop'), { name: 'blog', root: '/srv/blog' }),
    ({ control }) => control.removeEnvironment(member('shop'), 'shop'),
    ({ control }) => control.setTrial(member('shop'), 'shop', true),
  ],
  'environment.unknown': [
    ({ control }) => control.environment(operator, 'nope'),
    ({ control }) => control.environment(member('blog'), 'shop'),
    ({ control }) => control.removeEnvironment(member('blog'), 'shop'),
    ({ control }) => control.removeEnvironment(operator, 'nope'),
    ({ control }) => control.activity(member('blog'), { environment: 'shop', limit: 5 }),
    ({ control }) => control.jobs(member(), 'shop'),
    ({ control }) => control.setPaused(member(), 'shop', true),
    ({ control }) => control.setJobPaused(member('blog'), 'shop', 'report', true),
    ({ control }) => control.incidents(member('blog'), { environment: 'shop', limit: 5 }),
    ({ control }) => control.deploy(member(), 'shop', 'cli', wait),
    ({ control }) => control.exec(member(), 'shop', { command: 'x', terminal: null, maxRuntimeSeconds: 1 }),
    ({ control }) => drained(control.logs(member(), { environment: 'shop' }, new AbortController().signal)),
  ],
  'environment.exists': [create('shop', '/srv/blog')],
  'environment.name': [
    create('../etc', '/srv/blog'),
    create('Shop', '/srv/blog'),
    create('', '/srv/blog'),
    create('*', '/srv/blog'),
  ],
  'environment.root-missing': [create('blog', '/srv/nothing')],
  'environment.root-not-folder': [
    (given) => {
      given.system.folders.set('/srv/file', 'file');
      return create('blog', '/srv/file')(given);
    },
  ],
  'environment.root-forbidden': ['/', '/etc', '/proc/self', '/tmp', '/var/lib', '/var/lib/nightshift/x'].map(
    (root) => (given) => {
      given.system.folders.set(root, { owner: 'root', empty: true });
      return create('blog', root)(given);
    },
  ),
  'environment.root-relative': [create('blog', 'srv/blog'), create('blog', '')],
  'environment.root-taken': [
    create('blog', '/srv/shop'),
    (given) => {
      given.system.folders.set('/srv/shop/inner', { owner: 'root', empty: true });
      return create('blog', '/srv/shop/inner')(given);
    },
  ],
  'environment.user-unknown': [
    create('blog', '/srv/blog', 'nobody-here'),
    (given) => {
      given.system.folders.set('/srv/blog', { owner: '4711', empty: true });
      return create('blog', '/srv/blog')(given);
    },
  ],
  'environment.user-not-ours': [
    (given) => {
      given.system.currentUser = 'www-data';
      return create('blog', '/srv/blog', 'root')(given);
    },
  ],
  'environment.root-unreadable': [
    (given) => {
      given.system.look = () => Promise.resolve({ kind: 'unreadable', why: 'EACCES: permission denied' });
      return create('blog', '/srv/blog')(given);
    },
  ],
  'environment.user-failed': [
    (given) => {
      given.system.folders.set('/srv/blog', { owner: 'root', empty: true });
      given.system.makeUser = () => Promise.reject(new Error('useradd: the disk is full'));
      return create('blog', '/srv/blog')(given);
    },
  ],
  'environment.trial-booked': [({ control }) => control.setTrial(operator, 'shop', true)],
  'environment.busy': [
    async (given) => {
      given.logs.failure = 'disk on fire';
      await refused('environment.removal-failed', given.control.removeEnvironment(operator, 'shop'));
      return add({})(given);
    },
    async (given) => {
      given.logs.failure = 'disk on fire';
      await refused('environment.removal-failed', given.control.removeEnvironment(operator, 'shop'));
      return create('shop', '/srv/blog')(given);
    },
  ],
  'variable.name': [setVariables({ '1A': 'x' }), setVariables({ GOOD: 'x', 'B-D': 'x' })],
  'variable.reserved': [setVariables({ NIGHTSHIFT_JOB: 'x' })],
  'variable.value': [setVariables({ A: 'a\0b' }), setVariables({ A: 'x'.repeat(65_537) })],
  'variable.unknown': [setVariables({ NOPE: null })],
  'variable.too-many': [
    setVariables(
      Object.fromEntries(Array.from({ length: limits.variablesPerEnvironment + 1 }, (_, i) => [`V${i}`, ''])),
    ),
  ],
  'plan.unknown': [book('Z')],
  'plan.jobs-exceeded': [
    book('XS'),
    add({ instances: 3 }),
    edit('mailer', { instances: 4 }),
    async (given) => {
      await add({ instances: 3, status: 'disabled' })(given);
      return given.control.startJob(operator, 'shop', 'new', noWait);
    },
  ],
  'plan.memory-in-use': [
    (given) => {
      given.platform.usages.set('shop', holding(300 * 1024 * 1024));
      return book('S')(given);
    },
  ],
  'component.on-trial': [
    async (given) => {
      await given.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog', trial: true });
      return given.control.book(operator, 'blog', 'M', { wait: false, force: true });
    },
  ],
  'component.not-booked': [
    reset(({ control }) => control.unbook(operator, 'shop', noWait)),
    reset(({ control }) => control.restartJob(operator, 'shop', 'mailer', noWait)),
    reset(({ control }) => control.runJob(operator, 'shop', 'report', noWait)),
    reset(({ control }) => control.restartWorkers(operator, 'shop', noWait)),
    reset(({ control }) =>
      control.exec(operator, 'shop', { command: 'x', terminal: null, maxRuntimeSeconds: 1 }),
    ),
  ],
  'job.unknown': [
    edit('nope', { command: 'x' }),
    ({ control }) => control.job(operator, 'shop', 'nope'),
    ({ control }) => control.removeJob(operator, 'shop', 'nope'),
    ({ control }) => control.startJob(operator, 'shop', 'nope', noWait),
    ({ control }) => control.stopJob(operator, 'shop', 'nope', noWait),
    ({ control }) => control.restartJob(operator, 'shop', 'nope', noWait),
    ({ control }) => control.setJobPaused(operator, 'shop', 'nope', true),
    ({ control }) => control.runs(operator, { environment: 'shop', job: 'nope', limit: 1 }),
    ({ control }) => control.dueTimes(operator, { environment: 'shop', job: 'nope', limit: 1 }),
    ({ control }) => control.nextDue(operator, 'shop', 1, 'nope'),
    ({ control }) =>
      drained(control.logs(operator, { environment: 'shop', jobs: ['nope'] }, new AbortController().signal)),
  ],
  'job.exists': [add({ name: 'mailer' })],
  'job.name': [add({ name: 'a/b' }), add({ name: '' }), add({ name: '.x' }), add({ name: 'a\x1bb' })],
  'job.command-empty': [
    add({ command: '  ' }),
    ({ control }) => control.addJob(operator, 'shop', { name: 'new', type: 'worker' }, noWait),
    ({ control }) => control.exec(operator, 'shop', { command: [], terminal: null, maxRuntimeSeconds: 1 }),
  ],
  'job.command-invalid': [
    add({ command: 'a\0b' }),
    edit('mailer', { command: 'x'.repeat(8_193) }),
    ({ control }) =>
      control.exec(operator, 'shop', { command: 'a\0b', terminal: null, maxRuntimeSeconds: 1 }),
  ],
  'job.exit-signal': [add({ exitSignal: 'STOP' }), edit('mailer', { exitSignal: 'nonsense' })],
  'job.exit-timeout': [add({ exitTimeoutSeconds: 0 }), edit('mailer', { exitTimeoutSeconds: 3_601 })],
  'job.instances': [add({ instances: 0 }), add({ instances: 1.5 }), edit('mailer', { instances: 65 })],
  'job.max-runtime': [
    edit('report', { maxRuntimeSeconds: 0 }),
    edit('report', { maxRuntimeSeconds: Number.NaN }),
  ],
  'job.max-instances': [edit('report', { maxInstances: 0 })],
  'job.catch-up-age': [edit('report', { catchUpMaxAgeSeconds: 0 })],
  'job.retries': [
    edit('report', { retries: -1 }),
    edit('report', { retries: 1.5 }),
    edit('report', { retries: 101 }),
  ],
  'job.retry-delay': [
    edit('report', { retryDelaySeconds: -1 }),
    edit('report', { retryDelaySeconds: 86_401 }),
  ],
  'job.retry-on': [edit('report', { retryOn: [75, 0] }), edit('report', { retryOn: [256] })],
  'job.warning': [
    edit('report', { warnLateSeconds: 0 }),
    edit('report', { warnLongerSeconds: 8 * 86_400 }),
    edit('report', { warnShorterSeconds: Number.NaN }),
  ],
  'job.warning-order': [edit('report', { warnShorterSeconds: 60, warnLongerSeconds: 60 })],
  'job.timezone-of-interval': [
    add({ type: 'cron', interval: '1h', timezone: 'Europe/Berlin' }),
    edit('report', { timezone: 'Europe/Berlin' }),
  ],
  'job.schedule-missing': [add({ type: 'cron' })],
  'job.schedule-both': [
    add({ type: 'cron', interval: '1h', crontab: '* * * * *' }),
    edit('report', { interval: '1h', crontab: '* * * * *' }),
  ],
  'job.not-a-cron': [
    add({ interval: '1h' }),
    edit('mailer', { maxInstances: 3 }),
    edit('mailer', { retries: 3 }),
    ({ control }) => control.setJobPaused(operator, 'shop', 'mailer', true),
    ({ control }) => control.runJob(operator, 'shop', 'mailer', noWait),
  ],
  'job.not-a-worker': [
    add({ type: 'cron', interval: '1h', instances: 2 }),
    edit('report', { handover: 'start-first' }),
    ({ control }) => control.restartJob(operator, 'shop', 'report', noWait),
  ],
  'job.disabled': [
    async ({ control }) => {
      await control.stopJob(operator, 'shop', 'report', noWait);
      return control.runJob(operator, 'shop', 'report', noWait);
    },
    async ({ control }) => {
      await control.stopJob(operator, 'shop', 'mailer', noWait);
      return control.restartJob(operator, 'shop', 'mailer', noWait);
    },
  ],
  'job.nothing-to-change': [edit('mailer', {})],
  'cron.interval': [add({ type: 'cron', interval: '7m' }), edit('report', { interval: 'often' })],
  'cron.expression': [
    add({ type: 'cron', crontab: '* * *' }),
    edit('report', { crontab: '61 * * * *' }),
    ({ control }) => control.explainCrontab(operator, { expression: 'x', timezone: 'UTC', next: 1 }),
  ],
  'cron.never-due': [add({ type: 'cron', crontab: '0 0 30 2 *' })],
  'cron.timezone': [add({ type: 'cron', crontab: '0 0 * * *', timezone: 'Europe/Berln' })],
  'run.unknown': [
    ({ control }) => control.run(operator, 'shop', 'nope'),
    ({ control }) =>
      drained(control.logs(operator, { environment: 'shop', run: 'nope' }, new AbortController().signal)),
  ],
  'platform.unavailable': [
    (given) => {
      given.platform.fail('runNow', 'no runtime');
      return given.control.runJob(operator, 'shop', 'report', noWait);
    },
    (given) => {
      given.platform.fail('exec', 'no runtime');
      return given.control.exec(operator, 'shop', { command: 'x', terminal: null, maxRuntimeSeconds: 1 });
    },
  ],
  'store.unavailable': [
    (given) => {
      given.failStore('addJob');
      return add({})(given);
    },
    (given) => {
      given.failStore('setMeta');
      return given.control.removeEnvironment(operator, 'shop');
    },
  ],
};

/** Refusals of which the change is kept, or which need more than one call: their tests stand in the files beside this one. */
const elsewhere: readonly ErrorCode[] = [
  'access.scope',
  'environment.removal-failed',
  'environment.too-many',
  'environment.too-busy',
  'job.too-many',
  'platform.failed',
  'deploy.remote-command-runs',
  'deploy.cron-runs',
  // Pushes have tests of their own.
  'deploy.branch-removed',
  'deploy.commit-unknown',
  'deploy.root',
  'deploy.tree',
  'deploy.command-failed',
  'deploy.failed',
  'deploy.file',
  'deploy.interrupted',
  'deploy.not-booked',
  'job.managed',
  'plan.memory-exceeded',
  'plans.file',
  'job.stale',
  'environment.stale',
];

async function drained(lines: AsyncIterable<unknown>): Promise<void> {
  for await (const line of lines) expect(line).toBeUndefined();
}

/** Everything that the store holds of wishes. */
const wished = async ({ store }: World) => ({
  environments: await store.environments(),
  jobs: await store.jobs(),
  variables: await store.variables('shop'),
});

/** Codes whose ways change something on purpose before what is refused. */
const changesFirst = new Set([
  'component.on-trial',
  'component.not-booked',
  'job.disabled',
  'plan.jobs-exceeded',
]);

describe.each(Object.entries(cases))('%s', (code, acts) => {
  it.each(acts.map((act, index) => [index + 1, act] as const))('is refused, way %i', async (_, act) => {
    const before = await wished(world);
    const refusal = await refused(code as ErrorCode, act(world));
    expect(refusal.message).toMatch(/^\S.*[^.\s]$/);
    expect(refusal.message).not.toMatch(/undefined|\[object/);
    if (!changesFirst.has(code)) expect(await wished(world)).toEqual(before);
  });
});

it('covers every code that the use cases and their rules name', () => {
  const rooms = ['control', 'domain', 'scheduler'].map((room) => join(import.meta.dirname, '..', room));
  const named = new Set<string>();
  for (const room of rooms) {
    for (const file of readdirSync(room).filter(
      (name) => /^[a-z-]+\.ts$/.test(name) && !/^(errors|account-errors)\.ts$/.test(name),
    )) {
      const source = readFileSync(join(room, file), 'utf8');
      for (const [, code] of source.matchAll(/'((?:[a-z]+)\.[a-z-]+)'/g)) named.add(code as string);
    }
  }
  const known = new Set<string>([...Object.keys(cases), ...elsewhere]);
  const codes = [...named].filter((word) =>
    /^(environment|variable|plan|plans|component|job|cron|run|access|deploy|platform)\./.test(word),
  );
  expect(codes.filter((code) => !known.has(code))).toEqual([]);
  expect(codes.length).toBeGreaterThan(40);
});
