/**
 * Searches packs as a whole. A pack holds thousands of short runs, and opening one costs more than looking through it: so each
 * block is looked through for the text at the speed of memory, and only runs in which it may stand are read line by line.
 */
import { blockOf } from './pack-reader.ts';
import type { PackedSegment } from './pack-shelf.ts';
import { lastOfWholeLines } from './record-header.ts';

/**
 * Of entries of one pack, those in whose lines a text surely does not stand: whole runs that lie in one block, of which each
 * record is a whole line. A line that is made of pieces may hold a text that is torn over them, and a torn record makes
 * a line of ours: only reading tells. So it does of what can't be read.
 */
export function entriesWithout(needle: Buffer, entries: readonly PackedSegment[]): Set<PackedSegment> {
  const without = new Set<PackedSegment>();
  let block: SearchedBlock | null = null;
  for (const packed of [...entries].sort((a, b) => a.entry.at - b.entry.at)) {
    const { pack, entry } = packed;
    const number = Math.floor(entry.at / pack.head.blockBytes);
    const from = entry.at - number * pack.head.blockBytes;
    const to = from + entry.bytes;
    if (entry.number > 1 || !entry.final || to > pack.head.blockBytes) continue;
    if (block?.number !== number)
      block = new SearchedBlock(
        number,
        readable(() => blockOf(pack, number)),
        needle,
      );
    if (block.isWithout(from, to)) without.add(packed);
  }
  return without;
}

class SearchedBlock {
  readonly number: number;
  readonly #bytes: Buffer | null;
  readonly #needle: Buffer;
  /** Where the text stands at or after the place that was asked for last; -1 when it does not. */
  #found: number;

  /** `bytes` are null when they can't be read. */
  constructor(number: number, bytes: Buffer | null, needle: Buffer) {
    this.number = number;
    this.#bytes = bytes;
    this.#needle = needle;
    this.#found = bytes?.indexOf(needle) ?? -1;
  }

  /** Whether it is sure that no line between two places holds the text; asked for in rising order. */
  isWithout(from: number, to: number): boolean {
    const bytes = this.#bytes;
    if (bytes === null || to > bytes.length) return false;
    if (this.#found !== -1 && this.#found < from) this.#found = bytes.indexOf(this.#needle, from);
    const isThere = this.#found !== -1 && this.#found + this.#needle.length <= to;
    return !isThere && lastOfWholeLines(bytes.subarray(from, to)) !== undefined;
  }
}

function readable(read: () => Buffer): Buffer | null {
  try {
    return read();
  } catch {
    // Whoever reads the runs meets the same, and says it.
    return null;
  }
}
