/**
 * Reads one run's lines forward, block by block, across its segments: also while it is written, rotated and dropped.
 * Holds one block of lines and no open file between two reads.
 */
import type { FileHandle } from 'node:fs/promises';
import { droppedMessage } from './dropped.ts';
import { Framing, type Line } from './framing.ts';
import type { RunFiles, RunKey } from './layout.ts';
import { clockSlackMs, isPast, type LineFilter, matches } from './line-filter.ts';
import { firstPlace, type Place, type Start } from './place.ts';
import { hasSuccessor, openSegment } from './segment-file.ts';

export interface RunReaderOptions {
  /** The folder of all logs, and the run's own. */
  readonly root: string;
  readonly folder: string;
  readonly key: RunKey;
  readonly start: Start;
  readonly filter: LineFilter;
  readonly lineBytes: number;
  /** Blocks grow up to this size. */
  readonly blockBytes: number;
  /** Nothing will be written to this run any more. */
  readonly finished: () => boolean;
  /** Reading ends here, in total bytes. */
  readonly endTotal?: number;
}

const firstBlockBytes = 16 * 1024;
const noBytes = Buffer.alloc(0);

export class RunReader {
  readonly key: RunKey;
  readonly #options: RunReaderOptions;
  readonly #framing: Framing;
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
  #lines: Line[] = [];
  #next = 0;
  #highest = Number.NEGATIVE_INFINITY;
  #time = Number.NEGATIVE_INFINITY;
  /** What a cursor needs: where to go on, and what is done, after the last line that was taken. */
  #resume: number;
  #done: number;
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
    this.#resume = start.place.total;
    this.#done = start.done;
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
    return last !== undefined && this.#highest - last.time > clockSlackMs / 4;
  }

  /** Where the next read begins. */
  get end(): Place {
    return this.placeOf(this.#total);
  }

  get resume(): number {
    return this.#resume;
  }

  get done(): number {
    return this.#done;
  }

  /** Takes the next line. */
  take(): Line {
    const line = this.#lines[this.#next++] as Line;
    this.#resume = line.resume;
    this.#done = line.end;
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
      const more = await this.#readBlock(lines);
      this.#takeIn(lines);
      if (!more && this.head === undefined) return false;
    }
    return true;
  }

  get #total(): number {
    return (this.#begins.at(-1)?.total ?? 0) + this.#offset;
  }

  /** False when there is nothing more now. */
  async #readBlock(lines: Line[]): Promise<boolean> {
    const { root, folder, key } = this.#options;
    const opened = await openSegment(root, folder, key, this.#segment, this.#rotated);
    if (opened.kind === 'absent') return this.#nothingMore(noBytes, lines);
    if (opened.kind === 'dropped') return this.#skipDropped(opened.now, lines);
    this.#rotated = opened.rotated;
    const { bytes, full } = await this.#read(opened.file);
    const rest = bytes.subarray(this.#parse(bytes, lines));
    if (full) return true;
    if (this.#isLast()) return this.#nothingMore(rest, lines);
    return this.#nextSegment(rest.length, lines);
  }

  /** The next bytes, and whether there may be more behind them. Closes the file. */
  async #read(file: FileHandle): Promise<{ readonly bytes: Buffer; readonly full: boolean }> {
    const { endTotal, blockBytes } = this.#options;
    const left = endTotal === undefined ? Number.POSITIVE_INFINITY : Math.max(0, endTotal - this.#total);
    const wanted = Math.min(this.#blockBytes, left);
    const block = Buffer.allocUnsafeSlow(wanted);
    try {
      const { bytesRead } = await file.read(block, 0, wanted, this.#offset);
      const full = bytesRead === this.#blockBytes;
      if (full) this.#blockBytes = Math.min(this.#blockBytes * 4, blockBytes);
      // Lines are views of their block: a few of them must not hold a large one.
      const bytes = block.subarray(0, bytesRead);
      return { bytes: bytesRead < wanted / 4 ? Buffer.from(bytes) : bytes, full };
    } finally {
      await file.close();
    }
  }

  /** Answers how many bytes are done with. */
  #parse(bytes: Buffer, lines: Line[]): number {
    let begin = 0;
    if (this.#align) {
      begin = bytes.indexOf(0x0a) + 1;
      if (begin > 0) this.#align = false;
      else begin = bytes.length;
    }
    const used = begin + this.#framing.parse(bytes.subarray(begin), this.#total + begin, lines);
    this.#offset += used;
    return used;
  }

  #isLast(): boolean {
    const { endTotal, folder, key } = this.#options;
    if (endTotal !== undefined && this.#total >= endTotal) return true;
    return !hasSuccessor(folder, key, this.#segment, this.#rotated);
  }

  /** The file has a successor, so it gets no more; what it got since the last read is read first. */
  async #nextSegment(restBytes: number, lines: Line[]): Promise<boolean> {
    const { root, folder, key } = this.#options;
    const opened = await openSegment(root, folder, key, this.#segment, this.#rotated);
    if (opened.kind === 'dropped') return this.#skipDropped(opened.now, lines);
    if (opened.kind === 'absent') return this.#nothingMore(noBytes, lines);
    this.#rotated = opened.rotated;
    const { bytes } = await this.#read(opened.file);
    if (bytes.length > restBytes) {
      this.#parse(bytes, lines);
      return true;
    }
    this.#framing.endOfFile(bytes, this.#total, lines);
    this.#begin(this.#segment + 1, this.#total + bytes.length);
    return true;
  }

  #begin(segment: number, total: number): void {
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
    this.#framing.reset();
    this.#align = false;
    if (now.dropped !== null) {
      lines.push({
        time: now.dropped.at,
        stderr: true,
        message: droppedMessage(now.dropped, missed > 0 ? missed : null),
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
