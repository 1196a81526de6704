/**
 * One reading of an environment's log: chooses the runs and where each begins, merges their lines by time, and, when it
 * follows, goes on with what is written, rotated and begun meanwhile. It reads only when its reader asks for more.
 */
import { type CursorPlace, decodeCursor, writeDelayMs } from './cursor.ts';
import { CursorTrail, type Mark, mustBeNamed } from './cursor-trail.ts';
import type { Line } from './framing.ts';
import { findLast } from './last-lines.ts';
import { findRun, type RunFiles, type RunKey, turn, wholeRuns } from './layout.ts';
import { levelOf } from './levels.ts';
import { clockSlackMs, filterOf, type LineFilter } from './line-filter.ts';
import type { LogCursor, LogEntry, LogQuery, ToldEntry } from './log-store.ts';
import { comesBefore, Merge } from './merge.ts';
import { firstTime, lookBackBytes, startAfter } from './moments.ts';
import type { Pack, PackedSegment } from './pack-shelf.ts';
import { endPlace, firstPlace, fromOrigin, type Start, startBefore } from './place.ts';
import { RunReader } from './run-reader.ts';
import { type ListedJob, SessionRuns, type Surroundings } from './session-runs.ts';

/** An exact place, or a moment to be looked for when the run's turn comes. */
type Beginning = Start | { readonly moment: number; readonly only: 'later' | 'all' };

/** A run whose lines are later than all told so far is not opened yet; nor is a pack with such runs. */
type Candidate =
  | { readonly from: number; readonly run: RunFiles; readonly start: Beginning }
  | { readonly from: number; readonly pack: PackedRuns };

/** The runs of a pack in the order of their beginnings, taken one by one: a pack may hold thousands. */
interface PackedRuns {
  readonly job: string;
  readonly pack: Pack;
  /** Runs that ended before this moment (wall, ms) are not read. */
  readonly since: number;
  /** Null until the first one is needed. */
  entries: readonly PackedSegment[] | null;
  next: number;
}

/** So many runs are looked at in one go before others have a turn. */
const runsPerTurn = 100;
const batchLines = 512;
const batchBytes = 1024 * 1024;
const blockBytesMax = 512 * 1024;
/** All readers of one session together hold about so much. */
const sessionBytes = 16 * 1024 * 1024;
/** Lines of different runs that were written within so many ms are put in order before they are told. */
export const mergeWindowMs = 20;
/** A line further in the future than this is no late one: the clock was set back. */
const futureMs = 1_000;

export class ReadSession {
  readonly query: LogQuery;
  readonly #around: Surroundings;
  readonly #signal: AbortSignal;
  readonly #filter: LineFilter;
  readonly #merge = new Merge();
  readonly #following: boolean;
  readonly #runs: SessionRuns;
  /** Readers that may still have lines, by run. */
  readonly #readers = new Map<string, RunReader>();
  /** The one that begins first stands last. */
  #candidates: Candidate[] = [];
  /** Where a run that was met only now begins; undefined when all of it is told already. */
  #startOf: (run: RunFiles) => Beginning | undefined = () => fromOrigin;
  #unfilled: RunReader | null = null;
  /** By run: how far it is told, as long as cursors must say it. */
  readonly #marks = new Map<string, Mark>();
  /** The time that the log has reached: that of the latest line told. */
  #time = Number.NEGATIVE_INFINITY;
  /** Wall time of the last look at all files that had changed. */
  #lookedAt = 0;

  constructor(query: LogQuery, around: Surroundings, signal: AbortSignal) {
    this.query = query;
    this.#around = around;
    this.#signal = signal;
    this.#filter = filterOf(query);
    this.#runs = new SessionRuns(query, this.#filter, around);
    this.#following = query.follow === true;
  }

  /** Is this job asked for? */
  wants(job: string): boolean {
    return this.#runs.wants(job);
  }

  /** The runs of a job whose files may get more. */
  *openRuns(job: string): Iterable<string> {
    for (const { key } of this.#readers.values()) if (key.job === job) yield key.run;
  }

  /** Nothing that is asked for can come any more. */
  isOver(now: number): boolean {
    return now >= this.#filter.until + futureMs;
  }

  /** The times of the first and the last line that are there, as far as files tell; undefined when there are none. */
  async extent(): Promise<{ readonly from: number; readonly until: number } | undefined> {
    const stretches = (await this.#runs.list()).flatMap(({ files }) => [
      ...files.runs.map((run) => ({ from: firstTime(run) ?? run.modified, until: run.modified })),
      ...files.packs.map(({ head }) => head),
    ]);
    if (stretches.length === 0) return undefined;
    return {
      from: stretches.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
      until: stretches.reduce((most, { until }) => Math.max(most, until), 0),
    };
  }

