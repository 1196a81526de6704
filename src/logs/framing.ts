/**
 * From the bytes of a run's file to its lines, with no I/O: bytes in, lines out.
 *
 * - The pieces of a line (P … P F) are joined per stream; the line has the time of its first piece.
 * - The text is nobody's but the job's: NUL, CR, broken UTF-8 and heads that a job prints itself pass as they are.
 * - A record that was torn by a full disk leaves the rest of its head in front of the next record. Reading goes on at
 *   the next whole head, and a line of ours says how many bytes could not be read.
 * - A line longer than `lineBytes` comes in pieces of exactly that size.
 * However the bytes are cut into blocks, the same lines come out.
 */
import { formatSize } from '../domain/units.ts';
import { findHeader, RecordHeader, recordHeaderBytesMax } from './record-header.ts';

/** One line of a run, or one of ours about it. Offsets count from the first byte that the run ever wrote. */
export interface Line {
  readonly time: number;
  readonly stderr: boolean;
  readonly message: Uint8Array;
  /** Where its first record begins. */
  readonly start: number;
  /** Just after the byte that completed it: grows from line to line. */
  readonly end: number;
  /** Reading on from here finds all lines that end after this one, whole. */
  readonly resume: number;
  /** The line is longer than `lineBytes` and goes on in the next one of its stream. */
  readonly cut: boolean;
}

/** The pieces so far of a line whose end has not come. */
interface Pending {
  readonly start: number;
  readonly time: number;
  readonly pieces: Buffer[];
  bytes: number;
}

/** A record without its end is taken in as far as it goes when it alone fills so much. */
const longRecordBytes = 4096;
const newline = 0x0a;

const tornMessage = (size: string): string =>
  `nightshift: ${size} of a torn record could not be read here (was the disk full?)`;

/** May a text stand in what is said of torn records, whatever their size? */
export function mayBeOfTorn(text: string): boolean {
  const withoutNumber = text.replace(/[\d.]{1,6}/, '0');
  return ['B', 'KB', 'MB', 'GB'].some((unit) => tornMessage(`0 ${unit}`).includes(withoutNumber));
}

