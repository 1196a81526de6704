/** The daemon on PostgreSQL: what goes on while it is away, what is there again after a kill, and what keeps the daemon from starting. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../testkit/free-port.ts';
import { Cluster, postgresPrograms, skippedWithoutPostgres } from '../testkit/postgres.ts';
import { type Daemon, nightshift, run, Stage } from './daemon.ts';

/** On a busy machine all takes its time. */
const soon = { timeout: 60_000, interval: 200 };

describe.skipIf(postgresPrograms === undefined)(`a daemon on PostgreSQL${skippedWithoutPostgres}`, () => {
  const stage = new Stage();
  let cluster: Cluster;
  let address: string;
  beforeAll(async () => {
    cluster = await Cluster.start({ fsync: true });
    address = cluster.addressWithPassword(await cluster.database());
  });
  afterAll(async () => {
    await stage.dispose();
    await cluster?.dispose();
  });

  const start = (...options: string[]): Promise<Daemon> =>
    stage.startWith({ NIGHTSHIFT_STORE: address }, ...options);
  const serve = (store: string) =>
    run(nightshift, ['serve', '--data', join(stage.folder, 'other'), '--listen', 'none', '--ssh', 'none'], {
      env: { NIGHTSHIFT_STORE: store },
    });
  const starts = (root: string): string[] => readFileSync(join(root, 'starts'), 'utf8').trim().split('\n');

  test('restarts its workers while PostgreSQL is away, and tells all their runs when it is back', {
    timeout: 240_000,
  }, async () => {
    let daemon = await start();
    const { name, root } = await stage.environment(daemon, 'shop');
    await daemon.do(
      'job',
      'add',
      name,
      'mails',
      'worker',
      '--command',
      'echo $NIGHTSHIFT_RUN_ID >> starts; sleep 2; exit 3',
    );
    await expect.poll(() => starts(root).length, soon).toBeGreaterThan(0);

    await cluster.down('immediate');
    const before = starts(root).length;
    await expect.poll(() => starts(root).length, soon).toBeGreaterThan(before + 1);
    const refused = await daemon.cli('job', 'stop', name, 'mails');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(
      /the database can't be reached or written now \(.*nobody listens there\): jobs run on/,
    );
    await cluster.up();
    await expect.poll(() => daemon.stderr, soon).toContain('the database can be written again after');
    await daemon.do('job', 'stop', name, 'mails');
    const runs = await daemon.runsOf(name, 'mails');
    expect(runs.map((each) => each.id).reverse()).toEqual(starts(root));
    expect(runs.slice(1).map((each) => each.outcome)).toEqual(runs.slice(1).map(() => 'failed'));

    // The daemon is killed, not PostgreSQL: what was there is there, and the lock is free at once.
    await daemon.do('job', 'start', name, 'mails');
    const held = starts(root).length;
    await expect.poll(() => starts(root).length, soon).toBeGreaterThan(held);
    await daemon.kill();
    daemon = await start();
    await daemon.do('job', 'stop', name, 'mails');
    const after = await daemon.runsOf(name, 'mails');
    expect(after.map((each) => each.id).reverse()).toEqual(starts(root));
    expect(after.every((each) => each.outcome !== null)).toBe(true);

    const second = await serve(address);
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another Nightshift works with'),
    });
    const backup = await daemon.cli('backup', join(stage.folder, 'a.backup'), '--no-secrets');
    expect(backup).toMatchObject({ code: 1, stderr: expect.stringContaining('pg_dump --schema=nightshift') });
    const doctor = await run(nightshift, ['doctor', '--json'], {
      env: { NIGHTSHIFT_STORE: address, NIGHTSHIFT_DATA: stage.data },
    });
    expect(JSON.parse(doctor.stdout)).toContainEqual(
      expect.objectContaining({
        subject: 'store',
        state: 'ok',
        sentence: expect.stringContaining('of PostgreSQL at 127.0.0.1'),
      }),
    );
    for (const said of [second.stderr, backup.stderr, doctor.stdout, daemon.stderr])
      expect(said).not.toContain(cluster.password);
  });

  test.each([
    [
      'the password is wrong',
      () => cluster.addressWithPassword('postgres', 'secret'),
      /refuses the user "nightshift" or the password: set the right ones/,
    ],
    [
      'there is no such database',
      () => cluster.addressWithPassword('nowhere'),
      /has no database "nowhere": make it there with "createdb --owner nightshift nowhere"/,
    ],
    [
      'no server listens',
      async () => `postgres://ada:secret@127.0.0.1:${await findFreePort()}/x`,
      /no PostgreSQL can be reached at 127.0.0.1:\d+ \(nobody listens there\): start it/,
    ],
    [
      'it is no address',
      () => 'mysql://ada:secret@127.0.0.1/x',
      /is no address of a database .*: write postgres:/,
    ],
  ])('says one sentence and ends where %s', async (_, store, sentence) => {
    const { code, stderr } = await serve(await store());
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/secret|\bat .*\.ts:\d|undefined/);
  });
});
