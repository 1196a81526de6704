/**
 * The npm package: made, installed to a prefix of its own without any network, at work, replaced by another version below
 * running jobs, and refused where a newer one has been.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout, type Daemon, run, Stage } from './daemon.ts';
import { canPush, GitClient, whyNot } from './git-client.ts';
import { isRoot, pidsOf } from './machine.ts';

const megabyte = 1e6;
const packageMax = 4 * megabyte;

describe('the npm package', () => {
  const stage = new Stage();
  const prefix = join(stage.folder, 'prefix');
  const installed = join(prefix, 'lib/node_modules/nightshift');
  let first: string;
  let second: string;

  /** Must print one line, the path of what it made. */
  const made = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

  /** As on a server without a way out: nothing else may be needed. */
  async function install(path: string): Promise<void> {
    const cache = mkdtempSync(join(stage.folder, 'cache-'));
    const words = [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--cache',
      cache,
      '--offline',
      '--no-audit',
      '--no-fund',
    ];
    const { code, stderr } = await run('npm', [...words, path], { cwd: stage.folder });
    expect(code, stderr).toBe(0);
  }

  /** The same program, as the next release. */
  function nextRelease(path: string): string {
    const folder = mkdtempSync(join(stage.folder, 'next-'));
    execFileSync('tar', ['--extract', '--gzip', '--file', path, '--directory', folder]);
    const manifest = join(folder, 'package/package.json');
    const fields = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    writeFileSync(manifest, JSON.stringify({ ...fields, version: '9.9.9' }));
    return join(folder, made('npm', 'pack', '--pack-destination', folder, join(folder, 'package')));
  }

  beforeAll(async () => {
    first = made(join(checkout, 'script/package'), '--out', stage.folder);
    second = nextRelease(first);
    await install(first);
    stage.program = join(prefix, 'bin/nightshift');
  }, 240_000);
  afterAll(() => stage.dispose(), 60_000);

  /** @returns what it was */
  function setSchema(version: number): number {
    const database = new DatabaseSync(join(stage.data, 'nightshift.db'));
    try {
      const before = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
      database.exec(`PRAGMA user_version = ${version}`);
      return before;
    } finally {
      database.close();
    }
  }

  const page = async (
    daemon: Daemon,
    path: string,
  ): Promise<{ status?: number | undefined; body: string }> => {
    const address = /dashboard (http:\S+)/.exec(await daemon.ready())?.[1];
    const [response] = (await once(get(`${address}${path}`), 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  };

  test('is small, and holds all that runs: no dependency, no source, nothing of the tests', () => {
    expect(statSync(first).size).toBeLessThan(packageMax);
    const fields = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as object;
    expect(Object.keys(fields).sort()).toEqual(
      ['bin', 'description', 'engines', 'license', 'name', 'type', 'version'].sort(),
    );
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    for (const file of [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'THIRD-PARTY-LICENCES.md',
      'web/dist/licences.txt',
    ])
      expect(files).toContain(file);
    expect(files.filter((file) => /\.tsx?$|\.test\.|node_modules/.test(file))).toEqual([]);
    // Of every package whose code is in it.
    const licences = readFileSync(join(installed, 'THIRD-PARTY-LICENCES.md'), 'utf8');
    for (const name of ['fastify', 'ssh2', 'kysely', 'zod', 'pino'])
      expect(licences).toMatch(new RegExp(`^## ${name} \\d`, 'm'));
  });

  test('answers on the command line, and writes nothing elsewhere', async () => {
    const own = mkdtempSync(join(stage.folder, 'home-'));
    const env = { HOME: own, XDG_CACHE_HOME: join(own, 'cache') };
    const { code, stdout, stderr } = await run(stage.program, ['crontab', '*/5 * * * *'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Every 5 minutes');
    expect(readdirSync(own)).toEqual(isRoot ? [] : ['cache']);
  });

  test('says what it would install, with its own place', async () => {
    const { code, stdout } = await run(stage.program, [
      'install',
      '--dry-run',
      '--now',
      '--data',
      stage.data,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('would write /etc/systemd/system/nightshift.service\n');
    expect(stdout).toContain('would start it\n');
  });

  test('is replaced by the next release below running jobs, which keep their processes', async () => {
    let daemon = await stage.start('--listen', '127.0.0.1:0');
    expect(await page(daemon, '/')).toMatchObject({ status: 200, body: expect.stringContaining('/assets/') });
    const { name } = await stage.environment(daemon, 'kept');
    await daemon.do('job', 'add', name, 'talk', 'worker', '--command', 'sleep 100000');
    const pids = (): number[] => pidsOf(`NIGHTSHIFT_ENVIRONMENT=${name}`, 'sleep 100000');
    const before = pids();
    expect(before).toHaveLength(1);

    await install(second);
    const outlives = !daemon.lines.all.some((line) => line.includes('runtime: process'));
    await daemon.terminate();
    daemon = await stage.start();
    expect(await daemon.get('/daemon')).toMatchObject({ version: '9.9.9' });
    if (outlives) {
      expect(pids()).toEqual(before);
      expect(daemon.lines.all).toContain('taken up: 1 running, 0 ended meanwhile, 0 unknown ones ended');
      expect(await daemon.runsOf(name, 'talk')).toHaveLength(1);
    }

    // Back to one that knows less: it says so, touches nothing, and the jobs do not notice.
    await daemon.terminate();
    const schema = setSchema(1_000);
    const refused = await run(stage.program, [
      'serve',
      '--data',
      stage.data,
      '--listen',
      'none',
      '--ssh',
      'none',
    ]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('belongs to a newer version') });
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    if (outlives) expect(pids()).toEqual(before);
    setSchema(schema);

    // Asked to end with its jobs, as "uninstall" does.
    daemon = await stage.start();
    if (outlives) expect(pids()).toEqual(before);
    daemon.child.kill('SIGQUIT');
    const { code, stdout } = await daemon.ended();
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('ending 1 run …') });
    expect(pids()).toEqual([]);
  }, 120_000);

  test.skipIf(!canPush)(
    `takes a push: the program beside the daemon is in it too${whyNot}`,
    async () => {
      const daemon = await stage.start('--ssh', '127.0.0.1:0');
      const { name, root } = await stage.environment(daemon, 'pushed');
      mkdirSync(join(stage.folder, 'git'));
      const git = await GitClient.make(join(stage.folder, 'git'), 'shop', daemon, name);
      await git.commit('First', { 'index.txt': 'pushed' });
      const pushed = await git.push(name);
      expect(pushed.code, pushed.stderr).toBe(0);
      expect(readFileSync(join(root, 'index.txt'), 'utf8')).toBe('pushed');
      await daemon.terminate();
    },
    60_000,
  );
});
