/** A store over a folder of its own, for the tests of this room. */
import { once } from 'node:events';
import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { within } from '../../test/testkit/deadline.ts';
import { systemClock } from '../../test/testkit/system-clock.ts';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import type { Clock } from '../domain/clock.ts';
import { CriWriter } from './cri-writer.testkit.ts';
import { createFileLogStore, type LogLimits, type LogTrouble } from './file-log-store.ts';
import type { LogQuery, LogStore, ToldEntry } from './log-store.ts';

export class LogScene {
  readonly folder: string;
  readonly store: LogStore;
  readonly troubles: LogTrouble[] = [];
  readonly #dispose: () => Promise<void>;
  readonly #writers: CriWriter[] = [];
  readonly #leaving = new AbortController();

  private constructor(
    folder: string,
    dispose: () => Promise<void>,
    limits: Partial<LogLimits>,
    clock: Clock,
  ) {
    this.folder = folder;
    this.#dispose = dispose;
    this.store = this.open(limits, clock);
  }

  static async make(limits: Partial<LogLimits> = {}, clock: Clock = systemClock): Promise<LogScene> {
    const folder = await makeTempFolder('logs');
    return new LogScene(folder.path, folder.dispose, limits, clock);
  }

  /** Another store over the same folder, as after a restart of the daemon. */
  open(limits: Partial<LogLimits> = {}, clock: Clock = systemClock): LogStore {
    return createFileLogStore({
      folder: this.folder,
      clock,
      limits,
      onTrouble: (trouble) => this.troubles.push(trouble),
    });
  }

  async dispose(): Promise<void> {
    this.#leaving.abort();
    for (const writer of this.#writers) writer.close();
    await this.store.close();
    await this.#dispose();
  }

  path(job: string, run: string): string {
    return join(this.folder, 'demo', job, `${run}.log`);
  }

  files(job: string): string[] {
    return readdirSync(join(this.folder, 'demo', job)).sort();
  }

  /** Until it holds; looked at whenever something happens in the logs' folder. */
  async until(holds: () => boolean): Promise<void> {
    const watcher = watch(this.folder, { recursive: true });
    try {
      while (!holds()) await once(watcher, 'change');
    } finally {
      watcher.close();
    }
  }

  /** A run with its writer, as a runtime has it. */
  async begin(job: string, run: string, store = this.store): Promise<CriWriter> {
    const writer = new CriWriter(await store.prepare('demo', job, run));
    this.#writers.push(writer);
    store.opened({ environment: 'demo', job, runId: run, reopen: writer.reopen });
    return writer;
  }

  /** All that a query gives. */
  async read(query: Partial<LogQuery> = {}, store = this.store): Promise<ToldEntry[]> {
    const told: ToldEntry[] = [];
    for await (const each of store.read({ environment: 'demo', ...query })) told.push(each);
    return told;
  }

  /** The first line that a query gives, if any. */
  async first(query: Partial<LogQuery>): Promise<ToldEntry | undefined> {
    for await (const each of this.store.read({ environment: 'demo', ...query })) return each;
    return undefined;
  }

  async texts(query: Partial<LogQuery> = {}, store = this.store): Promise<string[]> {
    return (await this.read(query, store)).map(textOf);
  }

  /** Follows until the end of the test. */
  follow(query: Partial<LogQuery> = {}, store = this.store): Follower {
    return new Follower(store.read({ environment: 'demo', follow: true, ...query }, this.#leaving.signal));
  }
}

export const textOf = ({ entry }: ToldEntry): string => Buffer.from(entry.message).toString();

export class Follower {
  readonly all: ToldEntry[] = [];
  readonly #lines: AsyncIterator<ToldEntry>;

  constructor(lines: AsyncIterable<ToldEntry>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async next(): Promise<ToldEntry> {
    const result = await within('a line', this.#lines.next());
    if (result.done === true) throw new Error('the log has ended');
    this.all.push(result.value);
    return result.value;
  }

  /** The next so many lines. */
  async take(count: number): Promise<ToldEntry[]> {
    const told: ToldEntry[] = [];
    while (told.length < count) told.push(await this.next());
    return told;
  }

  async texts(count: number): Promise<string[]> {
    return (await this.take(count)).map(textOf);
  }

  async until(text: string): Promise<ToldEntry[]> {
    const told: ToldEntry[] = [];
    for (;;) {
      const each = await this.next();
      told.push(each);
      if (textOf(each) === text) return told;
    }
  }

  leave(): Promise<unknown> {
    return Promise.resolve(this.#lines.return?.());
  }
}
