/** Memory that runs out, named by the real daemon: in the run, in its log, and in the ledger's run. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, type Follower, type RunRow, Stage } from './daemon.ts';
import { isRoot } from './machine.ts';

const megabyte = 1024 * 1024;
/** Holds so many MB: dd fills its buffer, writes one byte more than the pipe takes, and waits. */
const holds = (megabytes: number): string =>
  `dd if=/dev/zero bs=${megabytes * megabyte} count=1 2>/dev/null | { head -c 1 >/dev/null; echo holding; exec sleep 86399; }`;
const hogs = 'exec dd if=/dev/zero of=/dev/null bs=1000M count=1';

describe.skipIf(!isRoot)('memory that runs out', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let name: string;
  let log: Follower;
  let limits: boolean;

  beforeAll(async () => {
    daemon = await stage.start('--ephemeral');
    limits = daemon.lines.all.some((line) => line.includes('container'));
    if (!limits) console.warn('\nOut of memory is NOT tested: this machine runs no containers\n');
    name = (await stage.environment(daemon, 'memory', 'S')).name;
    log = daemon.follow(name);
    await daemon.do('job', 'add', name, 'holder', 'worker', '--command', `sh -c '${holds(60)}'`);
    await log.line('holder', 'holding');
  });
  afterAll(async () => {
    await log?.close();
    await stage.dispose();
  });

  const lastOf = async (job: string): Promise<RunRow> => {
    const row = (await daemon.runsOf(name, job)).find((each) => each.outcome !== null);
    if (row === undefined) throw new Error(`no run of ${job} has ended`);
    return row;
  };

  test('is told with who held what, in the run and at its place in the log', async ({ skip }) => {
    skip(!limits, 'no containers here');
    await daemon.do('job', 'add', name, 'hog', 'cron', '--crontab', '0 0 1 1 *', '--command', hogs);
    await daemon.cli('job', 'run', name, 'hog');
    const line = await log.line('hog', 'out of memory');
    const run = await lastOf('hog');
    expect(run).toMatchObject({ id: line.run, outcome: 'out-of-memory' });
    const words =
      /"hog" held (\d+\.\d) MB, the others (\d+\.\d) MB, and plan S has 256 MB for all: plan M \(512 MB\) would have kept it$/;
    const [, held, others] = words.exec(run.reason ?? '') ?? [];
    expect(Number(held)).toBeGreaterThan(100);
    expect(Number(held)).toBeLessThan(257);
    expect(Number(others)).toBeGreaterThan(55);
    expect(line.level).toBe('ERR');
    expect(line.message).toMatch(words);
    expect(line.message).toMatch(/^nightshift: out of memory: /);
    // The one beside it goes on.
    expect((await daemon.runsOf(name, 'holder'))[0]).toMatchObject({ endedAt: null });
    const found = (await daemon.do('logs', name, '--json', '--grep', 'would have kept')).trim().split('\n');
    const [again] = found.map((text) => JSON.parse(text) as { message: string });
    expect(found).toHaveLength(1);
    expect(again?.message).toBe(line.message);
    await daemon.do('job', 'remove', name, 'hog', '--yes');
  });

  test('is the end of what does not fit a smaller plan, only where that is forced, and said', async ({
    skip,
  }) => {
    skip(!limits, 'no containers here');
    const other = await stage.environment(daemon, 'shrink', 'M');
    await daemon.do('job', 'add', other.name, 'big', 'worker', '--command', `sh -c '${holds(180)}'`);
    const followed = daemon.follow(other.name);
    try {
      const { run } = await followed.line('big', 'holding');
      const refused = await daemon.cli('book', other.name, 'XS');
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toMatch(/hold 1[89]\d\.\d MB now and plan XS has 128 MB/);
      expect((await daemon.runsOf(other.name, 'big'))[0]).toMatchObject({ id: run, endedAt: null });
      const forced = await daemon.do('book', other.name, 'XS', '--force');
      expect(forced).toMatch(/The jobs held 1[89]\d\.\d MB and plan XS has 128 MB: .*out of memory/);
      expect((await followed.line('big', 'out of memory')).run).toBe(run);
      const ended = (await daemon.runsOf(other.name, 'big')).find((each) => each.id === run);
      expect(ended).toMatchObject({ outcome: 'out-of-memory' });
      expect(ended?.reason).toMatch(
        /"big" held 1[89]\d\.\d MB, .* plan XS has 128 MB for all: plan S \(256 MB\)/,
      );
    } finally {
      await followed.close();
    }
  });

  test('is not told of a run that was only killed', async () => {
    await daemon.do(
      'job',
      'add',
      name,
      'victim',
      'cron',
      '--crontab',
      '0 0 1 1 *',
      '--command',
      "sh -c 'kill -KILL $$'",
    );
    await daemon.cli('job', 'run', name, 'victim');
    expect((await lastOf('victim')).outcome).not.toBe('out-of-memory');
    await daemon.do('job', 'remove', name, 'victim', '--yes');
  });
});
