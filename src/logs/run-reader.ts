/**
 * Reads one run's lines forward, block by block, across its segments: also while it is written, rotated and dropped.
 * Holds two blocks at most, and no open file between two reads.
 */
import { droppedMessage, nothingDropped } from './dropped.ts';
import { Framing, type Line } from './framing.ts';
import type { RunFiles, RunKey, Segment } from './layout.ts';
import { clockSlackMs, isPast, type LineFilter, matches } from './line-filter.ts';
import { firstPlace, type Place, type Start } from './place.ts';
import { lastOfWholeLines, RecordHeader } from './record-header.ts';
import { hasSuccessor, type Opened, openSegment } from './segment-file.ts';

export interface RunReaderOptions {
  /** The folder of all logs, and the run's own. */
  readonly root: string;
  readonly folder: string;
  readonly key: RunKey;
  /** What there was when the run was listed: where its packed segments lay. */
  readonly segments?: readonly Segment[];
  readonly start: Start;
  readonly filter: LineFilter;
  readonly lineBytes: number;
  /** Blocks grow up to this size. */
  readonly blockBytes: number;
  /** Nothing will be written to this run any more. */
  readonly finished: () => boolean;
  /** Reading ends here, in total bytes. */
  readonly endTotal?: number;
  /** Hears of all bytes that are done with. */
  readonly passed?: (bytes: number) => void;
}

type Fetched =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly full: boolean; readonly rotated: boolean }
  | Exclude<Opened, { readonly kind: 'file' }>;

const firstBlockBytes = 16 * 1024;
const sliceBytes = 32 * 1024;
const newline = 0x0a;
/** Shorter blocks are as quickly read line by line. */
const skippedBytesMin = 4 * 1024;
const pieces = [Buffer.from(' stdout P '), Buffer.from(' stderr P ')];
const noBytes = Buffer.alloc(0);

