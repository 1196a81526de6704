/** PostgreSQL that goes and comes back, and connections that break at the worst moment. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster, postgresPrograms, skippedWithoutPostgres } from '../../../test/testkit/postgres.ts';
import { noon, sampleCron, sampleDue, sampleEnvironment } from '../store.testkit.ts';
import type { Store } from '../store.ts';
import { openPostgresStore } from './open.ts';
import { makePostgresPlace } from './postgres.testkit.ts';
import { locks } from './target.ts';

const unavailable = (why: RegExp) => ({
  code: 'store.unavailable',
  parameters: { why: expect.stringMatching(why) },
});

/** Waits until they have ended. */
const endConnections =
  "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name LIKE 'nightshift%'";

/** Passes bytes on until PostgreSQL was asked to commit; then the connection is cut, before that is passed on or behind it. */
class CuttingRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Cuts once, and is as any wire then. */
  cut: 'never' | 'before' | 'behind' = 'never';
  cuts = 0;

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.on('data', (bytes) => {
        const how = bytes.includes('COMMIT') ? this.cut : 'never';
        if (how === 'never') return void far.write(bytes);
        this.cut = 'never';
        this.cuts += 1;
        near.destroy();
        if (how === 'before') far.destroy();
        else far.end(bytes);
      });
      far.on('data', (bytes) => near.write(bytes));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => undefined);
        one.on('close', () => {
          if (this.cuts === 0 || one === far) other.destroy();
        });
      }
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay has no port');
    return address.port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe.skipIf(postgresPrograms === undefined)(`PostgreSQL${skippedWithoutPostgres}`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({ fsync: true });
  });
  afterAll(() => cluster?.dispose());

  const prepared = async (): Promise<{ store: Store; remove: () => Promise<void> }> => {
    const place = makePostgresPlace(cluster, await cluster.database());
    const store = await place.open();
    await store.addEnvironment(sampleEnvironment('shop'));
    await store.addJob(sampleCron('shop', 'mail'));
    return { store, remove: () => store.close().then(() => place.remove()) };
  };

  test('that is away refuses reads and writes with the reason, and all goes on once it is back', async () => {
    const { store, remove } = await prepared();
    await cluster.down();
    await expect(store.jobs()).rejects.toMatchObject(unavailable(/PostgreSQL at .*: nobody listens there/));
    await expect(store.setMeta('a', '1')).rejects.toMatchObject(unavailable(/nobody listens there/));
    await cluster.up();
    expect((await store.jobs()).map((job) => job.name)).toEqual(['mail']);
    await store.setMeta('a', '2');
    expect(await store.meta('a')).toBe('2');
    await remove();
  });

  test('that crashes in the midst of writes keeps what was acknowledged and nothing that was refused', async () => {
    const { store, remove } = await prepared();
    const kept: string[] = [];
    const refused: string[] = [];
    const strange: unknown[] = [];
    let writing = true;
    let back: Promise<void> = Promise.resolve();
    const write = async (writer: number): Promise<void> => {
      for (let number = 0; writing; number += 1) {
        const id = `${writer}-${number}`;
        const { run, dueTime } = sampleDue('shop', 'mail', noon + number * 60_000 + writer, id);
        await store.beginRuns([run], [dueTime]).then(
          () => kept.push(id),
          (error: { code?: string }) => {
            refused.push(id);
            if (error.code !== 'store.unavailable') strange.push(error);
          },
        );
        // A refusal may come at once, and be no turn of the event loop in which the server could come back.
        await back;
        await nextTurn();
      }
    };
    const writers = Array.from({ length: 8 }, (_, writer) => write(writer));
    for (let round = 0; round < 3; round += 1) {
      const [before, refusedBefore] = [kept.length, refused.length];
      await expect.poll(() => kept.length, { timeout: 30_000 }).toBeGreaterThan(before + 40);
      await cluster.down('immediate');
      await expect.poll(() => refused.length, { timeout: 30_000 }).toBeGreaterThan(refusedBefore);
      back = cluster.up();
      await back;
    }
    const before = kept.length;
    await expect.poll(() => kept.length, { timeout: 30_000 }).toBeGreaterThan(before);
    writing = false;
    await Promise.all(writers);

    const due = await store.dueTimes({ environment: 'shop', job: 'mail', limit: 1e6 });
    const runs = (await store.openRuns()).map((run) => run.id);
    expect(strange).toEqual([]);
    expect(refused.length).toBeGreaterThan(0);
    expect(runs.sort()).toEqual(kept.sort());
    expect(due.map((each) => each.run).sort()).toEqual(kept);
    await remove();
  }, 120_000);

  test('that committed when the connection broke, before it could say so, is asked, and the caller is told that it is kept', async () => {
    const relay = new CuttingRelay(cluster.port);
    const port = await relay.listen();
    const place = makePostgresPlace(cluster, await cluster.database());
    const address = cluster.addressWithPassword(place.database).replace(`:${cluster.port}/`, `:${port}/`);
    const store = await openPostgresStore({ ...place.options, address });
    relay.cut = 'behind';
    await store.addEnvironment(sampleEnvironment('shop'));
    expect(relay.cuts).toBe(1);
    const names = 'SELECT name FROM nightshift.environments ORDER BY name';
    expect(await cluster.query(names, place.database)).toEqual([{ name: 'shop' }]);

    relay.cut = 'before';
    await expect(store.addEnvironment(sampleEnvironment('blog'))).rejects.toMatchObject(
      unavailable(/the connection was lost/),
    );
    expect(relay.cuts).toBe(2);
    expect(await cluster.query(names, place.database)).toEqual([{ name: 'shop' }]);
    await store.addEnvironment(sampleEnvironment('blog'));
    expect((await store.environments()).map((each) => each.name)).toEqual(['blog', 'shop']);
    await store.close();
    relay.close();
    await place.remove();
  });

  test('that others took while the connection was lost refuses writes until they have gone', async () => {
    const place = makePostgresPlace(cluster, await cluster.database());
    const store = await place.open();
    const other = new Client({ connectionString: place.options.address });
    await other.connect();
    await other.query(endConnections);
    await other.query(`SELECT pg_advisory_lock(${locks.alone})`);
    await expect(store.setMeta('a', '1')).rejects.toMatchObject(
      unavailable(/another Nightshift works with it/),
    );
    await other.end();
    await store.setMeta('a', '2');
    expect(await store.meta('a')).toBe('2');
    await store.close();
    await place.remove();
  });

  test('that ends the connections that were idle is connected to anew, and nobody notices', async () => {
    const { store, remove } = await prepared();
    await cluster.query(endConnections);
    expect((await store.jobs()).map((job) => job.name)).toEqual(['mail']);
    await store.setMeta('a', '1');
    expect(await store.meta('a')).toBe('1');
    await remove();
  });
});
