import { PassThrough, Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../test/testkit/fake-clock.ts';
import type { Actor, Control } from '../../control/control.ts';
import { limits } from '../../domain/limits.ts';
import { aCronView, aWorkerView, controlDouble } from '../../http/control-double.testkit.ts';
import type { LogEntry } from '../../logs/log-store.ts';
import { readAsked } from '../asked.ts';
import type { ChannelOutput } from '../channel-output.ts';
import { SessionCounts } from '../session-counts.ts';
import type { SessionIo } from '../session-io.ts';
import type { SshParts } from '../ssh-server.ts';
import { tail } from './tail.ts';

const actor: Actor = { name: 'ada', role: 'member', environments: ['demo'], via: 'ssh' };

const entry = (job: string, message: string): LogEntry => ({
  time: Date.UTC(2026, 10, 22, 3, 12, 7),
  job,
  run: 'run-1',
  stream: 'stdout',
  level: 'INFO',
  message: Buffer.from(message),
});

/** A client that reads only when a test lets it, and a log that a test feeds. */
function scene(line: string, past: readonly LogEntry[] = []) {
  const fed = new PassThrough({ objectMode: true, highWaterMark: 1_000_000 });
  const queries: unknown[] = [];
  const answers: Partial<Control> = {
    logs: async function* (_actor, query) {
      queries.push(query);
      if (query.follow === true) yield* fed as AsyncIterable<{ entry: LogEntry; cursor: string }>;
      else for (const each of past) yield { entry: each, cursor: each.job };
    },
  };
  const clock = new FakeClock();
  const { control } = controlDouble(answers);
  const held: (() => void)[] = [];
  const reader = { reads: true, text: '', said: [] as string[] };
  const stdout = new Writable({
    highWaterMark: limits.sshTailBufferBytes,
    write: (chunk: Buffer, _encoding, done) => {
      reader.text += chunk.toString();
      if (reader.reads) done();
      else held.push(done);
    },
  });
  const leaving = new AbortController();
  const io = {
    environment: 'demo',
    stdout,
    output: {
      get waitingBytes() {
        return stdout.writableLength;
      },
    } as ChannelOutput,
    terminal: null,
    left: leaving.signal,
    say: (sentence: string) => reader.said.push(sentence),
  } as unknown as SessionIo;
  const parts = {
    control,
    clock,
    log: pino({ level: 'silent' }),
    counts: new SessionCounts(),
  } as unknown as SshParts;
  const asked = readAsked(line);
  if (asked.kind !== 'tail') throw new Error('no tail');
  const done = tail(parts, actor, asked, io);
  const feed = (...entries: LogEntry[]): void => {
    for (const each of entries) fed.write({ entry: each, cursor: each.job });
  };
  const read = (): void => {
    reader.reads = true;
    for (const each of held.splice(0)) each();
  };
  const end = async (): Promise<void> => {
    fed.end();
    await done;
  };
  return { queries, clock, reader, feed, read, end, leave: () => leaving.abort() };
}

describe('tail', () => {
  test('begins with the last 20 lines and goes on after them', async () => {
    const { queries, reader, feed, end } = scene('tail job:a-worker level:ERR', [entry('a-worker', 'past')]);
    feed(entry('a-worker', 'live'));
    await end();
    expect(reader.text).toBe(
      '2026-11-22T03:12:07Z INFO (a-worker): past\n2026-11-22T03:12:07Z INFO (a-worker): live\n',
    );
    const asked = { environment: 'demo', jobs: ['a-worker'], level: 'ERR' };
    expect(queries).toEqual([
      { ...asked, last: 20 },
      { ...asked, follow: true, after: 'a-worker' },
    ]);
  });

  test('of a source shows jobs that are added later, and asks once about one that is gone', async () => {
    const { reader, feed, end } = scene('tail source:cron');
    feed(
      entry(aCronView.job.name, 'yes'),
      entry(aWorkerView.job.name, 'no'),
      entry('gone', 'no'),
      entry('gone', 'no'),
    );
    await end();
    expect(reader.text).toBe(`2026-11-22T03:12:07Z INFO (${aCronView.job.name}): yes\n`);
  });

  test('loses no line of a burst, and those of a reader that does not read; it is told how many', async () => {
    const { clock, reader, feed, read, end } = scene('tail');
    reader.reads = false;
    const large = 'x'.repeat(64 * 1024);
    feed(...Array.from({ length: 6 }, (_, index) => entry('flood', `${index} ${large}`)));
    await expect.poll(() => clock.waiting).toBe(1);
    expect(reader.said).toEqual([]);
    clock.advance(1_000);
    feed(entry('flood', 'lost'));
    await expect.poll(() => clock.waiting).toBe(0);
    read();
    await expect.poll(() => reader.text).toContain('3 xxx');
    feed(entry('flood', 'now'));
    await end();
    expect(reader.said).toEqual(['3 lines were left out here: they came faster than they were read']);
    expect(reader.text).toContain('(flood): now\n');
    expect(reader.text).not.toContain('lost');
  });

  test('ends when the reader leaves while it is waited for', async () => {
    const { clock, reader, feed, end, leave } = scene('tail');
    reader.reads = false;
    feed(...Array.from({ length: 6 }, () => entry('flood', 'x'.repeat(64 * 1024))));
    await expect.poll(() => clock.waiting).toBe(1);
    leave();
    await end();
    expect(clock.waiting).toBe(0);
  });
});
