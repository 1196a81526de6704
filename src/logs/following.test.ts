import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, renameSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import { systemClock } from '../../test/testkit/system-clock.ts';
import { criTime, record } from './cri-writer.testkit.ts';
import { FolderWatches } from './folder-watch.ts';
import { LogScene, textOf } from './log-scene.testkit.ts';

const run = (number: number): string => `01j${String(number).padStart(13, '0')}`;

let scene: LogScene;
beforeEach(async () => {
  scene = await LogScene.make();
});
afterEach(() => scene.dispose());

describe('following', () => {
  test('goes on with lines of old and new runs and jobs as they come', async () => {
    const first = await scene.begin('a', run(1));
    first.line('before');
    const follower = scene.follow();
    expect(await follower.texts(1)).toEqual(['before']);
    first.line('after');
    expect(await follower.texts(1)).toEqual(['after']);
    const second = await scene.begin('a', run(2));
    second.line('new run');
    expect(await follower.texts(1)).toEqual(['new run']);
    const third = await scene.begin('b', run(3));
    third.line('new job');
    expect(await follower.texts(1)).toEqual(['new job']);
    first.line('still there');
    expect(await follower.texts(1)).toEqual(['still there']);
  });

  test('begins before there is anything, and hears only what is asked for', async () => {
    const follower = scene.follow({ jobs: ['b'], level: 'ERR', contains: 'yes' });
    const first = follower.texts(1);
    const a = await scene.begin('a', run(1));
    const b = await scene.begin('b', run(2));
    a.line('yes of a', Date.now(), 'stderr');
    b.line('yes on stdout');
    b.line('no', Date.now(), 'stderr');
    b.line('yes of b', Date.now(), 'stderr');
    expect(await first).toEqual(['yes of b']);
  });

  test('begins with the last lines, none when none are asked for', async () => {
    const writer = await scene.begin('a', run(1));
    for (const text of ['one', 'two', 'three']) writer.line(text);
    const last = scene.follow({ last: 2 });
    const none = scene.follow({ last: 0 });
    const fromNone = none.texts(1);
    expect(await last.texts(2)).toEqual(['two', 'three']);
    // Its first line is asked for and its folder read before the next one is written, or after: both are right only once.
    writer.line('four');
    expect(await last.texts(1)).toEqual(['four']);
    writer.line('five');
    expect(['four', 'five']).toContain((await fromNone)[0]);
  });

  test('hears a program of its own writing, line by line, within a moment', async () => {
    const path = await scene.store.prepare('demo', 'a', run(1));
    scene.store.opened({ environment: 'demo', job: 'a', runId: run(1), reopen: async () => undefined });
    const follower = scene.follow();
    const script = `for i in 1 2 3 4 5 6 7 8 9 10; do echo "$(date -u +%Y-%m-%dT%H:%M:%S.%N)+00:00 stdout F line $i" >> "${path}"; sleep 0.05; done`;
    const shell = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
    const delays: number[] = [];
    for (let each = 1; each <= 10; each++) {
      const told = await follower.next();
      expect(textOf(told)).toBe(`line ${each}`);
      delays.push(Date.now() - told.entry.time);
    }
    if (shell.exitCode === null) await once(shell, 'exit');
    // About 25 ms on an idle machine; a loaded one gets its time.
    delays.sort((a, b) => a - b);
    expect(delays[4]).toBeLessThan(250);
  });

  test('puts lines of different runs that come within a moment in the order of time', async () => {
    const a = await scene.begin('a', run(1));
    const b = await scene.begin('b', run(2));
    const follower = scene.follow();
    const waiting = follower.texts(4);
    const now = Date.now();
    b.line('second', now + 1);
    b.line('fourth', now + 3);
    a.line('first', now);
    a.line('third', now + 2);
    expect(await waiting).toEqual(['first', 'second', 'third', 'fourth']);
  });

  test('joins a line whose pieces come one by one, also across a rotation, and ends it with its run', async () => {
    const writer = await scene.begin('a', run(1));
    const follower = scene.follow();
    const first = follower.texts(1);
    writer.write(record(Date.now(), 'stdout', 'P', 'one, '));
    renameSync(writer.path, `${writer.path}.1`);
    void writer.reopen();
    writer.write(record(Date.now(), 'stdout', 'P', 'two, '));
    writer.write(record(Date.now(), 'stdout', 'F', 'three'));
    expect(await first).toEqual(['one, two, three']);
    const last = follower.texts(1);
    writer.write(record(Date.now(), 'stdout', 'P', 'unfinished'));
    scene.store.closed(run(1));
    expect(await last).toEqual(['unfinished']);
  });

  test('tells every line once while its file is rotated again and again', async () => {
    const writer = await scene.begin('a', run(1));
    const follower = scene.follow();
    const count = 20_000;
    const taking = follower.texts(count);
    let written = 0;
    let segment = 0;
    await within(
      'the writer',
      new Promise<void>((resolve) => {
        const write = (): void => {
          for (let each = 0; each < 500; each++) writer.line(String(written++));
          if (written >= count) {
            resolve();
            return;
          }
          renameSync(writer.path, `${writer.path}.${++segment}`);
          void writer.reopen();
          // Some lines still go to the renamed file, as with a writer that is asked from outside.
          setImmediate(write);
        };
        write();
      }),
    );
    expect(await taking).toEqual(Array.from({ length: count }, (_, index) => String(index)));
  });

  test('says what a slow reader missed because it was dropped meanwhile', async () => {
    const small = await LogScene.make({ logBytesPerEnvironment: 600_000, logSegmentBytes: 100_000 });
    try {
      const writer = await small.begin('a', run(1));
      writer.line('0');
      const follower = small.follow();
      expect(await follower.texts(1)).toEqual(['0']);
      const text = 'x'.repeat(1000);
      let written = 0;
      while (!small.files('a').includes(`${run(1)}.dropped`)) {
        for (let each = 0; each < 20; each++) writer.line(`${++written} ${text}`);
        await systemTurn();
      }
      writer.line('end');
      const told = (await follower.until('end')).map(textOf);
      const said = told.filter((each) => each.startsWith('nightshift: '));
      expect(said.length).toBeGreaterThan(0);
      expect(said[0]).toMatch(
        /^nightshift: \d+(\.\d)? [KM]B of output dropped here \(0\.6 MB limit of the environment\)$/,
      );
      // Wherever numbers are missing, a line says so in their place, and nowhere else.
      let before = 0;
      let saidSince = false;
      for (const each of told.slice(0, -1)) {
        if (each.startsWith('nightshift: ')) {
          saidSince = true;
          continue;
        }
        const number = Number.parseInt(each, 10);
        expect(number > before + 1).toBe(saidSince);
        before = number;
        saidSince = false;
      }
      expect(before === written).toBe(!saidSince);
    } finally {
      await small.dispose();
    }
  });

  test('ends at once when it is left or aborted, also while it waits', async () => {
    await scene.begin('a', run(1));
    const leaving = new AbortController();
    const aborted = scene.store
      .read({ environment: 'demo', follow: true }, leaving.signal)
      [Symbol.asyncIterator]();
    const waiting = aborted.next();
    leaving.abort();
    expect(await within('the end', waiting)).toEqual({ value: undefined, done: true });
    const left = scene.store.read({ environment: 'demo', follow: true })[Symbol.asyncIterator]();
    const next = left.next();
    await left.return?.();
    expect(await within('the end', next)).toEqual({ value: undefined, done: true });
    const before = scene.store.read({ environment: 'demo', follow: true }, leaving.signal);
    for await (const _ of before) expect.unreachable();
  });

  test('ends by itself at the moment until which it was asked for', async () => {
    const writer = await scene.begin('a', run(1));
    const until = Date.now() + 300;
    const follower = scene.follow({ until });
    writer.line('in time', until - 200);
    writer.line('too late', until);
    expect(await follower.texts(1)).toEqual(['in time']);
    await expect(follower.next()).rejects.toThrow('the log has ended');
    expect(Date.now()).toBeGreaterThan(until);
  });

  test('goes on after a cursor where another reader stopped, with lines that came in between', async () => {
    const writer = await scene.begin('a', run(1));
    for (const text of ['one', 'two']) writer.line(text);
    const first = scene.follow();
    const [one] = await first.take(2);
    await first.leave();
    writer.line('three');
    const second = scene.follow({ after: one?.cursor ?? '' });
    expect(await second.texts(2)).toEqual(['two', 'three']);
    writer.line('four');
    expect(await second.texts(1)).toEqual(['four']);
  });

  test('hears a run that nobody told of, and goes on with one that seemed to have ended', async () => {
    const writer = await scene.begin('a', run(1));
    writer.line('one');
    const restarted = scene.open();
    const follower = scene.follow({}, restarted);
    expect(await follower.texts(1)).toEqual(['one']);
    writer.line('two');
    expect(await follower.texts(1)).toEqual(['two']);
    scene.store.closed(run(1));
    restarted.closed(run(1));
    appendFileSync(writer.path, record(Date.now(), 'stdout', 'F', 'three'));
    expect(await follower.texts(1)).toEqual(['three']);
    await restarted.close();
  });

  test('survives that all logs are removed', async () => {
    const writer = await scene.begin('a', run(1));
    writer.line('one');
    const follower = scene.follow();
    expect(await follower.texts(1)).toEqual(['one']);
    scene.store.closed(run(1));
    rmSync(`${scene.folder}/demo`, { recursive: true });
    const next = follower.texts(1);
    const again = await scene.begin('a', run(2));
    again.line('two');
    expect(await next).toEqual(['two']);
  });
});

describe('watching folders', () => {
  test('looks at a busy folder now and then instead of at each write', async () => {
    const writer = await scene.begin('a', run(1));
    const watches = new FolderWatches(systemClock, () => undefined);
    let told = 0;
    const seen = new Promise<void>((resolve) => {
      watches.subscribe(`${scene.folder}/demo/a`, {
        files: () => [`${run(1)}.log`],
        changed: () => {
          told++;
          if (told === 1)
            for (let each = 0; each < 5000; each++) writer.write(Buffer.from(`${criTime(0)} stdout F x\n`));
          if (told === 3) resolve();
          else writer.line('more');
        },
      });
    });
    writer.line('first');
    await within('three looks', seen);
    watches.close();
    expect(told).toBe(3);
  });
});

const systemTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
