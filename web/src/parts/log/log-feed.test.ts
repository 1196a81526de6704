import { describe, expect, test, vi } from 'vitest';
import { ApiFailure } from '../../data/failure.ts';
import type { LogEntry } from './log-buffer.ts';
import { LogFeed, type LogSource } from './log-feed.ts';

const begin = Date.parse('2026-11-22T03:00:00.000Z');

const entry = (index: number, at = begin + index * 10): LogEntry => ({
  time: new Date(at).toISOString(),
  job: 'mailer',
  run: 'r1',
  level: 'INFO',
  stream: 'stdout',
  message: `line ${index}`,
  cursor: `c${index}`,
});
const entries = (from: number, count: number): LogEntry[] =>
  Array.from({ length: count }, (_, index) => entry(from + index));

/** A log that is there already, and lines that come while it is followed. */
class Scene {
  readonly kept: LogEntry[];
  readonly asked: Record<string, unknown>[] = [];
  /** Batches that a follower has taken. */
  taken = 0;
  #come: ((batch: readonly LogEntry[] | Error) => void)[] = [];
  #waiting: (readonly LogEntry[] | Error)[] = [];

  constructor(kept: LogEntry[]) {
    this.kept = kept;
  }

  come(batch: readonly LogEntry[] | Error): void {
    const next = this.#come.shift();
    if (next === undefined) this.#waiting.push(batch);
    else next(batch);
  }

  readonly source: LogSource = async (query, signal) => {
    this.asked.push({ ...query });
    const until = query.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.until);
    const fits = this.kept.filter(({ time }) => Date.parse(time) < until);
    const after = query.after === undefined ? -1 : fits.findIndex(({ cursor }) => cursor === query.after);
    const shown = query.after === undefined ? fits.slice(-Number(query.last)) : fits.slice(after + 1);
    return this.#read(shown, query.follow !== undefined, signal);
  };

  async *#read(shown: LogEntry[], follow: boolean, signal: AbortSignal) {
    if (shown.length > 0) yield shown;
    while (follow && !signal.aborted) {
      const batch = await new Promise<readonly LogEntry[] | Error>((resolve) => {
        signal.addEventListener('abort', () => resolve([]), { once: true });
        const waiting = this.#waiting.shift();
        if (waiting !== undefined) resolve(waiting);
        else this.#come.push(resolve);
      });
      if (batch instanceof Error) throw batch;
      if (signal.aborted) return;
      this.taken += 1;
      yield batch;
    }
  }
}

const open = (scene: Scene, options = {}) => {
  const feed = new LogFeed(scene.source, {}, { pageLines: 10, batchMs: 0, retryMs: 1, ...options });
  feed.open();
  return feed;
};
const messages = (feed: LogFeed) => feed.state().lines.map(({ message }) => message);
const last = (feed: LogFeed) => messages(feed).at(-1);

describe('a log as a page reads it', () => {
  test('begins with the last lines and goes on with those that come', async () => {
    const scene = new Scene(entries(0, 30));
    const feed = open(scene);
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    expect(feed.state().status).toBe('live');
    scene.come([entry(30)]);
    await vi.waitFor(() => expect(last(feed)).toBe('line 30'));
    expect(feed.state().unseen).toBe(0);
    feed.close();
  });

  test('pages back without a gap and without a line twice, also within one millisecond', async () => {
    const crowd = Array.from({ length: 40 }, (_, index) => entry(index, begin));
    const feed = open(new Scene([...crowd, ...entries(40, 5)]));
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    while (!feed.state().fromBeginning) await feed.readBack();
    expect(messages(feed)).toEqual([...crowd, ...entries(40, 5)].map(({ message }) => message));
    feed.close();
  });

  test('tells the same lines of one millisecond apart by how many there are', async () => {
    const same = Array.from({ length: 14 }, () => ({ ...entry(1, begin), message: 'again' }));
    const feed = open(new Scene(same));
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    while (!feed.state().fromBeginning) await feed.readBack();
    expect(messages(feed)).toHaveLength(14);
    feed.close();
  });

  test('lets the oldest lines go while it is followed', async () => {
    const scene = new Scene(entries(0, 10));
    const feed = open(scene, { linesMax: 15 });
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    for (let index = 10; index < 40; index += 1) scene.come([entry(index)]);
    await vi.waitFor(() => expect(last(feed)).toBe('line 39'));
    expect(messages(feed)).toHaveLength(15);
    feed.close();
  });

  test('stops asking when it is full under the eyes of a reader, and goes on when they follow again', async () => {
    const scene = new Scene(entries(0, 10));
    const feed = open(scene, { linesMax: 15 });
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    feed.follow(false);
    for (let index = 10; index < 40; index += 1) scene.come([entry(index)]);
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(15));
    expect(messages(feed)[0]).toBe('line 0');
    expect(feed.state().unseen).toBe(5);
    expect(scene.taken).toBeLessThan(10);
    feed.follow(true);
    await vi.waitFor(() => expect(last(feed)).toBe('line 39'));
    feed.close();
  });

  test('takes no more while it is held', async () => {
    const scene = new Scene(entries(0, 10));
    const feed = open(scene);
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    feed.hold(true);
    scene.come([entry(10)]);
    scene.come([entry(11)]);
    await vi.waitFor(() => expect(last(feed)).toBe('line 10'));
    expect(scene.taken).toBe(1);
    expect(feed.state().status).toBe('held');
    feed.hold(false);
    await vi.waitFor(() => expect(last(feed)).toBe('line 11'));
    feed.close();
  });

  test('goes on after its last line when the connection breaks off', async () => {
    const scene = new Scene(entries(0, 10));
    const feed = open(scene);
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    scene.kept.push(entry(10));
    scene.come(new ApiFailure(0, 'unreachable', 'away'));
    await vi.waitFor(() => expect(last(feed)).toBe('line 10'));
    expect(scene.asked.at(-1)).toMatchObject({ after: 'c9', follow: 'true' });
    expect(messages(feed)).toHaveLength(11);
    feed.close();
  });

  test('gives up on what is refused, with the sentence', async () => {
    const refused = new ApiFailure(404, 'job.unknown', 'there is no job "x"');
    const feed = new LogFeed(() => Promise.reject(refused), {});
    feed.open();
    await vi.waitFor(() => expect(feed.state()).toMatchObject({ status: 'ended', failure: refused }));
  });

  test('says that the newest lines were let go when somebody reads far back, and finds back to them', async () => {
    const scene = new Scene(entries(0, 60));
    const feed = open(scene, { linesMax: 25 });
    await vi.waitFor(() => expect(messages(feed)).toHaveLength(10));
    feed.follow(false);
    while (!feed.state().cutOff) await feed.readBack();
    expect(messages(feed)).toHaveLength(25);
    expect(last(feed)).not.toBe('line 59');
    feed.toNewest();
    await vi.waitFor(() => expect(last(feed)).toBe('line 59'));
    expect(feed.state().cutOff).toBe(false);
    feed.close();
  });
});
