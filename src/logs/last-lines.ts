/**
 * Where the last n lines of an environment begin, found from the ends of its files: blocks are read backwards until
 * there are enough, and runs that ended before the oldest of them are not opened at all.
 */
import type { RunFiles } from './layout.ts';
import { clockSlackMs, type LineFilter } from './line-filter.ts';
import { seek, startAfter } from './moments.ts';
import type { Pack } from './pack-shelf.ts';
import { endPlace, firstPlace, fromOrigin, placeAt, type Start } from './place.ts';
import { RunReader } from './run-reader.ts';

export interface LastLinesOptions {
  readonly root: string;
  readonly count: number;
  readonly filter: LineFilter;
  readonly lineBytes: number;
  readonly blockBytes: number;
  readonly finished: (run: RunFiles) => boolean;
  readonly signal: AbortSignal;
  /** The runs of a pack that were not met yet. */
  readonly runsOf: (pack: PackOfJob) => readonly RunFiles[];
  /** A run's file can't be read. */
  readonly unreadable: (run: RunFiles, error: unknown) => void;
}

export interface PackOfJob {
  readonly job: string;
  readonly pack: Pack;
}

/** Lines of one run from its end, oldest first, as what a start needs. */
interface Tail {
  readonly run: RunFiles;
  readonly times: readonly number[];
  readonly starts: readonly Start[];
}

const firstWindowBytes = 64 * 1024;
/** The first line of a stream in a window may lack its beginning, unless so much lies before it. */
const surelyWholeBytes = 256 * 1024;

export interface LastLines {
  /** For each run that has some of them, where they begin. */
  readonly starts: ReadonlyMap<string, Start>;
  /** The time of the oldest of them. */
  readonly from: number;
  /** The runs that were looked into. */
  readonly visited: readonly RunFiles[];
}

/** Finds the last lines over all these runs, and those in packs. */
export async function findLast(
  runs: readonly RunFiles[],
  packs: readonly PackOfJob[],
  options: LastLinesOptions,
): Promise<LastLines> {
  const { count } = options;
  const tails: Tail[] = [];
  const visited: RunFiles[] = [];
  let times: number[] = [];
  for (const run of fromNewest(runs, packs, options.runsOf)) {
    const oldest = times.length === count ? (times[0] ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY;
    if (count === 0 || options.signal.aborted || run.modified + clockSlackMs < oldest) break;
    visited.push(run);
    try {
      const tail = await tailOf(run, oldest, options);
      if (tail.times.length === 0) continue;
      tails.push(tail);
      times = newestOf(times, tail.times, count);
    } catch (error) {
      options.unreadable(run, error);
    }
  }
  return { starts: cut(tails, times), from: times[0] ?? Number.NEGATIVE_INFINITY, visited };
}

/** The run that was written last comes first; a pack is opened when its last one may be that. */
function* fromNewest(
  runs: readonly RunFiles[],
  packs: readonly PackOfJob[],
  runsOf: (pack: PackOfJob) => readonly RunFiles[],
): Generator<RunFiles> {
  const rising = [...runs].sort((a, b) => a.modified - b.modified);
  const closed = [...packs].sort((a, b) => a.pack.head.until - b.pack.head.until);
  for (;;) {
    const [run, next] = [rising.at(-1), closed.at(-1)];
    if (next !== undefined && (run === undefined || next.pack.head.until >= run.modified)) {
      closed.pop();
      rising.push(...runsOf(next));
      rising.sort((a, b) => a.modified - b.modified);
    } else if (run !== undefined) {
      rising.pop();
      yield run;
    } else return;
  }
}

/** Both are in order; so is the answer. */
function newestOf(a: readonly number[], b: readonly number[], count: number): number[] {
  return [...a, ...b].sort((x, y) => x - y).slice(-count);
}

/** The newest lines over all runs are the last ones of each. */
function cut(tails: readonly Tail[], times: readonly number[]): Map<string, Start> {
  const starts = new Map<string, Start>();
  const oldest = times[0];
  if (oldest === undefined) return starts;
  // Of lines with the very time of the oldest, only so many are meant: those of the newest runs.
  let ofOldest = times.filter((time) => time === oldest).length;
  const byRun = [...tails].sort((a, b) => (a.run.key.run < b.run.key.run ? 1 : -1));
  for (const { run, times: own, starts: places } of byRun) {
    let chosen = own.filter((time) => time > oldest).length;
    const same = Math.min(ofOldest, own.filter((time) => time === oldest).length);
    ofOldest -= same;
    chosen += same;
    const start = chosen === 0 ? undefined : places[places.length - chosen];
    if (start !== undefined) starts.set(run.key.run, start);
  }
  return starts;
}

/** The last lines of one run, no more than asked for; windows grow until there are enough. */
async function tailOf(run: RunFiles, oldest: number, options: LastLinesOptions): Promise<Tail> {
  const { filter } = options;
  const first = firstPlace(run).total;
  const since = filter.since === Number.NEGATIVE_INFINITY ? null : await startAfter(run, filter.since, 'all');
  const floor = Math.max(first, since?.place.total ?? first);
  const bounded = filter.until !== Number.POSITIVE_INFINITY && run.modified >= filter.until + clockSlackMs;
  const end = bounded
    ? (await seek(run, filter.until + 2 * clockSlackMs)).total + firstWindowBytes
    : endPlace(run).total;
  const endTotal = Math.min(end, endPlace(run).total);
  for (let bytes = firstWindowBytes; ; bytes *= 4) {
    const begin = Math.max(floor, endTotal - bytes);
    const window = await readWindow(run, begin, endTotal, begin === first, options);
    const enough =
      window.tail.times.length >= options.count || (window.firstTime ?? oldest) < oldest - clockSlackMs;
    const done = begin === floor || (enough && !window.unsure) || options.signal.aborted;
    if (done) return window.tail;
  }
}

interface Window {
  readonly tail: Tail;
  /** The time of the first line that is asked for. */
  readonly firstTime: number | undefined;
  /** One of the lines may lack its beginning. */
  readonly unsure: boolean;
}

async function readWindow(
  run: RunFiles,
  begin: number,
  endTotal: number,
  whole: boolean,
  options: LastLinesOptions,
): Promise<Window> {
  const { root, lineBytes, blockBytes, count, filter, signal } = options;
  const place = placeAt(run, begin);
  const start: Start = whole ? fromOrigin : { place, done: begin, align: true, after: null };
  let firstTime: number | undefined;
  const reader = new RunReader({
    root,
    folder: run.folder,
    key: run.key,
    segments: run.segments,
    start,
    filter,
    lineBytes,
    blockBytes,
    finished: () => options.finished(run),
    endTotal,
  });
  const met = [false, false];
  const times: number[] = [];
  const starts: Start[] = [];
  const unsure: boolean[] = [];
  while (await reader.fill(signal)) {
    const { time } = reader;
    const line = reader.take();
    firstTime ??= line.time;
    const stream = line.stderr ? 1 : 0;
    const sure = whole || met[stream] === true || line.start - begin >= surelyWholeBytes;
    met[stream] = true;
    times.push(time);
    starts.push({
      place: reader.placeOf(Math.min(line.start, line.resume)),
      done: line.end - 1,
      align: false,
      after: null,
    });
    unsure.push(!sure);
    if (times.length >= 2 * count + 1024)
      for (const each of [times, starts, unsure]) each.splice(0, each.length - count);
  }
  return {
    tail: { run, times: times.slice(-count), starts: starts.slice(-count) },
    firstTime,
    unsure: unsure.slice(-count).includes(true),
  };
}
