import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCriLog, streamBytes } from '../../../test/testkit/cri-log.ts';
import { CriBlock, RecordHead, recordTextBytes } from './cri-block.ts';

const time = Buffer.from('2026-11-22T12:00:00.123456789Z');
const head = new RecordHead('stdout').stamp(time);

/** Frames chunks as they are read, through as many blocks as it takes. */
function frame(chunks: readonly Uint8Array[], blockBytes = 20_000): Buffer {
  const file: Buffer[] = [];
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const block = new CriBlock(blockBytes);
      const next = block.frame(chunk, from, head);
      expect(block.carried).toBe(next - from);
      expect(next).toBeGreaterThan(from);
      file.push(block.bytes.subarray(0, block.length));
      from = next;
    }
  }
  return Buffer.concat(file);
}

/** Lines of all lengths around the places where the framer changes its way of copying. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .array(fc.oneof(fc.nat(300), fc.constantFrom(0, 3, 4, 255, 256, 257, 8191, 8192, 8193, 20_000)), {
      maxLength: 12,
    })
    .map((lengths) => Buffer.from(lengths.map((length) => 'x'.repeat(length)).join('\n'))),
  fc.array(fc.constantFrom(9, 10, 11, 0x8a, 0), { maxLength: 300 }).map((each) => Uint8Array.from(each)),
);

describe('framing of output into CRI records', () => {
  it('gives back every byte, however the output was cut into reads', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const output = streamBytes(parseCriLog(frame(chunks)), 'stdout');
        expect(output.equals(Buffer.concat(chunks))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('writes one record for each line, as conmon does', () => {
    expect(frame([Buffer.from('one\n\ntwo')]).toString()).toBe(
      `${time} stdout F one\n${time} stdout F \n${time} stdout P two\n`,
    );
  });

  it('reads a chunk that lies within a larger buffer', () => {
    const larger = Buffer.from('beforea line\nafter');
    expect(frame([larger.subarray(6, 13)]).toString()).toBe(`${time} stdout F a line\n`);
  });

  it('cuts a long line into pieces of the size that readers of the format expect', () => {
    const records = parseCriLog(frame([Buffer.from(`${'y'.repeat(recordTextBytes * 2 + 5)}\n`)]));
    expect(records.map((record) => record.text.length)).toEqual([recordTextBytes, recordTextBytes, 5]);
    expect(records.map((record) => record.partial)).toEqual([true, true, false]);
  });

  it('takes nothing when there is no room for a whole record', () => {
    const block = new CriBlock(recordTextBytes);
    expect(block.frame(Buffer.from('a\n'), 0, head)).toBe(0);
    expect(block.length).toBe(0);
  });
});
