/**
 * Framing of output into CRI log records, `TIME STREAM P|F TEXT`, as conmon does it: a line that ends is `F`, a piece of
 * one is `P`; all records of one read carry the same time. This is the hot path of a flooding job, so it works on bytes
 * alone: no string, no object and no call into the engine for each line.
 */

/** A record carries at most so many bytes of text, as conmon's do: readers of the format size their buffers by it. */
export const recordTextBytes = 8192;

const newline = 10;
const partialMark = 80;
const fullMark = 70;

/** Below this a loop over the bytes is faster than a search and a copy by the engine. */
const shortLineBytes = 128;

/** The bytes before a record's text, with the mark `F`; `time` is RFC 3339. */
export function recordHead(time: string, stream: 'stdout' | 'stderr'): Uint8Array {
  return Buffer.from(`${time} ${stream} F `, 'latin1');
}

/** Framed records on their way to the file; whole ones only, so that a file can be changed between two blocks. */
export class CriBlock {
  readonly bytes: Uint8Array;
  length = 0;
  /** How many bytes of the program's output are in it. */
  carried = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  clear(): void {
    this.length = 0;
    this.carried = 0;
  }

  /** Frames `input` from index `from` on; answers the index up to which it had room. */
  frame(input: Uint8Array, from: number, head: Uint8Array): number {
    const out = this.bytes;
    const headLength = head.length;
    const lastStart = out.length - headLength - recordTextBytes - 1;
    const total = input.length;
    let next = from;
    let at = this.length;
    while (next < total && at <= lastStart) {
      const mark = at + headLength - 2;
      for (let i = 0; i < headLength; i++) out[at++] = head[i] as number;
      const pieceEnd = Math.min(total, next + recordTextBytes);
      const shortEnd = Math.min(pieceEnd, next + shortLineBytes);
      let byte = -1;
      while (next < shortEnd) {
        byte = input[next++] as number;
        if (byte === newline) break;
        out[at++] = byte;
      }
      if (byte !== newline && next < pieceEnd) {
        const found = input.indexOf(newline, next);
        const end = found === -1 || found >= pieceEnd ? pieceEnd : found;
        out.set(input.subarray(next, end), at);
        at += end - next;
        next = end;
        if (end === found) {
          byte = newline;
          next++;
        }
      }
      out[mark] = byte === newline ? fullMark : partialMark;
      out[at++] = newline;
    }
    this.carried += next - from;
    this.length = at;
    return next;
  }
}
