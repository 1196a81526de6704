/** Moving in: files in the form of the programs that people come from, through the command line, into the real daemon. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { ImportedJobs } from '../../src/contract/moving.ts';
import { Stage } from './daemon.ts';

const soon = { timeout: 60_000, interval: 250 };

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

test('programs, crons and process types run after they were imported, and nothing was changed before', {
  timeout: 240_000,
}, async () => {
  stage = new Stage();
  const { folder } = stage;
  const daemon = await stage.start('--listen', 'none', '--ssh', 'none');
  const name = stage.name('moving');
  const root = stage.root(name);
  await daemon.do('env', 'create', name, '--root', root);
  const file = (path: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
    return join(folder, path);
  };

  mkdirSync(join(folder, 'conf.d'));
  file('conf.d/ticker.conf', [
    '[program:ticker]',
    'process_name = %(program_name)s_%(process_num)02d',
    `directory = ${root}`,
    'command = sh -c "echo ticking for $GREETED; exec sleep 1000"',
    'environment = GREETED="the shop"',
    'numprocs = 2',
    'stopasgroup = true',
  ]);
  const main = file('supervisord.conf', ['[supervisord]', '[include]', 'files = conf.d/*.conf']);
  const words = ['import', 'supervisor', main, '--env', name];
  const told = await daemon.json<ImportedJobs>(...words, '--dry-run');
  expect(told.lines).toEqual([expect.stringContaining('job added: ticker'), 'variable set: GREETED']);
  expect(told.notes.map(({ fate, line }) => [fate, line])).toEqual([
    ['adapted', 1],
    ['adapted', 7],
  ]);
  expect(told.proposal).toEqual({ plan: 'S', jobs: 2, memoryBytes: 256 * 1024 ** 2 });
  expect(await daemon.json('jobs', name)).toEqual([]);

  expect(await daemon.do(...words, '--plan', 'M')).toContain('plan: none -> M');
  await vi.waitFor(
    async () => expect(await daemon.do('logs', name)).toContain('(ticker): ticking for the shop'),
    soon,
  );

  const crontab = file('crontab', [
    '# Say hello',
    `0 3 * * * cd ${root} && echo "hello from $(basename $PWD)" >> /dev/null 2>&1`,
    '@reboot /usr/bin/never',
  ]);
  const imported = await daemon.do(
    'import',
    'crontab',
    crontab,
    '--env',
    name,
    '--timezone',
    'Europe/Berlin',
  );
  expect(imported).toContain(`${crontab}:3: @reboot /usr/bin/never\n  left out: `);
  await daemon.do('job', 'run', name, 'say-hello');
  await vi.waitFor(
    async () => expect(await daemon.do('logs', name)).toContain(`(say-hello): hello from ${name}`),
    soon,
  );

  const procfile = file('Procfile', ['web: bin/web', 'worker: echo worked; exec sleep 1000']);
  const tooMany = await daemon.cli('import', 'procfile', procfile, '--env', name, '--plan', 'S');
  expect([tooMany.code, tooMany.stderr]).toEqual([1, expect.stringContaining('(with --plan M it fits)')]);
  expect(await daemon.do('import', 'procfile', procfile, '--env', name)).toContain(
    'left out: requests are answered',
  );

  const exported = file('exported.conf', [await daemon.do('export', 'supervisor', name)]);
  const again = await daemon.json<ImportedJobs>('import', 'supervisor', exported, '--env', name, '--dry-run');
  expect(again.added).toEqual([]);
  expect(await daemon.do('export', 'crontab', name)).toContain(`\n0 3 * * * cd ${root} && `);
  expect(await daemon.json<{ name: string }[]>('jobs', name)).toMatchObject([
    { name: 'say-hello' },
    { name: 'ticker', running: true },
    { name: 'worker', running: true },
  ]);
});
