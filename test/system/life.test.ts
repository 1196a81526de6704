/** A worker's life under the real daemon, as its owner sees it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Daemon, type Follower, Stage } from './daemon.ts';
import { pidsOf } from './machine.ts';

/** The runtime that `auto` took on this machine. */
const runtimeOf = async (daemon: Daemon): Promise<string> =>
  /container|process/.exec(daemon.lines.all.join('\n'))?.[0] ?? 'unknown';

const sleeper = "sh -c 'echo up; exec sleep 86399'";

describe('a worker', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let name: string;
  let log: Follower;
  beforeAll(async () => {
    daemon = await stage.start('--ephemeral');
    name = (await stage.environment(daemon, 'life', 'XL')).name;
    log = daemon.follow(name);
  });
  afterAll(async () => {
    await log?.close();
    await stage.dispose();
  });

  test('that is killed is back, and its history says so', async () => {
    await daemon.do('job', 'add', name, 'steady', 'worker', '--command', sleeper);
    const { run } = await log.line('steady', 'up');
    const [pid] = pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sleep 86399');
    if (pid === undefined) throw new Error('the worker has no process');
    process.kill(pid, 'SIGKILL');
    const again = await log.line('steady', 'up', [run]);
    const [next, previous] = await daemon.runsOf(name, 'steady');
    expect(previous).toMatchObject({ id: run, outcome: 'signalled', exitSignal: 'KILL', trigger: 'start' });
    expect(next).toMatchObject({ id: again.run, trigger: 'failure', endedAt: null });
    const jobs = await daemon.json<{ name: string; restarts: number; fails: number }[]>('jobs', name);
    expect(jobs.find((each) => each.name === 'steady')).toMatchObject({ restarts: 1, fails: 1 });
  });

  test('that exits at once backs off, and says that it does', async () => {
    await daemon.do('job', 'add', name, 'hasty', 'worker', '--command', "sh -c 'echo no >&2; exit 3'");
    const first = await log.line('hasty', 'no');
    const second = await log.line('hasty', 'no', [first.run]);
    await log.line('hasty', 'no', [first.run, second.run]);
    const job = await daemon.json<{ state: string; reason: string }>('job', 'show', name, 'hasty');
    expect(['backing-off', 'crash-loop', 'starting', 'running']).toContain(job.state);
    const ended = (await daemon.runsOf(name, 'hasty')).filter((each) => each.endedAt !== null);
    expect(ended.length).toBeGreaterThanOrEqual(2);
    for (const each of ended) expect(each).toMatchObject({ outcome: 'failed', exitCode: 3 });
    const starts = ended.map((each) => Date.parse(each.startedAt ?? '')).sort((a, b) => a - b);
    // 1 s, give or take its jitter.
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(900);
    await daemon.do('job', 'stop', name, 'hasty');
    expect(await daemon.json('job', 'show', name, 'hasty')).toMatchObject({
      state: 'disabled',
      running: false,
    });
  });

  test('that ignores TERM is killed in time, with all that it started', async () => {
    const command = `sh -c 'trap "" TERM; sleep 86398 & echo up; wait; sleep 86398'`;
    await daemon.do('job', 'add', name, 'stubborn', 'worker', '--command', command, '--timeout', '1s');
    const { run } = await log.line('stubborn', 'up');
    await daemon.do('job', 'stop', name, 'stubborn');
    const [ended] = await daemon.runsOf(name, 'stubborn');
    expect(ended).toMatchObject({ id: run, outcome: 'stopped', exitSignal: 'KILL' });
    expect(pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sleep')).toEqual([]);
  });

  test('has its variables and those of its run', async () => {
    await daemon.do('env', 'set', name, 'GREETING=good night');
    const command = `sh -c 'echo "$GREETING $NIGHTSHIFT_ENVIRONMENT $NIGHTSHIFT_JOB $NIGHTSHIFT_TRIGGER"; exec sleep 86397'`;
    await daemon.do('job', 'add', name, 'told', 'worker', '--command', command);
    await log.line('told', `good night ${name} told start`);
    await daemon.do('env', 'set', name, 'GREETING=good morning');
    await log.line('told', `good morning ${name} told settings`);
  });

  test('leaves nothing behind that it detached, and the run names it', async (context) => {
    if ((await runtimeOf(daemon)) !== 'container') context.skip('only containers find what hides');
    const command = "sh -c 'setsid sleep 86396 </dev/null >/dev/null 2>&1 & echo detached'";
    await daemon.do('job', 'add', name, 'parent', 'cron', '--command', command, '--every', '1mo');
    await daemon.do('job', 'run', name, 'parent');
    const [run] = await daemon.runsOf(name, 'parent');
    expect(run).toMatchObject({ outcome: 'ok', exitCode: 0, trigger: 'manual' });
    // Named as it was found: it may not have become sleep yet when its parent ended.
    expect(run?.leftovers?.map((each) => each.command)).toEqual([expect.stringContaining('sleep 86396')]);
    expect(pidsOf(`NIGHTSHIFT_RUN_ID=${run?.id}`, 'sleep')).toEqual([]);
  });

  test('restarts with all others of its environment by one command, gracefully, and it is written down', async () => {
    const { name: shop } = await stage.environment(daemon, 'all', 'M');
    const own = daemon.follow(shop);
    const graceful = `sh -c 'trap "echo over; exit 0" TERM; echo up; while :; do sleep 0.1; done'`;
    for (const job of ['first', 'second'])
      await daemon.do('job', 'add', shop, job, 'worker', '--command', graceful);
    const before = [await own.line('first', 'up'), await own.line('second', 'up')].map(({ run }) => run);
    const said = await daemon.do('restart', shop);
    expect(said).toBe(`2 workers of "${shop}" restarted: first, second\n`);
    for (const job of ['first', 'second']) {
      await own.line(job, 'over');
      await own.line(job, 'up', before);
    }
    const [next, previous] = await daemon.runsOf(shop, 'second');
    expect(previous).toMatchObject({ id: before[1], outcome: 'stopped', exitCode: 0 });
    expect(next).toMatchObject({ trigger: 'manual', endedAt: null });
    const [act] = await daemon.json<{ act: string; detail: string }[]>('activity', shop, '-n', '1');
    expect(act).toMatchObject({ act: 'restart workers', detail: 'first, second' });
    await own.close();
  }, 120_000);

  test('is not touched by a change of plan', async () => {
    await daemon.do('job', 'add', name, 'still', 'worker', '--command', sleeper);
    const { run } = await log.line('still', 'up');
    await daemon.do('book', name, '2XL');
    const [now] = await daemon.runsOf(name, 'still');
    expect(now).toMatchObject({ id: run, endedAt: null });
  });

  test('is stopped by unbooking, and back after booking', async () => {
    const other = await stage.environment(daemon, 'unbooked', 'S');
    const words = daemon.follow(other.name);
    await daemon.do('job', 'add', other.name, 'kept', 'worker', '--command', sleeper);
    const { run } = await words.line('kept', 'up');
    await daemon.do('unbook', other.name);
    expect(pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sleep')).toEqual([]);
    expect(await daemon.json('job', 'show', other.name, 'kept')).toMatchObject({
      status: 'enabled',
      running: false,
    });
    await daemon.do('book', other.name, 'S');
    await words.line('kept', 'up', [run]);
    await words.close();
  });
});

describe('the daemon', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  test('leaves container jobs running at its end, says so, and takes them up again', async (context) => {
    const first = await stage.start();
    if ((await runtimeOf(first)) !== 'container') context.skip('only containers outlive the daemon');
    const { name } = await stage.environment(first, 'kept');
    const command = "sh -c 'echo up; while sleep 0.2; do echo on; done'";
    await first.do('job', 'add', name, 'kept', 'worker', '--command', command);
    const log = first.follow(name);
    const { run } = await log.line('kept', 'up');
    const pids = pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sh -c echo up');
    expect(pids).toHaveLength(1);

    const ended = await first.terminate();
    expect(ended.code).toBe(0);
    expect(`${ended.stdout}\n${ended.stderr}`).toMatch(/1 .*(run|job)s? .*(run|go)(s|es)? on|left running/i);
    expect(pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sh -c echo up')).toEqual(pids);

    const second = await stage.start();
    expect(await second.runsOf(name, 'kept')).toMatchObject([{ id: run, endedAt: null }]);
    const words = second.follow(name);
    await words.line('kept', 'up');

    await second.kill();
    expect(pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sh -c echo up')).toEqual(pids);
    const third = await stage.start();
    expect(await third.runsOf(name, 'kept')).toMatchObject([{ id: run, endedAt: null }]);
    await third.do('job', 'stop', name, 'kept');
    expect(await third.runsOf(name, 'kept')).toMatchObject([{ id: run, outcome: 'stopped' }]);
    expect(pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sh -c echo up')).toEqual([]);
  });

  test('learns afterwards how a run ended while it was away', async (context) => {
    const first = await stage.start();
    if ((await runtimeOf(first)) !== 'container') context.skip('only containers outlive the daemon');
    const { name } = await stage.environment(first, 'away');
    const command = "sh -c 'echo up; sleep 86395; exit 7'";
    await first.do('job', 'add', name, 'away', 'cron', '--command', command, '--every', '1mo');
    await first.do('job', 'run', name, 'away', '--no-wait');
    const log = first.follow(name);
    const { run } = await log.line('away', 'up');
    await first.kill();
    const [pid] = pidsOf(`NIGHTSHIFT_RUN_ID=${run}`, 'sleep');
    if (pid === undefined) throw new Error('the cron has no process');
    process.kill(pid, 'SIGKILL');
    const second = await stage.start();
    // Its exit file may come a moment after the daemon: the end of the run is an event like any other.
    const words = second.follow(name);
    await words.line('away', 'up');
    await second.do('job', 'stop', name, 'away');
    expect(await second.runsOf(name, 'away')).toMatchObject([{ id: run, outcome: 'failed', exitCode: 7 }]);
    await words.close();
  });
});