export class Framing {
  readonly #lineBytes: number;
  readonly #head = new RecordHeader();
  /** By stream: stdout, stderr. */
  readonly #pending: [Pending | null, Pending | null] = [null, null];
  /** The record whose text goes on in the next block. */
  #open: { readonly stream: 0 | 1; readonly final: boolean } | null = null;
  #tornBytes = 0;
  #lastTime: number | null = null;

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes;
  }

  /**
   * Takes in a block that begins at offset `at`, and adds the lines that it completes to `lines`.
   * Answers how many bytes it is done with: the next block must begin with the rest.
   */
  parse(block: Buffer, at: number, lines: Line[]): number {
    let position = this.#open === null ? 0 : this.#goOn(block, at, lines);
    while (position < block.length) {
      if (!this.#head.read(block, position)) {
        const next = this.#resynchronise(block, position);
        if (next === position) return position;
        position = next;
        continue;
      }
      const text = this.#head.text;
      const end = block.indexOf(newline, text);
      if (end < 0) {
        if (position > 0 || block.length < longRecordBytes) return position;
        this.#record(at + position, at + position, lines);
        this.#open = { stream: this.#head.stderr ? 1 : 0, final: this.#head.final };
        this.#append(this.#open.stream, block, text, block.length, at, lines);
        return block.length;
      }
      this.#whole(block, position, end, at, lines);
      position = end + 1;
    }
    return position;
  }

  /** The rest of a file that gets no more: what stands there without a newline is a record all the same. */
  endOfFile(rest: Buffer, at: number, lines: Line[]): void {
    if (this.#open !== null) {
      this.#endRecord(this.#open.stream, this.#open.final, at + 1, lines);
      this.#open = null;
    } else if (rest.length > 0) {
      const record = Buffer.alloc(rest.length + 1, newline);
      rest.copy(record);
      this.parse(record, at, lines);
    }
  }

  /** The run has ended: lines without an end are lines. Each stream's has an offset of its own, so that it can be told apart later. */
  endOfRun(at: number, lines: Line[]): void {
    this.#endRecord(0, true, at + 2, lines);
    this.#endRecord(1, true, at + 3, lines);
    if (this.#tornBytes > 0) this.#sayTorn(at + 4, lines);
  }

  /** Where reading has to begin again so that no piece of a line that is still open is missed. */
  resume(at: number): number {
    return Math.min(at, this.#pending[0]?.start ?? at, this.#pending[1]?.start ?? at);
  }

  /** No line is open, and nothing is to be said: what comes next begins anew. */
  get isBetweenLines(): boolean {
    return (
      this.#open === null && this.#pending[0] === null && this.#pending[1] === null && this.#tornBytes === 0
    );
  }

  /** Whole lines were left out, the last of them with this time: what is said of a torn record behind them has it, too. */
  passOver(lastTime: number): void {
    this.#lastTime = lastTime;
  }

  /** Forgets open lines: the bytes that followed are gone. */
  reset(): void {
    this.#pending.fill(null);
    this.#open = null;
    this.#tornBytes = 0;
  }

  /** A record that lies in the block as a whole: nearly all of them. */
  #whole(block: Buffer, position: number, end: number, at: number, lines: Line[]): void {
    const head = this.#head;
    const stream = head.stderr ? 1 : 0;
    const start = at + position;
    if (!head.final || this.#pending[stream] !== null || end - head.text > this.#lineBytes) {
      this.#record(start, start, lines);
      this.#append(stream, block, head.text, end, at, lines);
      this.#endRecord(stream, head.final, at + end + 1, lines);
      return;
    }
    if (this.#tornBytes > 0) this.#sayTorn(start, lines);
    this.#lastTime = head.time;
    const other = this.#pending[1 - stream] as Pending | null;
    lines.push({
      time: head.time,
      stderr: head.stderr,
      message: block.subarray(head.text, end),
      start,
      end: at + end + 1,
      resume: other === null ? at + end + 1 : other.start,
      cut: false,
    });
  }

  /** A record that is to be joined begins. */
  #record(start: number, at: number, lines: Line[]): void {
    const stream = this.#head.stderr ? 1 : 0;
    if (this.#tornBytes > 0) this.#sayTorn(at, lines);
    this.#lastTime = this.#head.time;
    this.#pending[stream] ??= { start, time: this.#head.time, pieces: [], bytes: 0 };
  }

  #goOn(block: Buffer, at: number, lines: Line[]): number {
    const open = this.#open;
    if (open === null) return 0;
    const end = block.indexOf(newline);
    this.#append(open.stream, block, 0, end < 0 ? block.length : end, at, lines);
    if (end < 0) return block.length;
    this.#open = null;
    this.#endRecord(open.stream, open.final, at + end + 1, lines);
    return end + 1;
  }

  /** Pieces are copied: a prompt that waits for its end must not hold a whole block. */
  #append(stream: 0 | 1, block: Buffer, from: number, to: number, at: number, lines: Line[]): void {
    const pending = this.#pending[stream];
    if (pending === null) return;
    let begin = from;
    while (pending.bytes + to - begin > this.#lineBytes) {
      const cutAt = begin + this.#lineBytes - pending.bytes;
      if (cutAt > begin) pending.pieces.push(Buffer.from(block.subarray(begin, cutAt)));
      begin = cutAt;
      this.#emit(pending, stream, at + cutAt, true, lines);
      pending.pieces.length = 0;
      pending.bytes = 0;
    }
    if (to > begin) {
      pending.pieces.push(Buffer.from(block.subarray(begin, to)));
      pending.bytes += to - begin;
    }
  }

  #endRecord(stream: 0 | 1, final: boolean, end: number, lines: Line[]): void {
    const pending = this.#pending[stream];
    if (!final || pending === null) return;
    this.#pending[stream] = null;
    this.#emit(pending, stream, end, false, lines);
  }

  #emit(pending: Pending, stream: 0 | 1, end: number, cut: boolean, lines: Line[]): void {
    const message = pending.pieces.length === 1 ? pending.pieces[0] : Buffer.concat(pending.pieces);
    lines.push({
      time: pending.time,
      stderr: stream === 1,
      message: message as Buffer,
      start: pending.start,
      end,
      resume: this.resume(end),
      cut,
    });
  }

  /** No head begins at `position`: answers where one does, or how far nothing can; `position` itself when more bytes are needed. */
  #resynchronise(block: Buffer, position: number): number {
    const end = block.indexOf(newline, position);
    const rest = block.length - position;
    if (end < 0 && rest < recordHeaderBytesMax) return position;
    const found = findHeader(block.toString('latin1', position, end < 0 ? block.length : end + 1));
    if (found > 0) {
      this.#tornBytes += found;
      return position + found;
    }
    if (end < 0 && position > 0) return position;
    // A head may have begun in the last bytes of a block, and not in those before them.
    const next = end < 0 ? block.length - recordHeaderBytesMax + 1 : end + 1;
    this.#tornBytes += next - position;
    return next;
  }

  #sayTorn(at: number, lines: Line[]): void {
    const text = tornMessage(formatSize(this.#tornBytes));
    this.#tornBytes = 0;
    lines.push({
      time: this.#lastTime ?? this.#head.time,
      stderr: true,
      message: Buffer.from(text),
      start: at,
      end: at,
      resume: this.resume(at),
      cut: false,
    });
  }
}
