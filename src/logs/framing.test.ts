import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { criTime, record, recordsOfRead } from './cri-writer.testkit.ts';
import { Framing, type Line } from './framing.ts';

const t0 = Date.UTC(2026, 10, 22, 12, 0, 0);
const lineBytes = 8 * 1024 * 1024;

/** All lines of a file that is read in blocks of these sizes, over and over. */
function linesOf(file: Buffer, blocks: readonly number[] = [file.length], limit = lineBytes): Line[] {
  const framing = new Framing(limit);
  const lines: Line[] = [];
  let done = 0;
  let seen = 0;
  for (let index = 0; seen < file.length; index++) {
    seen = Math.min(file.length, seen + (blocks[index % blocks.length] ?? 1));
    done += framing.parse(file.subarray(done, seen), done, lines);
  }
  framing.endOfFile(file.subarray(done), done, lines);
  framing.endOfRun(file.length, lines);
  return lines;
}

const plain = (lines: readonly Line[]) =>
  lines.map(({ message, ...rest }) => ({ ...rest, message: Buffer.from(message).toString('latin1') }));
const texts = (lines: readonly Line[]) => plain(lines).map(({ message }) => message);

describe('framing', () => {
  test('joins the pieces of a line per stream and gives it the time of its first piece', () => {
    const lines = linesOf(
      Buffer.concat([
        record(t0, 'stdout', 'P', 'one '),
        record(t0 + 1, 'stderr', 'P', 'ERR '),
        record(t0 + 2, 'stdout', 'P', 'two '),
        record(t0 + 3, 'stderr', 'F', 'or'),
        record(t0 + 4, 'stdout', 'F', 'three'),
      ]),
    );
    expect(plain(lines)).toMatchObject([
      { message: 'ERR or', stderr: true, time: t0 + 1 },
      { message: 'one two three', stderr: false, time: t0 },
    ]);
  });

  test('takes times with any fraction, with Z and with an offset', () => {
    const heads = [
      ['2026-11-22T12:00:00.123456789+00:00', t0 + 123.456789],
      ['2026-11-22T12:00:00.5Z', t0 + 500],
      ['2026-11-22T12:00:00Z', t0],
      ['2026-11-22T14:30:00.000000001+02:30', t0 + 0.000001],
      ['2026-11-22T07:00:00.250000000-05:00', t0 + 250],
    ] as const;
    const file = Buffer.from(heads.map(([time]) => `${time} stdout F x\n`).join(''));
    const lines = linesOf(file);
    expect(lines.map(({ time }) => time)).toEqual(heads.map(([, ms]) => expect.closeTo(ms, 3)));
  });

  test('passes heads that a job prints itself as text', () => {
    const fake = `${criTime(t0)} stderr F not mine`;
    const lines = linesOf(
      Buffer.concat([
        record(t0, 'stdout', 'F', fake),
        record(t0, 'stdout', 'P', fake),
        record(t0, 'stdout', 'F', ` ${fake}`),
      ]),
    );
    expect(plain(lines)).toMatchObject([
      { message: fake, stderr: false },
      { message: `${fake} ${fake}`, stderr: false },
    ]);
  });

  test('makes a line of what stands without an end when the run has ended, and of an empty record an empty line', () => {
    const file = Buffer.concat([record(t0, 'stdout', 'F', ''), record(t0 + 1, 'stdout', 'P', 'prompt> ')]);
    expect(texts(linesOf(file))).toEqual(['', 'prompt> ']);
  });

  test('holds a line back that has no end yet, and says where it has to be read from again', () => {
    const framing = new Framing(lineBytes);
    const lines: Line[] = [];
    const first = record(t0, 'stdout', 'F', 'whole');
    const file = Buffer.concat([
      first,
      record(t0, 'stdout', 'P', 'open'),
      record(t0, 'stderr', 'F', 'between'),
    ]);
    expect(framing.parse(file, 0, lines)).toBe(file.length);
    expect(texts(lines)).toEqual(['whole', 'between']);
    expect(lines.map(({ end, resume }) => [end, resume])).toEqual([
      [first.length, first.length],
      [file.length, first.length],
    ]);
  });

  test('goes on at the next whole head after a torn record, and says how much could not be read', () => {
    const good = record(t0 + 5, 'stdout', 'F', 'good');
    const whole = record(t0, 'stdout', 'F', 'lost');
    for (let torn = 1; torn < whole.indexOf(' stdout F ') + 10; torn++) {
      const lines = linesOf(
        Buffer.concat([record(t0, 'stdout', 'F', 'before'), whole.subarray(0, torn), good]),
      );
      expect(texts(lines)).toEqual([
        'before',
        `nightshift: ${torn} B of a torn record could not be read here (was the disk full?)`,
        'good',
      ]);
    }
  });

  test('finds its way through zeros that a power cut left, however many', () => {
    const file = Buffer.concat([Buffer.alloc(300_000), record(t0, 'stdout', 'F', 'after')]);
    expect(texts(linesOf(file, [4096]))).toEqual([
      'nightshift: 293.0 KB of a torn record could not be read here (was the disk full?)',
      'after',
    ]);
  });

  test('cuts a line that is too long into pieces of the limit, and says that it goes on', () => {
    const text = 'abcdefghij'.repeat(5);
    const expected = [
      { message: text.slice(0, 20), cut: true },
      { message: text.slice(20, 40), cut: true },
      { message: text.slice(40), cut: false },
    ];
    const pieces = [text.slice(0, 7), text.slice(7, 33), text.slice(33)];
    const joined = Buffer.concat(
      pieces.map((piece, index) => record(t0 + index, 'stdout', index < 2 ? 'P' : 'F', piece)),
    );
    expect(plain(linesOf(joined, [1], 20))).toMatchObject(expected);
    expect(plain(linesOf(record(t0, 'stdout', 'F', text), [13], 20))).toMatchObject(expected);
    expect(plain(linesOf(record(t0, 'stdout', 'F', text.slice(0, 20)), [64], 20))).toMatchObject([
      { message: text.slice(0, 20), cut: false },
    ]);
  });

  test('reads a line of five megabytes as one', () => {
    const long = Buffer.alloc(5 * 1024 * 1024, 'x');
    const reads = [];
    for (let at = 0; at < long.length; at += 8192)
      reads.push(recordsOfRead(t0 + at, 'stdout', long.subarray(at, at + 8192)));
    reads.push(recordsOfRead(t0, 'stdout', Buffer.from('\n')));
    const lines = linesOf(Buffer.concat(reads), [256 * 1024]);
    expect(lines).toHaveLength(1);
    expect(Buffer.compare(lines[0]?.message ?? Buffer.alloc(0), long)).toBe(0);
  });
});

