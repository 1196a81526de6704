/**
 * `tail`: the last lines of the log, then live. The log is never held up: what a slow reader has no room for is left out,
 * and counted, so that what it reads is always of now.
 */
import { logLineWriter } from '../../contract/log-line.ts';
import type { Actor } from '../../control/control.ts';
import type { Clock } from '../../domain/clock.ts';
import { limits } from '../../domain/limits.ts';
import type { LogCursor, LogEntry, LogQuery, ToldEntry } from '../../logs/log-store.ts';
import type { Asked } from '../asked.ts';
import type { SessionIo } from '../session-io.ts';
import type { SshParts } from '../ssh-server.ts';

type TailAsked = Extract<Asked, { kind: 'tail' }>;

const historyLines = 20;
/** A reader that takes nothing for so long loses what comes until it does. */
const patienceMs = 1_000;

/** Resolves when the client has left. */
export async function tail(
  { control, clock }: SshParts,
  actor: Actor,
  asked: TailAsked,
  io: SessionIo,
): Promise<void> {
  const { environment, left } = io;
  const began = clock.wall();
  const types = new JobTypes(async () => {
    const views = await control.jobs(actor, environment);
    return new Map(views.map(({ job }) => [job.name, job.type]));
  });
  const query: LogQuery = {
    environment,
    ...(asked.level === null ? {} : { level: asked.level }),
    ...(asked.jobs.length === 0 ? {} : { jobs: asked.jobs }),
  };
  const lines = new TailLines(io, clock, asked.mono);
  const after = await history(query, asked, types, (past) => control.logs(actor, past, left), lines);
  const live = { ...query, follow: true, ...(after === undefined ? { since: began } : { after }) };
  try {
    for await (const { entry } of control.logs(actor, live, left)) {
      if (asked.source === null || (await types.of(entry.job)) === asked.source) await lines.live(entry);
      if (left.aborted) return;
    }
  } catch (error) {
    if (!left.aborted) throw error;
  }
}

/** Writes the last lines, and answers where the log goes on after them. */
async function history(
  query: LogQuery,
  { source, jobs }: TailAsked,
  types: JobTypes,
  read: (query: LogQuery) => AsyncIterable<ToldEntry>,
  lines: TailLines,
): Promise<LogCursor | undefined> {
  const ofSource = source === null ? null : await types.named(source, jobs);
  if (ofSource?.length === 0) return undefined;
  let after: LogCursor | undefined;
  const past = { ...query, last: historyLines, ...(ofSource === null ? {} : { jobs: ofSource }) };
  for await (const { entry, cursor } of read(past)) {
    lines.past(entry);
    after = cursor;
  }
  return after;
}

/** Which jobs are workers and which are crons; looked up anew when a job is met that was not there before. */
class JobTypes {
  readonly #read: () => Promise<ReadonlyMap<string, string>>;
  #known: ReadonlyMap<string, string> | null = null;
  /** Jobs that are gone: their output may still come. */
  readonly #unknown = new Set<string>();

  constructor(read: () => Promise<ReadonlyMap<string, string>>) {
    this.#read = read;
  }

  async named(type: string, among: readonly string[]): Promise<string[]> {
    this.#known ??= await this.#read();
    return [...this.#known]
      .filter(([name, each]) => each === type && (among.length === 0 || among.includes(name)))
      .map(([name]) => name);
  }

  async of(job: string): Promise<string | undefined> {
    if (this.#known?.has(job) !== true && !this.#unknown.has(job)) {
      this.#known = await this.#read();
      if (!this.#known.has(job)) this.#unknown.add(job);
    }
    return this.#known?.get(job);
  }
}

const red = (line: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('\u001b[31m'), line, Buffer.from('\u001b[0m')]);

class TailLines {
  readonly #io: SessionIo;
  readonly #clock: Clock;
  readonly #colours: boolean;
  readonly #write = logLineWriter();
  #leftOut = 0;

  constructor(io: SessionIo, clock: Clock, mono: boolean) {
    this.#io = io;
    this.#clock = clock;
    this.#colours = io.terminal !== null && !mono;
  }

  past(entry: LogEntry): void {
    this.#io.stdout.write(this.#lineOf(entry));
  }

  async live(entry: LogEntry): Promise<void> {
    // A burst is waited for; who takes longer than that does not read.
    if (this.#isFull && this.#leftOut === 0) await this.#room();
    if (this.#isFull) {
      this.#leftOut++;
      return;
    }
    if (this.#leftOut > 0) {
      this.#io.say(`${this.#leftOut} lines were left out here: they came faster than they were read`);
      this.#leftOut = 0;
    }
    this.#io.stdout.write(this.#lineOf(entry));
  }

  get #isFull(): boolean {
    return this.#io.output.waitingBytes >= limits.sshTailBufferBytes;
  }

  /** Resolves when what waits was read, the client has left, or it has been waited for long enough. */
  async #room(): Promise<void> {
    const { stdout, left } = this.#io;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(patienceMs, () => done());
      const done = (): void => {
        cancel();
        stdout.off('drain', done);
        left.removeEventListener('abort', done);
        resolve();
      };
      stdout.once('drain', done);
      left.addEventListener('abort', done, { once: true });
    });
  }

  #lineOf(entry: LogEntry): Uint8Array {
    const line = this.#write(entry);
    const text =
      this.#io.terminal === null ? line : Buffer.concat([line.subarray(0, -1), Buffer.from('\r\n')]);
    return this.#colours && entry.level === 'ERR' ? red(text) : text;
  }
}