export class RunReader {
  readonly key: RunKey;
  readonly #options: RunReaderOptions;
  readonly #framing: Framing;
  readonly #head = new RecordHeader();
  /** The segments met so far, with the total offset at which each begins. */
  readonly #begins: { readonly segment: number; readonly total: number }[] = [];
  #segment: number;
  #offset: number;
  #rotated = false;
  #align: boolean;
  /** Lines that end here or before are known. */
  readonly #known: number;
  #after: number | null;
  #blockBytes = firstBlockBytes;
  /** What was read and not parsed yet, and whether there may be more behind it. */
  #block: Buffer = noBytes;
  #full = false;
  /** The memory of the block, as long as no line is a view of it; and that of one that was passed over, to be used again. */
  #unshared: Buffer | null = null;
  #spare: Buffer | null = null;
  #ahead: { readonly segment: number; readonly offset: number; readonly fetched: Promise<Fetched> } | null =
    null;
  #lines: Line[] = [];
  #next = 0;
  #highest = Number.NEGATIVE_INFINITY;
  #time = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(options: RunReaderOptions) {
    const { start } = options;
    this.#options = options;
    this.key = options.key;
    this.#framing = new Framing(options.lineBytes);
    this.#segment = start.place.segment;
    this.#offset = start.place.offset;
    this.#begins.push({ segment: this.#segment, total: start.place.total - this.#offset });
    this.#align = start.align;
    this.#known = start.done;
    this.#after = start.after;
  }

  /** The line that comes next; undefined until `fill` found one. */
  get head(): Line | undefined {
    return this.#lines[this.#next];
  }

  /** The time by which the next line is merged: a run's lines never change places, whatever their times say. */
  get time(): number {
    return this.#time;
  }

  /** Nothing comes any more. */
  get ended(): boolean {
    return this.#ended && this.head === undefined;
  }

  /** Its lines are told later than they say: the clock was set back, or a line was open for long. */
  get shifted(): boolean {
    const last = this.#lines[this.#next - 1];
    return !this.ended && last !== undefined && this.#highest - last.time > clockSlackMs / 4;
  }

  /** Where the next read begins. */
  get end(): Place {
    return this.placeOf(this.#total);
  }

  /** Takes the next line. */
  take(): Line {
    const line = this.#lines[this.#next++] as Line;
    this.#showHead();
    return line;
  }

  /** Where a total offset that was read stands in the files. */
  placeOf(total: number): Place {
    let index = this.#begins.length - 1;
    while (index > 0 && (this.#begins[index]?.total ?? 0) > total) index--;
    const { segment, total: begin } = this.#begins[index] ?? { segment: 1, total: 0 };
    return { segment, offset: Math.max(0, total - begin), total };
  }

  /** Reads on until there is a line. False when there is none now, or `signal` says stop. Rejects when a file can't be read. */
  async fill(signal: AbortSignal): Promise<boolean> {
    while (this.head === undefined) {
      if (this.#ended || signal.aborted) return false;
      const lines: Line[] = [];
      const more = await this.#more(lines);
      this.#takeIn(lines);
      if (!more && this.head === undefined) return false;
    }
    return true;
  }

  get #total(): number {
    return (this.#begins.at(-1)?.total ?? 0) + this.#offset;
  }

  /** Finds more lines, a slice of the block at a time: few lines are held, and they die young. False when there is nothing more now. */
  async #more(lines: Line[]): Promise<boolean> {
    if (this.#block.length === 0) {
      const fetched = await this.#fetch();
      if (fetched.kind === 'absent') return this.#nothingMore(noBytes, lines);
      if (fetched.kind === 'dropped') return this.#skipDropped(fetched.now, lines);
      this.#rotated = fetched.rotated;
      this.#full = fetched.full;
      this.#block = fetched.bytes;
      this.#unshared = fetched.bytes;
      this.#fetchAhead();
    }
    if (this.#skip()) return true;
    if (this.#parse(this.#block.subarray(0, sliceBytes), lines) || this.#parse(this.#block, lines))
      return true;
    // What is left of a full block begins a record whose end is in the next one: it is read again together with that.
    const rest = this.#block;
    this.#block = noBytes;
    if (this.#full) return true;
    if (this.#isLast()) return this.#nothingMore(rest, lines);
    return this.#nextSegment(rest.length, lines);
  }

  /** The block at the present place. */
  async #fetch(): Promise<Fetched> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead?.segment === this.#segment && ahead.offset === this.#offset) {
      const fetched = await ahead.fetched;
      // It was read a while ago: that nothing stood behind it then says nothing of now.
      if (fetched.kind === 'bytes') return { ...fetched, full: true };
    }
    return this.#fetchFrom(this.#offset);
  }

  /** Starts reading the next block while this one is parsed: what is written stays what it is, so it can't grow stale. */
  #fetchAhead(): void {
    if (!this.#full) return;
    const end = this.#block.lastIndexOf(newline) + 1;
    if (end === 0) return;
    this.#block = this.#block.subarray(0, end);
    const offset = this.#offset + end;
    const fetched = this.#fetchFrom(offset);
    // Whoever asks for the block gets the failure.
    fetched.catch(() => undefined);
    this.#ahead = { segment: this.#segment, offset, fetched };
  }

  async #fetchFrom(offset: number): Promise<Fetched> {
    const { root, folder, key, segments } = this.#options;
    const packed = segments?.find(({ number }) => number === this.#segment)?.packed;
    try {
      return await this.#read(
        await openSegment(root, folder, key, this.#segment, this.#rotated, packed),
        offset,
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // Its pack was joined with another one, or dropped, between the two.
      return await this.#read(await openSegment(root, folder, key, this.#segment, this.#rotated), offset);
    }
  }

  async #read(opened: Opened, offset: number): Promise<Fetched> {
    if (opened.kind !== 'file') return opened;
    const { endTotal, blockBytes } = this.#options;
    const left = (endTotal ?? Number.POSITIVE_INFINITY) - (this.#begins.at(-1)?.total ?? 0) - offset;
    const wanted = Math.min(this.#blockBytes, Math.max(0, left));
    const block = this.#memory(wanted);
    try {
      const bytesRead = await opened.file.read(block, offset);
      const full = bytesRead === this.#blockBytes;
      if (full) this.#blockBytes = Math.min(this.#blockBytes * 4, blockBytes);
      // Lines are views of their block: a few of them must not hold a large one.
      const bytes = block.subarray(0, bytesRead);
      const own = bytesRead < wanted / 4 ? Buffer.from(bytes) : bytes;
      return { kind: 'bytes', bytes: own, full, rotated: opened.rotated };
    } finally {
      await opened.file.close();
    }
  }

  /**
   * Passes over a block in which nothing that is looked for can begin or end: searching reads at the speed of memory.
   * A text may be torn over two pieces of a long line, so a block with such pieces is looked at line by line.
   */
  #skip(): boolean {
    const { needle, needleMayBeOfTorn, until } = this.#options.filter;
    const block = this.#block;
    if (needle === null || block.length < skippedBytesMin || !this.#framing.isBetweenLines) return false;
    if (
      this.#align ||
      this.#after !== null ||
      block.includes(needle) ||
      pieces.some((tag) => block.includes(tag))
    )
      return false;
    if (!this.#head.read(block, 0) || this.#head.time >= until) return false;
    const used = block.lastIndexOf(newline) + 1;
    if (needleMayBeOfTorn) {
      const last = lastOfWholeLines(block.subarray(0, used));
      if (last === undefined) return false;
      this.#framing.passOver(last);
    }
    this.#offset += used;
    this.#block = block.subarray(used);
    if (used === block.length) this.#spare = this.#unshared;
    this.#options.passed?.(used);
    return used > 0;
  }

  /** For a block: searching gigabytes takes no more of it than two. */
  #memory(bytes: number): Buffer {
    const spare = this.#spare;
    this.#spare = null;
    return spare !== null && spare.length >= bytes ? spare.subarray(0, bytes) : Buffer.allocUnsafeSlow(bytes);
  }

  /** False when nothing of it could be used. */
  #parse(bytes: Buffer, lines: Line[]): boolean {
    let begin = 0;
    this.#unshared = null;
    if (this.#align) {
      begin = bytes.indexOf(newline) + 1;
      if (begin > 0) this.#align = false;
      else begin = bytes.length;
    }
    const used = begin + this.#framing.parse(bytes.subarray(begin), this.#total + begin, lines);
    this.#offset += used;
    this.#block = this.#block.subarray(used);
    this.#options.passed?.(used);
    return used > 0;
  }

  #isLast(): boolean {
    const { endTotal, folder, key } = this.#options;
    if (endTotal !== undefined && this.#total >= endTotal) return true;
    return !hasSuccessor(folder, key, this.#segment, this.#rotated);
  }

  /** The file has a successor, so it gets no more; what it got since the last read is read first. */
  async #nextSegment(restBytes: number, lines: Line[]): Promise<boolean> {
    const fetched = await this.#fetchFrom(this.#offset);
    if (fetched.kind === 'dropped') return this.#skipDropped(fetched.now, lines);
    if (fetched.kind === 'absent') return this.#nothingMore(noBytes, lines);
    this.#rotated = fetched.rotated;
    const { bytes } = fetched;
    if (bytes.length > restBytes) {
      this.#block = bytes;
      this.#full = fetched.full;
      return true;
    }
    this.#framing.endOfFile(bytes, this.#total, lines);
    this.#begin(this.#segment + 1, this.#total + bytes.length);
    return true;
  }

  #begin(segment: number, total: number): void {
    this.#block = noBytes;
    this.#ahead = null;
    this.#segment = segment;
    this.#offset = 0;
    this.#rotated = false;
    this.#begins.push({ segment, total });
    if (this.#begins.length > 2_000) this.#begins.splice(1, 1_000);
  }

  /** What comes next was dropped: a line says so, and reading goes on with what is left. */
  #skipDropped(now: RunFiles, lines: Line[]): boolean {
    const first = firstPlace(now);
    const before = this.#total;
    const missed = first.total - before;
    const total = Math.max(before, first.total);
    // Dropped after it was read to its end: nothing is missing.
    if (missed !== 0) {
      this.#framing.reset();
      this.#align = false;
      const dropped = now.dropped ?? nothingDropped;
      lines.push({
        time: dropped.at > 0 ? dropped.at : Math.max(0, this.#highest),
        stderr: true,
        message: droppedMessage(dropped, missed > 0 ? missed : null),
        start: before,
        end: total,
        resume: total,
        cut: false,
      });
    }
    this.#begin(first.segment, total);
    return true;
  }

  #nothingMore(rest: Buffer, lines: Line[]): false {
    if (this.#options.finished()) {
      this.#framing.endOfFile(rest, this.#total, lines);
      this.#framing.endOfRun(this.#total + rest.length, lines);
      this.#offset += rest.length;
      this.#ended = true;
    } else if (this.#options.endTotal !== undefined) this.#ended = true;
    return false;
  }

  #takeIn(lines: Line[]): void {
    const { filter } = this.#options;
    if (this.#next === this.#lines.length) {
      this.#lines = [];
      this.#next = 0;
    }
    for (const line of lines) {
      if (line.end <= this.#known) continue;
      if (this.#after !== null) {
        if (line.time <= this.#after) continue;
        this.#after = null;
      }
      if (isPast(filter, line)) {
        this.#ended = true;
        break;
      }
      if (matches(filter, line)) this.#lines.push(line);
    }
    this.#showHead();
  }

  #showHead(): void {
    const head = this.head;
    if (head === undefined) return;
    if (head.time > this.#highest) this.#highest = head.time;
    this.#time = this.#highest;
  }
}