  /** Chooses runs and places. Throws {@link Refusal} for a cursor that is none. */
  async begin(): Promise<void> {
    const { after, last } = this.query;
    const position = after === undefined ? undefined : decodeCursor(after);
    this.#lookedAt = this.#around.wall();
    const jobs = await this.#runs.list();
    const runs = jobs.flatMap((job) => job.files.runs);
    for (const run of runs) this.#runs.met.set(run.key.run, startBefore(run, endPlace(run), lookBackBytes));
    if (position !== undefined) {
      this.#time = position.time;
      const places = new Map(position.places.map((place) => [place.run, place]));
      const named = jobs.flatMap(({ job, files }) => this.#runs.named(job, files.folder, places.keys()));
      this.#startOf = (run) => this.#resumption(run, position.time, places.get(run.key.run));
      await this.#proposeAll([...runs, ...named]);
      this.#proposePacks(jobs, position.time);
    } else if (last !== undefined) await this.#beginLast(jobs, last);
    else {
      const { since } = this.#filter;
      const start: Beginning =
        since === Number.NEGATIVE_INFINITY ? fromOrigin : { moment: since, only: 'all' };
      this.#startOf = (run) => (run.modified + clockSlackMs >= since ? start : undefined);
      await this.#proposeAll(runs);
      this.#proposePacks(jobs, since);
    }
    this.#candidates.sort(byBeginning);
  }

  /** The next lines in order; undefined when there is nothing to tell now (or, without following, any more). */
  async next(): Promise<ToldEntry[] | undefined> {
    const told: ToldEntry[] = [];
    const unfilled = this.#unfilled;
    this.#unfilled = null;
    if (unfilled !== null) await this.#refill(unfilled);
    await this.#openDue();
    const trail = new CursorTrail(this.#currentMarks());
    let bytes = 0;
    while (told.length < batchLines && bytes < batchBytes && !this.#signal.aborted) {
      await this.#openDue();
      const reader = this.#merge.first;
      if (reader === undefined || this.#isHeld(reader.time)) break;
      this.#merge.shift();
      bytes += this.#tellFrom(reader, told, trail);
      if (reader.head !== undefined) this.#merge.put(reader);
      else if (this.#filter.needle !== null && !this.#following) {
        // The next one may be far: what was found is told before it is looked for.
        this.#unfilled = reader;
        break;
      } else await this.#refill(reader);
    }
    return told.length === 0 ? undefined : told;
  }

  /** Tells the lines of one run until it is another one's turn; answers their bytes. Its first line is not held. */
  #tellFrom(reader: RunReader, told: ToldEntry[], trail: CursorTrail): number {
    const other = this.#merge.first;
    const opening = this.#candidates.at(-1)?.from ?? Number.POSITIVE_INFINITY;
    let bytes = 0;
    let line: Line;
    do {
      if (reader.time > this.#time) this.#time = reader.time;
      line = reader.take();
      bytes += line.message.length;
      trail.add(reader, line, this.#time);
      told.push(new ToldLine(reader.key, line, trail, told.length));
    } while (
      reader.head !== undefined &&
      reader.time < opening &&
      (other === undefined || comesBefore(reader, other)) &&
      told.length < batchLines &&
      bytes < batchBytes &&
      !this.#isHeld(reader.time)
    );
    const { resume, end: done } = line;
    this.#marks.set(reader.key.run, { run: reader, resume, done, time: this.#time });
    return bytes;
  }

  /** In so many ms a line that is there can be told; undefined when there is none. */
  get heldForMs(): number | undefined {
    const first = this.#merge.first;
    if (first === undefined) return undefined;
    return Math.max(1, first.time + mergeWindowMs - this.#around.wall());
  }

  /** Lines up to about `now` (wall, ms) can be told: whatever had changed was looked at. */
  lookedAt(now: number): void {
    this.#lookedAt = now;
  }

  /** Looks at these runs of a job again; at all of its folder when `listing`, for those that came since. */
  async look(job: string, runs: Iterable<string>, listing: boolean): Promise<void> {
    if (listing) {
      const { runs, packs } = await this.#runs.listJob(job);
      for (const run of runs) if (!this.#readers.has(run.key.run)) await this.#meet(run);
      for (const run of this.#runs.newInPacks(job, packs)) {
        if (!this.#readers.has(run.key.run)) await this.#meet(run);
      }
    }
    for (const run of listing ? [...this.#readers.keys()] : runs) {
      const reader = this.#readers.get(run);
      if (reader === undefined) await this.#lookFor(job, run);
      else if (reader.key.job === job && !this.#merge.has(reader)) await this.#refill(reader);
    }
  }

  /** The marks that cursors need from now on; the others are forgotten. */
  #currentMarks(): Mark[] {
    for (const [run, mark] of this.#marks) if (!mustBeNamed(mark, this.#time)) this.#marks.delete(run);
    return [...this.#marks.values()];
  }

  /** While following, a line waits a moment for others that are as old and arrive later. */
  #isHeld(time: number): boolean {
    return this.#following && time > this.#lookedAt - mergeWindowMs && time < this.#lookedAt + futureMs;
  }

  async #beginLast(jobs: readonly ListedJob[], count: number): Promise<void> {
    const { root, lineBytes } = this.#around;
    const loose = jobs.flatMap(({ files }) => files.runs);
    const packs = jobs.flatMap(({ job, files }) => files.packs.map((pack) => ({ job, pack })));
    const { starts, from, visited } = await findLast(loose, packs, {
      root,
      count,
      filter: this.#filter,
      lineBytes,
      blockBytes: blockBytesMax,
      signal: this.#signal,
      finished: (run) => this.#around.finished(run.key, this.#following),
      runsOf: ({ job, pack }) => this.#runs.ofPack(job, pack),
      unreadable: (run, error) => this.#unreadable(run.key, error),
    });
    const oldest = from === Number.NEGATIVE_INFINITY ? this.#lookedAt : from;
    for (const run of new Set([...visited, ...loose])) {
      const start = starts.get(run.key.run);
      const rest = startBefore(run, endPlace(run), lookBackBytes);
      if (start !== undefined) this.#propose(run, start);
      else if (this.#following && this.#mayGrow(run)) this.#propose(run, rest);
      // What lies before the last lines counts as told.
      if (run.modified + clockSlackMs >= oldest) this.#mark(run.key, start ?? rest, oldest);
    }
  }

  async #proposeAll(runs: readonly RunFiles[]): Promise<void> {
    for (const [index, run] of runs.entries()) {
      if (index % runsPerTurn === 0) await turn();
      const start = this.#startOf(run);
      if (start !== undefined) this.#propose(run, start);
    }
  }

  #proposePacks(jobs: readonly ListedJob[], since: number): void {
    for (const { job, files } of jobs) {
      for (const pack of files.packs) {
        const { from, until } = pack.head;
        if (until + clockSlackMs < since || from >= this.#filter.until) continue;
        this.#candidates.push({ from, pack: { job, pack, since, entries: null, next: 0 } });
        this.#toRead(pack.head.contentBytes);
      }
    }
  }

  /** Where a run continues after a cursor: at its exact place when the cursor has it, else after all that can have been told. */
  #resumption(run: RunFiles, time: number, known: CursorPlace | undefined): Beginning | undefined {
    if (known !== undefined) {
      const start = { place: known.place, done: known.done, align: false, after: null };
      this.#mark(run.key, start, time);
      return start;
    }
    if (run.modified + clockSlackMs >= time || (this.#following && this.#mayGrow(run)))
      return { moment: time - writeDelayMs, only: 'later' };
    return undefined;
  }

  /** A run that counts as told up to where it begins. */
  #mark(key: RunKey, { place, done }: Start, time: number): void {
    const run = { key, shifted: false, placeOf: () => place };
    this.#marks.set(key.run, { run, resume: place.total, done, time });
  }

  #mayGrow(run: RunFiles): boolean {
    return this.#around.live(run.key.run) || run.modified > this.#around.wall() - 10_000;
  }

  #propose(run: RunFiles, start: Beginning): void {
    const exact = 'place' in start && start !== fromOrigin;
    const from = exact ? Number.NEGATIVE_INFINITY : (firstTime(run) ?? Number.NEGATIVE_INFINITY);
    if (from >= this.#filter.until) return;
    this.#candidates.push({ run, from, start });
    this.#toRead(endPlace(run).total - firstPlace(run).total);
  }

  /** Opens the runs whose first line may be the next one. */
  async #openDue(): Promise<void> {
    for (;;) {
      const candidate = this.#candidates.at(-1);
      if (candidate === undefined || this.#signal.aborted) return;
      const first = this.#merge.first;
      if (first !== undefined && candidate.from > first.time) return;
      this.#candidates.pop();
      if ('run' in candidate) await this.#open(candidate.run, candidate.start);
      else await this.#openPacked(candidate.pack);
    }
  }

  /** Opens the next run of a pack, and leaves the others for later. */
  async #openPacked(runs: PackedRuns): Promise<void> {
    runs.entries ??= this.#entriesToRead(runs);
    const packed = runs.entries[runs.next++];
    if (packed === undefined) return;
    const following = runs.entries[runs.next];
    // It begins again with each of them: a run that was dropped or is not asked for is no reason to stop.
    if (following !== undefined && following.entry.from < this.#filter.until) {
      const candidate = { from: following.entry.from, pack: runs };
      let at = this.#candidates.length;
      while (at > 0 && (this.#candidates[at - 1] as Candidate).from < candidate.from) at--;
      this.#candidates.splice(at, 0, candidate);
    }
    const run = this.#runs.ofEntry(runs.job, packed);
    const start = run === undefined ? undefined : this.#startOf(run);
    if (run !== undefined && start !== undefined) await this.#open(run, start);
    else this.#read(packed.entry.bytes);
  }

  /** What need not be read of a pack is done with. */
  #entriesToRead({ pack, since }: PackedRuns): PackedSegment[] {
    const entries = this.#runs.entriesToRead(pack, since);
    this.#read(entries.reduce((left, { entry }) => left - entry.bytes, pack.head.contentBytes));
    return entries;
  }

  #toRead(bytes: number): void {
    if (bytes > 0) this.#around.progress?.({ read: 0, toRead: bytes });
  }

  #read(bytes: number): void {
    if (bytes > 0) this.#around.progress?.({ read: bytes, toRead: 0 });
  }

  async #open(run: RunFiles, start: Beginning): Promise<void> {
    const { root, lineBytes } = this.#around;
    const chosen = await this.#runs.tried(`the log of run ${run.key.run}`, async () =>
      'place' in start ? start : startAfter(run, start.moment, start.only),
    );
    if (chosen === undefined) return;
    this.#read(chosen.place.total - firstPlace(run).total);
    const share = Math.floor(sessionBytes / 2 / (this.#readers.size + 1));
    const reader = new RunReader({
      root,
      folder: run.folder,
      key: run.key,
      segments: run.segments,
      start: chosen,
      filter: this.#filter,
      lineBytes,
      blockBytes: Math.min(blockBytesMax, Math.max(16 * 1024, share)),
      finished: () => this.#around.finished(run.key, this.#following),
      passed: (bytes) => this.#read(bytes),
      ...(this.#following ? {} : { endTotal: endPlace(run).total }),
    });
    this.#readers.set(run.key.run, reader);
    if (this.#following) this.#runs.met.set(run.key.run, null);
    await this.#refill(reader);
  }

  async #lookFor(job: string, run: string): Promise<void> {
    const { environment } = this.query;
    if (!this.#runs.wantsRun(run)) return;
    const found = await this.#runs.tried(`the log of run ${run}`, () =>
      findRun(this.#around.root, { environment, job, run }),
    );
    if (found !== undefined) await this.#meet(found);
  }

  /** A run came, or one that was read to its end goes on. */
  async #meet(run: RunFiles): Promise<void> {
    const id = run.key.run;
    // Old runs went: no news for who follows.
    if (id === wholeRuns) return;
    const met = this.#runs.met.get(id);
    if (met === null || this.#candidates.some((each) => 'run' in each && each.run.key.run === id)) return;
    this.#runs.met.set(id, null);
    if (met === undefined) await this.#open(run, fromOrigin);
    else if (endPlace(run).total > met.place.total) await this.#open(run, met);
    else this.#runs.met.set(id, met);
  }

  async #refill(reader: RunReader): Promise<void> {
    try {
      if (await reader.fill(this.#signal)) return this.#merge.put(reader);
      if (!reader.ended && this.#following) return;
      this.#readers.delete(reader.key.run);
      const start = { place: reader.end, done: reader.end.total, align: false, after: null };
      if (this.#following) this.#runs.met.set(reader.key.run, start);
    } catch (error) {
      this.#readers.delete(reader.key.run);
      this.#unreadable(reader.key, error);
    }
  }

  #unreadable(key: RunKey, error: unknown): void {
    this.#around.trouble(`the log of run ${key.run} of ${key.job} can't be read: it is left out`, error);
  }
}

const byBeginning = (a: Candidate, b: Candidate): number =>
  b.from - a.from || (nameOf(a) < nameOf(b) ? 1 : -1);
const nameOf = (each: Candidate): string => ('run' in each ? each.run.key.run : each.pack.pack.head.firstRun);

class ToldLine implements ToldEntry {
  readonly entry: LogEntry;
  readonly #trail: CursorTrail;
  readonly #index: number;

  constructor(key: RunKey, line: Line, trail: CursorTrail, index: number) {
    const entry = {
      time: line.time,
      job: key.job,
      run: key.run,
      stream: line.stderr ? 'stderr' : 'stdout',
      level: levelOf(line.message, line.stderr),
      message: line.message,
    } as const;
    this.entry = line.cut ? { ...entry, continued: true } : entry;
    this.#trail = trail;
    this.#index = index;
  }

  /** Made when it is asked for: most readers want only the last one. */
  get cursor(): LogCursor {
    return this.#trail.at(this.#index);
  }
}
