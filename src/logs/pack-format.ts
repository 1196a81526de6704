/**
 * A pack: a compressed segment that the runs of one job share, once they have ended. The file is what `zstdcat` reads:
 *
 *     zstd frame, zstd frame, …    blocks: what the entries hold, one after the other, cut into equal pieces
 *     skippable frame              index (zstd, JSON), head (JSON), and a tail of fixed size that leads to both
 *
 * An entry is one segment of a run, byte for byte as its writer left it: places in a run's output (segment number and
 * offset) stay true, so that cursors and readers go on as if nothing had happened.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

export interface PackEntry {
  readonly run: string;
  /** The number of the segment. */
  readonly number: number;
  /** Where its bytes begin among those of all entries. */
  readonly at: number;
  readonly bytes: number;
  /** Wall time of its first record and of its last write, ms. */
  readonly from: number;
  readonly until: number;
  /** The pack that it came into first: entries keep it when packs are joined. */
  readonly since: number;
  /** Nothing came after it: its run had ended. */
  readonly final: boolean;
}

/** What is known of a pack without reading its index. */
export interface PackHead {
  /** Grows from pack to pack of a job. */
  readonly sequence: number;
  readonly from: number;
  readonly until: number;
  /** The smallest and the largest run id. */
  readonly firstRun: string;
  readonly lastRun: string;
  readonly entries: number;
  /** Of all entries, uncompressed. */
  readonly contentBytes: number;
  /** Uncompressed size of each block but the last. */
  readonly blockBytes: number;
}

/** Where the entries came from: what stands there is to go once the pack is durable. */
export interface PackSources {
  readonly files: readonly { readonly name: string; readonly inode: number }[];
  /** Sequence numbers of packs that are contained in this one. */
  readonly packs: readonly number[];
}

export interface PackIndex {
  /** In the order in which they lie. */
  readonly entries: readonly PackEntry[];
  /** Where each block begins in the file, and where the last one ends. */
  readonly blocks: readonly number[];
  readonly sources: PackSources;
}

const skippableMagic = 0x184d2a5d;
const magic = 'NSPACK01';
const skippableBytes = 8;
/** Index bytes, head bytes, checksum, magic. */
export const tailBytes = 20;
/** The head and the tail surely lie in so many bytes at the end of a file. */
export const headAndTailBytes = 1024;

export const compressBlock = (bytes: Buffer): Buffer =>
  zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });

export const decompressBlock = (bytes: Buffer, size: number): Buffer =>
  zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size) });

/** What stands behind the blocks. */
export function encodeEnd(head: PackHead, index: PackIndex): Buffer {
  const rows = index.entries.map(({ run, number, at, bytes, from, until, since, final }) => [
    ...[run, number, at, bytes, from, until, since, final ? 1 : 0],
  ]);
  const files = index.sources.files.map(({ name, inode }) => [name, inode]);
  const body = { entries: rows, blocks: index.blocks, files, packs: index.sources.packs };
  const indexPart = compressBlock(Buffer.from(JSON.stringify(body)));
  const headPart = Buffer.from(JSON.stringify(head));
  const tail = Buffer.alloc(tailBytes);
  tail.writeUInt32LE(indexPart.length, 0);
  tail.writeUInt32LE(headPart.length, 4);
  tail.writeUInt32LE(crc32(headPart, crc32(indexPart)), 8);
  tail.write(magic, 12, 'latin1');
  const skippable = Buffer.alloc(skippableBytes);
  skippable.writeUInt32LE(skippableMagic, 0);
  skippable.writeUInt32LE(indexPart.length + headPart.length + tailBytes, 4);
  return Buffer.concat([skippable, indexPart, headPart, tail]);
}

/** Reads the head out of a file's last bytes ({@link headAndTailBytes}, or all). Throws when they are not those of a pack. */
export function decodeHead(end: Buffer): { readonly head: PackHead; readonly indexBytes: number } {
  const tail = end.subarray(-tailBytes);
  if (tail.length < tailBytes || tail.toString('latin1', 12) !== magic)
    throw new Error('it is no whole pack');
  const headBytes = tail.readUInt32LE(4);
  const head = end.subarray(end.length - tailBytes - headBytes, end.length - tailBytes);
  if (head.length !== headBytes) throw new Error('its head is damaged');
  return { head: JSON.parse(head.toString()) as PackHead, indexBytes: tail.readUInt32LE(0) };
}

/** `end` holds index, head and tail. Throws when a byte of it is not what was written. */
export function decodeIndex(end: Buffer): PackIndex {
  const tail = end.subarray(-tailBytes);
  const indexPart = end.subarray(0, tail.readUInt32LE(0));
  const headPart = end.subarray(indexPart.length, end.length - tailBytes);
  if (crc32(headPart, crc32(indexPart)) !== tail.readUInt32LE(8)) throw new Error('its index is damaged');
  const body = JSON.parse(zstdDecompressSync(indexPart).toString()) as {
    entries: [string, number, number, number, number, number, number, number][];
    blocks: number[];
    files: [string, number][];
    packs: number[];
  };
  return {
    entries: body.entries.map(([run, number, at, bytes, from, until, since, final]) => ({
      ...{ run, number, at, bytes, from, until, since },
      final: final === 1,
    })),
    blocks: body.blocks,
    sources: { files: body.files.map(([name, inode]) => ({ name, inode })), packs: body.packs },
  };
}
