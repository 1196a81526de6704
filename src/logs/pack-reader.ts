/** Reads bytes of packed segments: a block at a time, those read last are kept. */
import { closeSync } from 'node:fs';
import { LruCache } from '../std/lru-cache.ts';
import { decompressBlock } from './pack-format.ts';
import { indexOf, openPack, type Pack, type PackedSegment, readAt } from './pack-shelf.ts';

/** Runs of many jobs are read in turns, each from a block of its own. */
const keptBytes = 24 * 1024 * 1024;
const blocks = new LruCache<string, Buffer>(keptBytes, ({ length }) => length);

/**
 * Fills `target` from `offset` of the segment on, as far as that reaches; answers how many bytes it took.
 * Throws when the pack is gone (ENOENT) or damaged.
 */
export function readPacked({ pack, entry }: PackedSegment, target: Buffer, offset: number): number {
  const wanted = Math.min(target.length, entry.bytes - offset);
  let done = 0;
  while (done < wanted) {
    const at = entry.at + offset + done;
    const number = Math.floor(at / pack.head.blockBytes);
    const block = blockOf(pack, number);
    const from = at - number * pack.head.blockBytes;
    const copied = block.copy(target, done, from, Math.min(block.length, from + wanted - done));
    if (copied === 0) throw new Error('it holds less than its index says');
    done += copied;
  }
  return Math.max(0, done);
}

/** One block, uncompressed. Throws when the pack is gone (ENOENT) or damaged. */
export function blockOf(pack: Pack, number: number): Buffer {
  const key = `${pack.folder} ${pack.sequence} ${number}`;
  const known = blocks.get(key);
  if (known !== undefined) return known;
  const { blocks: places } = indexOf(pack);
  const [begin, end] = [places[number], places[number + 1]];
  if (begin === undefined || end === undefined) throw new Error('it has no such block');
  const file = openPack(pack);
  try {
    const block = decompressBlock(readAt(file, begin, end - begin), pack.head.blockBytes);
    blocks.set(key, block);
    return block;
  } finally {
    closeSync(file);
  }
}
