import { afterEach, describe, expect, test } from 'vitest';
import { exits, failsToStart, finishesOnTerm, ignoresTerm } from '../../runtimes/fake/fake-program.ts';
import { everyMinute, Scene, worker } from './scene.testkit.ts';

describe('the local platform', () => {
  let scene: Scene;
  afterEach(() => scene.close());

  test('starts what is enabled and nothing else', async () => {
    scene = await Scene.open();
    await scene.start([worker('mailer'), worker('idle', { status: 'disabled' })]);
    expect(scene.alive('mailer')).toHaveLength(1);
    expect(scene.alive('idle')).toEqual([]);
    expect(scene.state('mailer')?.kind).toBe('running');
    expect(scene.state('idle')?.kind).toBe('disabled');
  });

  test('looks again at those jobs alone that are new, however many there are', async () => {
    scene = await Scene.open();
    const many = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0
        ? worker(`job-${index}`, { status: 'disabled' })
        : everyMinute(`job-${index}`, { status: 'disabled' }),
    );
    await scene.start(many);
    const told: string[] = [];
    scene.platform.onEvent = (event) => {
      if (event.kind === 'job-changed') told.push(event.observed.job);
    };
    await scene.apply([...many, worker('last', { status: 'disabled' })]);
    expect(told).toEqual(['last']);
    await scene.apply([...many.slice(1), worker('job-0', { command: 'other', status: 'disabled' })]);
    expect(new Set(told.splice(0))).toEqual(new Set(['last', 'job-0']));
    // What is about all of them is told to all of them.
    await scene.apply(many, { plan: null });
    expect(new Set(told)).toEqual(new Set(many.map((job) => job.name)));
  });

  test('restarts a worker that ends, and records both runs', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', exits(3, 12_000));
    await scene.start([worker('mailer')]);
    await scene.pass(12_000);
    const [second, first] = await scene.runs('mailer');
    expect(first).toMatchObject({ outcome: 'failed', exit: { kind: 'exited', code: 3 }, trigger: 'start' });
    expect(second).toMatchObject({ outcome: null, trigger: 'failure', predecessor: first?.id });
    const [statistics] = await scene.store.statistics('shop');
    expect(statistics).toMatchObject({ fails: 1, restarts: 1 });
  });

  test('shows a crash loop as one, and never gives up', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', exits(255));
    await scene.start([worker('mailer')]);
    await scene.pass(10 * 60_000);
    expect(scene.state('mailer')).toMatchObject({ kind: 'crash-loop' });
    const before = (await scene.runs('mailer')).length;
    await scene.pass(61_000);
    expect((await scene.runs('mailer')).length).toBeGreaterThan(before);
  });

  test('backs off when a run cannot be started, and says why', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', failsToStart('conmon is gone'));
    await scene.start([worker('mailer')]);
    expect(scene.state('mailer')).toMatchObject({ kind: 'backing-off' });
    const [run] = await scene.runs('mailer');
    expect(run).toMatchObject({ outcome: 'failed', reason: 'it could not be started: conmon is gone' });
    scene.programs.delete('mailer');
    await scene.pass(1_000);
    expect(scene.state('mailer')?.kind).toBe('running');
  });

  test('lets a worker finish, and says stopped only when it is gone', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', finishesOnTerm(0, 5_000));
    await scene.start([worker('mailer')]);
    await scene.apply([worker('mailer', { status: 'disabled' })]);
    expect(scene.state('mailer')?.kind).toBe('stopping');
    await scene.pass(4_999);
    expect(scene.state('mailer')?.kind).toBe('stopping');
    await scene.pass(1);
    expect(scene.state('mailer')?.kind).toBe('disabled');
    const [run] = await scene.runs('mailer');
    expect(run).toMatchObject({ outcome: 'stopped', exit: { code: 0 } });
  });

  test('kills a worker that ignores its exit signal when its exit timeout has passed', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', ignoresTerm());
    await scene.start([worker('mailer')]);
    await scene.apply([worker('mailer', { status: 'disabled' })]);
    await scene.pass(9_999);
    expect(scene.alive('mailer')).toHaveLength(1);
    await scene.pass(2);
    expect(scene.alive('mailer')).toEqual([]);
    const [run] = await scene.runs('mailer');
    expect(run?.reason).toContain('killed after its exit timeout');
  });

  test('restarts a worker when its variables change, and leaves the others alone', async () => {
    scene = await Scene.open();
    await scene.start([worker('mailer'), worker('thumbnails')]);
    const before = [scene.alive('mailer'), scene.alive('thumbnails')];
    await scene.apply([worker('mailer', { command: 'mailer --fast' }), worker('thumbnails')]);
    expect(scene.alive('mailer')).not.toEqual(before[0]);
    expect(scene.alive('thumbnails')).toEqual(before[1]);
    expect((await scene.runs('mailer'))[0]).toMatchObject({ trigger: 'settings' });
  });

  test('ends everything when the component is unbooked, and keeps what is defined', async () => {
    scene = await Scene.open();
    await scene.start([worker('mailer')]);
    await scene.apply([worker('mailer')], { plan: null });
    expect(scene.alive('mailer')).toEqual([]);
    expect(scene.platform.observe('shop')).toMatchObject([
      { state: { kind: 'stopped' }, reason: 'no plan is booked' },
    ]);
  });

  test('resolves a restart when the new run is up', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', finishesOnTerm(0, 3_000));
    await scene.start([worker('mailer')]);
    let done = false;
    void scene.platform.restart('shop', ['mailer'], 'deploy').then(() => {
      done = true;
    });
    await scene.pass(2_999);
    expect(done).toBe(false);
    await scene.pass(2);
    expect(done).toBe(true);
    const [fresh, old] = await scene.runs('mailer');
    expect(old).toMatchObject({ outcome: 'stopped', reason: 'restarted for a deployment (exit code 0)' });
    expect(fresh).toMatchObject({ trigger: 'deploy', outcome: null });
  });

  test('begins a cron at each due time, and accounts for it', async () => {
    scene = await Scene.open();
    scene.programs.set('feed', exits(0, 5_000));
    await scene.start([everyMinute('feed')]);
    await scene.pass(3 * 60_000 + 10_000);
    const due = await scene.store.dueTimes({ environment: 'shop', limit: 10 });
    expect(due.map((each) => new Date(each.dueAt).toISOString().slice(11, 16))).toEqual([
      '12:03',
      '12:02',
      '12:01',
    ]);
    expect(due.every((each) => each.fate === 'ran')).toBe(true);
    expect(await scene.runs('feed')).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }, { outcome: 'ok' }]);
  });

  test('skips what is due beyond the max instances, and says why', async () => {
    scene = await Scene.open();
    await scene.start([everyMinute('feed', { maxInstances: 2 })]);
    await scene.pass(3 * 60_000 + 1_000);
    expect(scene.alive('feed')).toHaveLength(2);
    const [skipped] = await scene.store.dueTimes({ environment: 'shop', limit: 1 });
    expect(skipped).toMatchObject({ fate: 'skipped' });
    expect(skipped?.reason).toMatch(/two|2/);
  });

  test('ends a cron that runs too long', async () => {
    scene = await Scene.open();
    await scene.start([everyMinute('feed', { maxRuntimeSeconds: 30 })]);
    await scene.pass(60_000 + 31_000);
    const [run] = await scene.runs('feed');
    expect(run).toMatchObject({ outcome: 'timed-out' });
  });

  test('takes up what runs after kill -9, and learns what ended meanwhile', async () => {
    scene = await Scene.open();
    const jobs = [worker('mailer'), worker('short'), everyMinute('feed')];
    scene.programs.set('short', exits(7, 15_000));
    await scene.start(jobs);
    await scene.pass(10_000);
    const mailer = scene.alive('mailer');
    // The daemon is dead from here on: the first runtime is deaf as soon as there is a second.
    scene.machine.onEnd = () => undefined;
    await scene.clock.advanceAsync(0);
    const dead = scene.platform;
    await scene.again(jobs);
    expect(dead).not.toBe(scene.platform);
    expect(scene.alive('mailer')).toEqual(mailer);
    expect(scene.state('mailer')).toMatchObject({ kind: 'running' });
    await scene.pass(5_000);
    const ended = (await scene.runs('short')).find((run) => run.endedAt !== null);
    expect(ended).toMatchObject({ outcome: 'failed', exit: { code: 7 } });
  });

  test('never begins a due time twice, also when it was committed and not started', async () => {
    scene = await Scene.open();
    scene.programs.set('feed', exits(0));
    await scene.start([everyMinute('feed')]);
    await scene.pass(60_000);
    expect(await scene.runs('feed')).toHaveLength(1);
    scene.clock.setWall(scene.clock.wall() - 30_000);
    await scene.again([everyMinute('feed')]);
    await scene.pass(31_000);
    expect(await scene.runs('feed')).toHaveLength(1);
  });

  test('looks at everything on the tens of the wall clock, and tells what each run uses', async () => {
    scene = await Scene.open();
    scene.clock.setWall(scene.clock.wall() + 3_700);
    await scene.start([worker('mailer'), everyMinute('feed')]);
    const looks = () => scene.events.filter((event) => event.kind === 'measured');
    await scene.pass(6_200);
    expect(looks()).toEqual([]);
    await scene.pass(100);
    expect(looks()).toMatchObject([
      { environment: 'shop', limits: { cpu: expect.any(Number) }, runs: [{ job: 'mailer' }] },
    ]);
    await scene.pass(10_000);
    expect(looks()).toHaveLength(2);
    // A clock that is set moves the looks along with it.
    scene.clock.setWall(scene.clock.wall() + 5_000);
    await scene.pass(15_000);
    expect(looks().length).toBeGreaterThanOrEqual(3);
  });

  test('runs a remote command and ends it with its connection', async () => {
    scene = await Scene.open();
    await scene.start([]);
    const execution = await scene.platform.exec('shop', {
      command: 'top',
      terminal: null,
      maxRuntimeSeconds: 60,
    });
    expect(scene.alive('remote')).toEqual([execution.runId]);
    const hungUp = execution.hangUp();
    await scene.pass(0);
    await hungUp;
    expect(await execution.ended).toMatchObject({
      outcome: 'stopped',
      reason: expect.stringContaining('connection'),
    });
  });

  test('ends all jobs at its own end when it is asked to', async () => {
    scene = await Scene.open();
    scene.programs.set('mailer', finishesOnTerm(0, 1_000));
    await scene.start([worker('mailer'), everyMinute('feed')]);
    const closed = scene.platform.close({ endJobs: true });
    await scene.pass(1_000);
    await closed;
    expect(scene.machine.running).toEqual([]);
  });

  test('lets jobs run on at its own end when it is not', async () => {
    scene = await Scene.open();
    await scene.start([worker('mailer')]);
    await scene.platform.close({ endJobs: false });
    expect(scene.alive('mailer')).toHaveLength(1);
  });
});
