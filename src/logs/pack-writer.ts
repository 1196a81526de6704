/** Writes a pack: entries one after the other, in bounded memory. It is nothing to readers until it is renamed. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { compressBlock, encodeEnd, type PackEntry, type PackHead, type PackSources } from './pack-format.ts';
import { findHeader, RecordHeader } from './record-header.ts';

const packBlockBytes = 128 * 1024;
/** The first record of an entry is looked for in so many bytes. */
const firstRecordBytes = 4096;

export type EntryMeta = Pick<PackEntry, 'run' | 'number' | 'since' | 'final' | 'until'> & {
  /** Known already; else it is read from the first record. */
  readonly from?: number;
};

export class PackWriter {
  readonly #file: number;
  readonly #sequence: number;
  readonly #block = Buffer.allocUnsafe(packBlockBytes);
  #filled = 0;
  #content = 0;
  readonly #blocks: number[] = [0];
  readonly #entries: PackEntry[] = [];

  /** Makes the file anew. */
  constructor(path: string, sequence: number) {
    this.#file = openSync(path, 'w', 0o600);
    this.#sequence = sequence;
  }

  get entries(): number {
    return this.#entries.length;
  }

  /** Adds one segment; answers how many bytes it has. */
  add(meta: EntryMeta, pieces: Iterable<Buffer>): number {
    const at = this.#content;
    let from = meta.from;
    for (const piece of pieces) {
      from ??= firstTimeIn(piece) ?? meta.until;
      this.#take(piece);
    }
    const { run, number, since, final, until } = meta;
    const bytes = this.#content - at;
    this.#entries.push({ run, number, at, bytes, from: from ?? until, until, since, final });
    return bytes;
  }

  /** Makes it durable; answers its head. */
  finish(sources: PackSources): PackHead {
    if (this.#filled > 0) this.#writeBlock();
    const runs = this.#entries.map(({ run }) => run).sort();
    const head: PackHead = {
      sequence: this.#sequence,
      from: this.#entries.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
      until: this.#entries.reduce((most, { until }) => Math.max(most, until), 0),
      firstRun: runs[0] ?? '',
      lastRun: runs.at(-1) ?? '',
      entries: this.#entries.length,
      contentBytes: this.#content,
      blockBytes: packBlockBytes,
    };
    this.#write(encodeEnd(head, { entries: this.#entries, blocks: this.#blocks, sources }));
    fsyncSync(this.#file);
    return head;
  }

  close(): void {
    closeSync(this.#file);
  }

  #take(piece: Buffer): void {
    let taken = 0;
    while (taken < piece.length) {
      const copied = piece.copy(this.#block, this.#filled, taken);
      taken += copied;
      this.#filled += copied;
      this.#content += copied;
      if (this.#filled === packBlockBytes) this.#writeBlock();
    }
  }

  #writeBlock(): void {
    const compressed = compressBlock(this.#block.subarray(0, this.#filled));
    this.#write(compressed);
    this.#blocks.push((this.#blocks.at(-1) ?? 0) + compressed.length);
    this.#filled = 0;
  }

  #write(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; )
      written += writeSync(this.#file, bytes, written, bytes.length - written);
  }
}

function firstTimeIn(piece: Buffer): number | undefined {
  const head = new RecordHeader();
  if (head.read(piece, 0)) return head.time;
  const found = findHeader(piece.toString('latin1', 0, firstRecordBytes));
  return found >= 0 && head.read(piece, found) ? head.time : undefined;
}
