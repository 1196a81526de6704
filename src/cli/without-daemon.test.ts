import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aLocal, call, caller } from './cli-run.testkit.ts';
import { dataFolder, storeAddress } from './data-folder.ts';

const nightshift = join(import.meta.dirname, '../../bin/nightshift');

describe('without a daemon', () => {
  test('crontab tells what an expression means', async () => {
    const { exitCode, stdout } = await call(undefined, [
      'crontab',
      '*/10 * * * *',
      '--timezone',
      'Europe/Berlin',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      'every 10 minutes (Europe/Berlin)\n  Sun 2026-11-22 04:13:07 Europe/Berlin, 2026-11-22 03:13:07 UTC, in 1 min\n',
    );
  });

  test('goes on where the folder that one stands in was removed', () => {
    const gone = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" version';
    const { status, stdout } = spawnSync('sh', ['-c', gone, nightshift], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^nightshift \d/)]);
  });

  test('crontab asks for what its options say', async () => {
    let asked: unknown;
    const words = ['crontab', '@daily', '--from', '2026-11-22T00:00:00Z', '--next', '2', '--json'];
    await call(undefined, words, {
      crontab: async (input) => {
        asked = input;
        return aLocal.crontab(input);
      },
    });
    expect(asked).toEqual({ expression: '@daily', timezone: 'UTC', next: 2, from: Date.UTC(2026, 10, 22) });
  });

  test('doctor tells what is missing and how to get it', async () => {
    const { stdout } = await call(undefined, ['doctor']);
    expect(stdout).toContain('missing  crun    not found');
    expect(stdout).toContain('crun: apt-get install crun');
  });

  test('serve gets its options, and its exit code is the daemon’s', async () => {
    let asked: unknown;
    const words = 'serve --data shop --listen 127.0.0.1:8080 --runtime process --ephemeral'.split(' ');
    const { exitCode } = await call(undefined, words, {
      serve: async (options) => {
        asked = options;
        return 3;
      },
    });
    expect(exitCode).toBe(3);
    expect(asked).toEqual({
      data: '/srv/shop',
      store: null,
      listen: '127.0.0.1:8080',
      runtime: 'process',
      ephemeral: true,
      trustProxy: [],
    });
  });

  test('install says each thing that is done, then what is missing; words after -- are options of serve', async () => {
    let asked: unknown;
    const { stdout, exitCode } = await call(
      undefined,
      ['install', '--now', '--data', 'shop', '--', '--listen', '0.0.0.0:80'],
      {
        install: async (wishes, tell) => {
          asked = wishes;
          tell({ sentence: 'wrote the unit', changed: true });
        },
      },
    );
    expect(exitCode).toBe(0);
    expect(asked).toEqual({
      data: '/srv/shop',
      options: ['--listen', '0.0.0.0:80'],
      now: true,
      dryRun: false,
      running: null,
    });
    expect(stdout).toBe('wrote the unit\nnote: crun: not found; to mend it: apt-get install crun\n');
  });

  test('install --json is one document', async () => {
    const { stdout } = await call(undefined, ['install', '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toHaveLength(3);
  });

  test('uninstall asks first, and nothing is done where nobody can answer', async () => {
    const refused = await call(undefined, ['uninstall', '--purge']);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('--yes');
    expect((await call(undefined, ['uninstall', '--yes'])).stdout).toBe('took the service away\n');
  });

  test.each([
    [{}, undefined, null],
    [{ NIGHTSHIFT_STORE: '' }, undefined, null],
    [{ NIGHTSHIFT_STORE: 'postgres:///a' }, undefined, { address: 'postgres:///a', from: 'environment' }],
    [{ NIGHTSHIFT_STORE: 'postgres:///a' }, 'postgres:///b', { address: 'postgres:///b', from: 'option' }],
  ] as const)('with %j and --store %s the store is %j', (variables, option, place) => {
    const { io } = caller(undefined);
    expect(storeAddress(option, { ...io, variables })).toEqual(place);
  });

  test.each([
    [{ isRoot: true }, undefined, '/var/lib/nightshift'],
    [{ isRoot: false, home: '/here/me' }, undefined, '/here/me/.local/state/nightshift'],
    [{ variables: { NIGHTSHIFT_DATA: 'data' } }, undefined, '/srv/data'],
    [{ variables: { NIGHTSHIFT_DATA: 'data' } }, '/other', '/other'],
    [{ variables: { NIGHTSHIFT_DATA: '' }, isRoot: true }, undefined, '/var/lib/nightshift'],
  ])('with %j and --data %s the data folder is %s', (surroundings, option, folder) => {
    const { io } = caller(undefined);
    expect(dataFolder(option, { ...io, ...surroundings })).toBe(folder);
  });

  test('the version and the help are there', async () => {
    expect((await call(undefined, ['version'])).stdout).toBe('nightshift 0.1.0\n');
    expect((await call(undefined, ['--version'])).stdout).toBe('nightshift 0.1.0\n');
    expect((await call(undefined, ['version', '--json'])).stdout).toBe('{\n  "version": "0.1.0"\n}\n');
    const bare = await call(undefined, []);
    expect([bare.exitCode, bare.stdout.slice(0, 6)]).toEqual([0, 'Usage:']);
  });
});
