/** Statistics of the real daemon against what is known to be true: memory with forked children, durations, exits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type Daemon, Stage } from './daemon.ts';
import { pidsOf } from './machine.ts';

const megabyte = 1024 * 1024;
/** Looks are ten seconds apart; a machine under load gets more. */
const soon = { timeout: 90_000, interval: 250 };

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

interface JobRow {
  readonly name: string;
  readonly fails: number;
  readonly exitsOk: number;
  readonly durationAvgSeconds: number | null;
  readonly durationMaxSeconds: number | null;
  readonly memoryAvgBytes: number | null;
  readonly memoryMaxBytes: number | null;
}

const rowOf = async (daemon: Daemon, environment: string, job: string): Promise<JobRow> => {
  const row = (await daemon.json<JobRow[]>('jobs', environment)).find(({ name }) => name === job);
  if (row === undefined) throw new Error(`there is no job ${job}`);
  return row;
};

/** One line for people: the figure, the truth, and by how much they differ. */
function compared(what: string, figure: number, truth: number, unit: string): number {
  const error = (figure - truth) / truth;
  console.log(
    `${what}: ${figure.toFixed(2)} ${unit}, in truth ${truth.toFixed(2)} ${unit}: ${(error * 100).toFixed(1)} %`,
  );
  return error;
}

/** The parent and each of its three children fill 10 MB of their own. */
const family = `perl -e '
  my $children = 3;
  for (1 .. $children) { last if !fork }
  my $held = "x" x (10 * 1024 * 1024); substr($held, 0, 1) = "y";
  sleep 1000;
'`;

/** What the kernel says that these processes hold, each shared page counted once: told by others than those who are tested. */
const heldBy = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return sum + Number(kilobytes) * 1024;
  }, 0);

test('memory counts a job with its forked children', async (context) => {
  stage = new Stage();
  const daemon = await stage.start();
  if (!daemon.lines.all.includes('runtime: container'))
    context.skip('only containers count children exactly');
  const { name } = await stage.environment(daemon, 'family');
  await daemon.do('job', 'add', name, 'family', 'worker', '--command', family);
  const [run] = await daemon.runsOf(name, 'family');
  const pids = await vi.waitFor(() => {
    const found = pidsOf(`NIGHTSHIFT_RUN_ID=${run?.id}`, 'perl');
    expect(found).toHaveLength(4);
    expect(heldBy(found)).toBeGreaterThan(40 * megabyte);
    return found;
  }, soon);
  const truth = heldBy(pids);
  const row = await vi.waitFor(async () => {
    const found = await rowOf(daemon, name, 'family');
    expect(found.memoryMaxBytes ?? 0).toBeGreaterThan(39 * megabyte);
    return found;
  }, soon);
  const max = compared(
    'memory of four processes, most',
    (row.memoryMaxBytes ?? 0) / megabyte,
    truth / megabyte,
    'MB',
  );
  expect(Math.abs(max)).toBeLessThan(0.15);
  const average = compared(
    'memory of four processes, average',
    (row.memoryAvgBytes ?? 0) / megabyte,
    truth / megabyte,
    'MB',
  );
  // It is watched from its first moment on, when it held little.
  expect(average).toBeLessThan(0.15);
  expect(row.memoryAvgBytes ?? 0).toBeGreaterThan(0);
}, 240_000);

test('durations, exits and fails are what the programs know of themselves', async () => {
  stage = new Stage();
  const daemon = await stage.start('--ephemeral');
  const { name, root } = await stage.environment(daemon, 'known', 'XL');
  /** Notes how long it took by its own clock. */
  const program = (seconds: number, code: number, file: string): string =>
    `perl -MTime::HiRes=time,sleep -e 'my $t = time; sleep ${seconds}; open(my $f, ">>", "${file}"); printf $f "%.3f\\n", time - $t; close $f; exit ${code}'`;
  const kinds = [
    { job: 'good', seconds: [2, 4], code: 0 },
    { job: 'bad', seconds: [1], code: 3 },
  ];
  for (const { job, seconds, code } of kinds) {
    for (const [index, each] of seconds.entries()) {
      const command = program(each, code, job);
      if (index === 0)
        await daemon.do('job', 'add', name, job, 'cron', '--every', '1mo', '--command', command);
      else await daemon.do('job', 'edit', name, job, '--command', command);
      await daemon.cli('job', 'run', name, job);
    }
  }
  for (const { job, seconds, code } of kinds) {
    const row = await rowOf(daemon, name, job);
    const own = readFileSync(join(root, job), 'utf8').trim().split('\n').map(Number);
    expect(own).toHaveLength(seconds.length);
    expect([row.exitsOk, row.fails]).toEqual(code === 0 ? [seconds.length, 0] : [0, seconds.length]);
    const average = own.reduce((sum, each) => sum + each, 0) / own.length;
    compared(`duration of ${job}, average`, row.durationAvgSeconds ?? 0, average, 's');
    compared(`duration of ${job}, most`, row.durationMaxSeconds ?? 0, Math.max(...own), 's');
    // A program's clock begins when it is loaded, and stops before it is gone.
    for (const [figure, truth] of [
      [row.durationAvgSeconds ?? 0, average],
      [row.durationMaxSeconds ?? 0, Math.max(...own)],
    ] as const) {
      expect(figure).toBeGreaterThan(truth - 0.05);
      expect(figure).toBeLessThan(truth + 2);
    }
    for (const { exitCode } of await daemon.runsOf(name, job)) expect(exitCode).toBe(code);
  }
}, 240_000);
