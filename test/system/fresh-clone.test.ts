/** The main job: a fresh clone, `script/server`, and the demo at work; with npm's cache as the only thing that is shared. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventLog } from '../testkit/event-log.ts';
import { type CommandResult, checkout, Follower, run } from './daemon.ts';
import { isRoot, leftovers } from './machine.ts';

const minutesMs = 60_000;

/** As outside of script/test: a clone has to find, or to bring, a Node of its own. */
const plainPath = (process.env.PATH ?? '')
  .split(':')
  .filter((folder) => !folder.includes('/.tools/') && !folder.includes('node_modules'))
  .join(':');

/** `script/server` as a person starts it, with what it prints. */
class Server {
  readonly lines = new EventLog<string>();
  readonly child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(clone: string, data: string, demo: string) {
    this.child = spawn(join(clone, 'script', 'server'), ['--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: plainPath,
        NIGHTSHIFT_DEMO_ROOT: demo,
        npm_config_prefer_offline: 'true',
      },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', this.lines.push);
    }
    this.#ended = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  /** A line that begins so; fails at once when the script ends before it. */
  line(start: string): Promise<string> {
    const early = this.#ended.then((code) => {
      throw new Error(`script/server ended (${code}): ${this.lines.all.join('\n')}`);
    });
    return Promise.race([this.lines.first(start, (line) => line.startsWith(start), 4 * minutesMs), early]);
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.#ended;
  }
}

describe('script/server in a fresh clone', () => {
  const folder = mkdtempSync(join(isRoot ? '/srv' : tmpdir(), 'nightshift-clone-'));
  const clone = join(folder, 'clone');
  const data = join(folder, 'data');
  const demo = join(folder, 'demo');
  const hadUser = isRoot && execFileSync('getent', ['passwd'], { encoding: 'utf8' }).includes('\nns-demo:');
  let server: Server;

  const cli = (...args: string[]): Promise<CommandResult> =>
    run(join(clone, 'bin', 'nightshift'), args, { env: { PATH: plainPath, NIGHTSHIFT_DATA: data } });
  const jobs = async (): Promise<Record<string, unknown>[]> =>
    JSON.parse((await cli('jobs', 'demo', '--json')).stdout) as Record<string, unknown>[];

  beforeAll(async () => {
    chmodSync(folder, 0o711);
    execFileSync('git', ['clone', '--quiet', checkout, clone]);
    server = new Server(clone, data, demo);
    await server.line('ready:');
    await server.line('The environment "demo" is at work');
  }, 5 * minutesMs);

  afterAll(async () => {
    await server?.end('SIGTERM');
    const left = leftovers([data, demo, clone]);
    if (isRoot && !hadUser) execFileSync('userdel', ['ns-demo'], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
    expect(left).toEqual([]);
  });

  test(
    'has the demo at work: two workers, and mails that get written',
    async () => {
      const log = new Follower(data, 'demo');
      const order = await log.lines.first(
        'a mail',
        (line) => line.job === 'mailer' && line.message.includes('mail to'),
        minutesMs,
      );
      expect(order).toMatchObject({ level: 'INFO' });
      await log.close();
      const found = await jobs();
      expect(found.map((job) => [job.name, job.type, job.running])).toEqual([
        ['clean-up', 'cron', false],
        ['mailer', 'worker', true],
        ['queue-report', 'cron', expect.any(Boolean)],
        ['shop', 'worker', true],
      ]);
    },
    2 * minutesMs,
  );

  test(
    'runs its cron when it is due, within a minute',
    async () => {
      const log = new Follower(data, 'demo');
      await log.lines.first('a report', (line) => line.job === 'queue-report', 90_000);
      await log.close();
      const runs = JSON.parse((await cli('runs', 'demo', '--job', 'queue-report', '--json')).stdout) as {
        trigger: string;
      }[];
      expect(runs.at(-1)).toMatchObject({ trigger: 'schedule' });
    },
    2 * minutesMs,
  );

  test('prints three commands that work as they are printed', async () => {
    const printed = server.lines.all.filter((line) => /^ {2}.*bin\/nightshift /.test(line));
    expect(printed).toHaveLength(3);
    for (const line of printed.filter((each) => !each.endsWith(' -f'))) {
      const result = await run('/bin/sh', ['-c', line], { cwd: clone, env: { PATH: plainPath } });
      expect(result).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('is quick to set up what is set up already, and changes nothing then', async () => {
    const begun = performance.now();
    const result = await run(join(clone, 'script', 'bootstrap'), [], { env: { PATH: plainPath } });
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })).toBe('');
  });

  test(
    'ends with its jobs, and goes on with what there was, also when it was killed half-way',
    async () => {
      expect((await cli('job', 'remove', 'demo', 'clean-up', '--yes')).code).toBe(0);
      expect(await server.end('SIGINT')).toBe(0);
      expect(leftovers([data, demo])).toEqual([]);

      // Nothing is added to what a person made of it.
      server = new Server(clone, data, demo);
      await server.line('ready:');
      expect((await jobs()).map((job) => job.name)).toEqual(['mailer', 'queue-report', 'shop']);
      await server.end('SIGTERM');

      // The note that the demo is not complete: what is missing is added, and only that.
      writeFileSync(join(data, 'demo-wanted'), '');
      server = new Server(clone, data, demo);
      await server.line('The environment "demo" is at work');
      expect((await jobs()).map((job) => job.name)).toEqual(['clean-up', 'mailer', 'queue-report', 'shop']);
    },
    3 * minutesMs,
  );
});
