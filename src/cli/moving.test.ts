import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { controlDouble } from '../http/control-double.testkit.ts';
import { socketServer } from '../http/socket-server.testkit.ts';
import { aLocal, call } from './cli-run.testkit.ts';
import type { RestoreWish } from './local.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder('moving');
});
afterEach(() => folder.dispose());
const at = (name: string) => join(folder.path, name);

describe('import', () => {
  const { importJobs } = controlDouble().control;
  const nothing = { added: [], changed: [], removed: [], released: [], unchanged: [], plan: null, lines: [] };

  test('tells what becomes of the file, asks before jobs are changed, and reads what it includes', async () => {
    await writeFile(at('main.conf'), '[include]\nfiles = more/*.conf\n');
    await mkdir(at('more'));
    await writeFile(at('more/a.conf'), 'of a');
    const asked: string[][] = [];
    const server = await socketServer({
      importJobs: async (actor, name, input, options) => {
        asked.push(input.files.map(({ text }) => text));
        const wanted = input.files.length === 1 ? [at('more/*.conf'), at('gone.conf')] : [at('gone.conf')];
        return { ...(await importJobs(actor, name, input, options)), wanted };
      },
    });
    const words = ['import', 'supervisor', at('main.conf'), '--env', 'demo'];
    const told = await call(server, [...words, '--dry-run']);
    expect(told).toMatchObject({ exitCode: 0, stderr: '' });
    expect(told.stdout).toContain('job added: mails (worker: php mails.php)\n');
    expect(told.stdout).toContain(
      '/etc/supervisor/conf.d/shop.conf:6: user = forge\n  left out: jobs of "demo" run as ns-demo\n',
    );
    expect(told.stdout).toContain(`not read, because there is no such file: ${at('gone.conf')}\n`);
    expect(told.stdout).toContain(
      'plan M is the smallest that fits "demo" (3 enabled jobs, 384 MB): book it with --plan M',
    );
    expect(asked.map((each) => each.length)).toEqual([1, 2]);
    const refused = await call(server, words);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining('changes jobs that are there already: old'),
    ]);
    const done = await call(server, [...words, '--yes']);
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('"demo" has these jobs now')]);
    const printed = await call(server, [...words, '--print']);
    expect(printed).toMatchObject({
      exitCode: 0,
      stdout: 'jobs: {}\n',
      stderr: expect.stringContaining('left out'),
    });
  });

  test('reads the drop-ins of a unit, and the template of an instance', async () => {
    await writeFile(at('mails@.service'), 'the template');
    await mkdir(at('mails@.service.d'));
    await writeFile(at('mails@.service.d/override.conf'), 'the drop-in');
    const asked: (readonly { name: string; text: string }[])[] = [];
    const server = await socketServer({
      importJobs: async (actor, name, input, options) => {
        asked.push(input.files);
        const optional = [at('mails@.service.d/*.conf'), at('mails@eu.service.d/*.conf')];
        return {
          ...(await importJobs(actor, name, input, options)),
          wanted: [at('report@eu.timer')],
          optional,
        };
      },
    });
    await writeFile(at('report@.timer'), 'its timer');
    const told = await call(server, [
      'import',
      'systemd',
      at('mails@eu.service'),
      '--env',
      'demo',
      '--dry-run',
    ]);
    expect(told).toMatchObject({ exitCode: 0, stderr: '' });
    expect(told.stdout).not.toContain('.d/*.conf');
    expect(asked.at(-1)).toEqual([
      { name: at('mails@eu.service'), text: 'the template' },
      { name: at('mails@.service.d/override.conf'), text: 'the drop-in' },
      { name: at('report@eu.timer'), text: 'its timer' },
    ]);
    const gone = await call(server, [
      'import',
      'systemd',
      at('gone@eu.service'),
      '--env',
      'demo',
      '--dry-run',
    ]);
    expect([gone.exitCode, gone.stderr]).toEqual([
      2,
      expect.stringContaining("gone@eu.service can't be read (ENOENT)"),
    ]);
  });

  test('says what refuses it, and with which plan it fits', async () => {
    await writeFile(at('Procfile'), 'a: b');
    const proposal = { plan: 'L', jobs: 8, memoryBytes: 1024 ** 3 };
    const view = {
      ...nothing,
      variables: [],
      notes: [],
      wanted: [],
      optional: [],
      proposal,
      refused: 'plan M is too small',
      file: '',
    };
    const server = await socketServer({ importJobs: async () => view });
    const { exitCode, stderr } = await call(server, ['import', 'procfile', at('Procfile'), '--env', 'demo']);
    expect([exitCode, stderr]).toEqual([1, 'nightshift: plan M is too small (with --plan L it fits)\n']);
  });

  test('of a file that can’t be read is wrong usage', async () => {
    const { exitCode, stderr } = await call(undefined, ['import', 'crontab', at('none'), '--env', 'demo']);
    expect([exitCode, stderr]).toEqual([2, `nightshift: ${at('none')} can't be read (ENOENT)\n`]);
  });
});

describe('backup', () => {
  test('is a file for its owner alone, whole or not there, and never in place of another', async () => {
    await writeFile(at('passphrase'), 'a long passphrase\n');
    const server = await socketServer();
    const words = ['backup', at('file'), '--passphrase-file', at('passphrase')];
    const made = await call(server, words);
    expect(made).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('sealed with the passphrase'),
    });
    expect(server.asked).toContainEqual(['backup', 'a long passphrase']);
    expect([await readFile(at('file'), 'utf8'), (await stat(at('file'))).mode & 0o777]).toEqual([
      'a backup',
      0o600,
    ]);
    expect(await call(server, words)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is there already'),
    });
    const damaged = async () => {
      throw Object.assign(new Error('the backup is damaged'), { name: 'Refusal' });
    };
    const broken = await call(server, ['backup', at('other'), '--no-secrets'], { checkBackup: damaged });
    expect(broken).toMatchObject({ exitCode: 1, stderr: 'nightshift: the backup is damaged\n' });
    await expect(stat(at('other'))).rejects.toThrow('ENOENT');
  });

  test('without a terminal wants a passphrase in a file, or none', async () => {
    const { exitCode, stderr } = await call(await socketServer(), ['backup', at('file')]);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('--passphrase-file, or leave them out with --no-secrets'),
    ]);
  });
});

test('restore hands on what it was told, and says what this machine lacks', async () => {
  await writeFile(at('passphrase'), 'a long passphrase\n');
  const wishes: RestoreWish[] = [];
  const words = [
    'restore',
    at('file'),
    '--passphrase-file',
    at('passphrase'),
    '--data',
    at('data'),
    '--catch-up',
  ];
  const { exitCode, stdout } = await call(undefined, words, {
    restore: async (wish) => {
      wishes.push(wish);
      return await aLocal.restore(wish);
    },
  });
  expect([exitCode, wishes]).toEqual([
    0,
    [{ data: at('data'), file: at('file'), passphrase: 'a long passphrase', keyFile: null, catchUp: true }],
  ]);
  expect(stdout).toContain('! "demo": its root /srv/demo is not there\n');
});
