import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseDeployFile } from './deploy-file.ts';
import type { ImportInput } from './import-view.ts';
import { makeWorld, member, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(() => world.dispose());

const program = (name: string, settings = '') =>
  `[program:${name}]\ncommand = bin/${name} --all\n${settings}\n`;
const input = (text: string, extra: Partial<ImportInput> = {}): ImportInput => ({
  format: 'supervisor',
  files: [{ name: '/etc/supervisor/conf.d/shop.conf', text }],
  timezone: 'UTC',
  plan: null,
  ...extra,
});
const bring = (asked: ImportInput, dryRun = false) =>
  world.control.importJobs(member('shop'), 'shop', asked, { dryRun, wait: true });

it('an import is told first, and then done: jobs of people’s, with their variables, in one step', async () => {
  const text = program('mails', 'numprocs = 2\nenvironment = APP_ENV=production');
  const told = await bring(input(text), true);
  expect(told.lines).toEqual(['job added: mails (worker: bin/mails --all)', 'variable set: APP_ENV']);
  expect(await world.control.jobs(operator, 'shop')).toEqual([]);
  expect(await bring(input(text))).toEqual(told);
  expect((await world.control.job(operator, 'shop', 'mails')).job).toMatchObject({
    ...{ type: 'worker', instances: 2, managedBy: null, status: 'enabled' },
  });
  expect(await world.store.variables('shop')).toEqual({ APP_ENV: 'production' });
  const again = await bring(input(text));
  expect([again.lines, again.unchanged]).toEqual([[], ['mails']]);
});

it('an import changes what the file says of jobs that are there, and leaves what else people have set', async () => {
  const { control } = world;
  await control.addJob(
    operator,
    'shop',
    { name: 'mails', type: 'worker', command: 'x', instances: 3 },
    noWait,
  );
  await control.addJob(operator, 'shop', { name: 'other', type: 'worker', command: 'x' }, noWait);
  const told = await bring(input(program('mails', 'stopwaitsecs = 60')));
  expect(told.lines).toEqual(['job changed: mails: command x -> bin/mails --all; timeout 10s -> 1m']);
  expect((await control.job(operator, 'shop', 'mails')).job).toMatchObject({ instances: 3, version: 2 });
  expect(await control.jobs(operator, 'shop')).toHaveLength(2);
});

it('a plan that fits is proposed, and booked in the same step where that is asked for', async () => {
  const text = program('mails', 'numprocs = 7');
  const told = await bring(input(text), true);
  expect(told.proposal).toEqual({ plan: 'L', jobs: 7, memoryBytes: 7 * 128 * 1024 ** 2 });
  expect(told.refused).toContain('plan M holds 4 enabled jobs and "shop" would have 7');
  await refused('plan.jobs-exceeded', bring(input(text)));
  expect(await world.store.jobs('shop')).toEqual([]);
  const done = await bring(input(text, { plan: 'L' }));
  expect([done.proposal, done.refused, done.lines[0]]).toEqual([null, null, 'plan: M -> L']);
  expect((await world.store.environment('shop'))?.plan).toBe('L');
});

it('what an import can’t do is refused as a whole', async () => {
  const { control } = world;
  await refused('import.nothing', bring(input('nothing here')));
  await refused('plan.unknown', bring(input(program('a'), { plan: 'Z' })));
  await control.addJob(operator, 'shop', { name: 'b', type: 'cron', command: 'x', interval: '1d' }, noWait);
  const other = await refused('import.file', bring(input(program('a') + program('b'))));
  expect(other.message).toContain('line 4: job "b": "shop" has a cron "b" already');
  await control.applyFile(operator, 'shop', 'jobs: {c: {command: x}}', { dryRun: false, wait: false });
  const managed = await refused('import.file', bring(input(program('a') + program('c'))));
  expect(managed.message).toContain('"c" is managed by nightshift.yml');
  expect((await world.store.jobs('shop')).map(({ name }) => name)).toEqual(['b', 'c']);
  await refused(
    'environment.unknown',
    control.importJobs(member('blog'), 'shop', input(program('a')), { dryRun: true, wait: true }),
  );
});

it('a variable that is there with another value stays, and that is said', async () => {
  await world.control.setVariables(operator, 'shop', { APP_ENV: 'staging' }, noWait);
  const told = await bring(input(program('mails', 'environment = APP_ENV=production')));
  expect(told.notes.map(({ directive, fate }) => [directive, fate])).toEqual([['APP_ENV', 'left out']]);
  expect(JSON.stringify(told)).not.toContain('staging');
  expect(await world.store.variables('shop')).toEqual({ APP_ENV: 'staging' });
});

it('the same jobs as a nightshift.yml are read back as they are', async () => {
  const text = program('mails', 'stopwaitsecs = 90\nstopsignal = INT\nautostart = false\nnumprocs = 2');
  const { file } = await bring(input(text), true);
  expect(parseDeployFile(file).jobs).toMatchObject([
    {
      ...{ name: 'mails', type: 'worker', command: 'bin/mails --all', status: 'disabled' },
      ...{ exitSignal: 'INT', exitTimeoutSeconds: 90, instances: 2 },
    },
  ]);
});