/** Output with what is nasty in it: newlines, NUL, CR, broken UTF-8, heads of records. */
const nastyBytes = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      {
        weight: 4,
        arbitrary: fc
          .constantFrom('\n', '\r\n', '\0', '\n\n', 'text', '\xff\xfe')
          .map((text) => Buffer.from(text, 'latin1')),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(`${criTime(t0)} stdout F `, `${criTime(t0)} stderr P x\n`)
          .map((text) => Buffer.from(text)),
      },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

interface Read {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
  readonly gap: number;
}

const reads: fc.Arbitrary<Read[]> = fc.array(
  fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    bytes: nastyBytes,
    gap: fc.nat(3),
  }),
  { maxLength: 30 },
);

function fileOf(of: readonly Read[]): Buffer {
  let time = t0;
  const records = of.map(({ stream, bytes, gap }) => {
    time += gap;
    return recordsOfRead(time, stream, bytes);
  });
  return Buffer.concat(records);
}

/** What a stream wrote, as far as lines show it: a newline at the very end can't be told from the end itself. */
const written = (of: readonly Read[], stream: string): string =>
  Buffer.concat(of.filter((each) => each.stream === stream).map(({ bytes }) => bytes)).toString('latin1');

describe('framing, whatever is written', () => {
  test('gives the same lines however the file is cut into blocks', () => {
    fc.assert(
      fc.property(
        reads,
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 60 }),
        (of, blocks, limit) => {
          const file = fileOf(of);
          expect(plain(linesOf(file, blocks, limit))).toEqual(plain(linesOf(file, [file.length], limit)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('gives the same lines for any file at all, torn anywhere, however it is cut', () => {
    const torn = fc.array(fc.tuple(reads, fc.nat(400)), { maxLength: 4 });
    fc.assert(
      fc.property(torn, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (parts, blocks) => {
        const file = Buffer.concat(parts.map(([of, cut]) => fileOf(of).subarray(0, -cut)));
        expect(plain(linesOf(file, blocks))).toEqual(plain(linesOf(file)));
      }),
      { numRuns: 500 },
    );
  });

  test('gives every byte that was written, per stream and in order', () => {
    fc.assert(
      fc.property(reads, fc.integer({ min: 1, max: 60 }), (of, limit) => {
        const lines = plain(linesOf(fileOf(of), [97], limit));
        for (const stream of ['stdout', 'stderr']) {
          const own = lines.filter((line) => line.stderr === (stream === 'stderr'));
          const read = own.map((line) => (line.cut ? line.message : `${line.message}\n`)).join('');
          const wrote = written(of, stream);
          expect(read).toBe(wrote === '' || wrote.endsWith('\n') ? wrote : `${wrote}\n`);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('can be taken up again after any line, and tells each line once', () => {
    fc.assert(
      fc.property(reads, fc.nat(100), fc.integer({ min: 1, max: 60 }), (of, pick, limit) => {
        const file = fileOf(of);
        const lines = linesOf(file, [file.length], limit);
        const at = lines[pick % Math.max(1, lines.length)];
        if (at === undefined) return;
        const again = linesOf(file.subarray(at.resume), [50], limit).filter(
          (line) => line.end + at.resume > at.end,
        );
        expect(texts(again)).toEqual(texts(lines.slice(lines.indexOf(at) + 1)));
        expect(lines.every((line, index) => index === 0 || line.end > (lines[index - 1]?.end ?? 0))).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
  });
});
