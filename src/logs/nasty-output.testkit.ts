/**
 * Output as nobody should write it, from a seed: lines of 0 bytes to megabytes, NUL, CR, broken UTF-8, what looks like the
 * head of a record, both streams in turns, no newline at the end. And what a reader must make of it.
 */
export type StreamName = 'stdout' | 'stderr';

export interface Write {
  readonly stream: StreamName;
  readonly bytes: Buffer;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const newline = 0x0a;
const pieces = [
  Buffer.from('2026-11-22T12:00:00.123456789+00:00 stdout F '),
  Buffer.from('2026-11-22T12:00:00.123456789+00:00 stderr P half'),
  Buffer.from([0, 0, 0]),
  Buffer.from('\r\r'),
  Buffer.from([0xc3, 0x28, 0xf0, 0x9f, 0x98, 0xff]),
  Buffer.from('plain text, and some more of it; '),
  Buffer.from('\u001b[31mred\u001b[0m'),
  Buffer.from('nightshift: 12.3 MB of output dropped here (512 MB limit of the environment)'),
  Buffer.from('ü😀'),
  Buffer.from(' '),
];

/** How long lines are: mostly short, the rare one as long as `most`. */
function lengthOf(random: () => number, most: number): number {
  const kind = random();
  if (kind < 0.15) return 0;
  if (kind < 0.7) return Math.floor(random() * 200);
  if (kind < 0.9) return Math.floor(random() * 9_000);
  if (kind < 0.98) return 8_190 + Math.floor(random() * 6);
  return Math.floor(random() * most);
}

function textOf(random: () => number, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let bytes = 0; bytes < length; ) {
    const piece = pieces[Math.floor(random() * pieces.length)] as Buffer;
    parts.push(piece);
    bytes += piece.length;
    // Long lines need not be made of small pieces.
    if (bytes * 2 < length && bytes > 10_000) {
      const whole = Buffer.concat(parts);
      parts.splice(0, parts.length, whole, whole);
      bytes *= 2;
    }
  }
  return Buffer.concat(parts).subarray(0, length);
}

export interface NastyOutput {
  readonly writes: readonly Write[];
  /** The lines of each stream, without their ends. */
  readonly lines: Readonly<Record<StreamName, readonly Buffer[]>>;
}

/** About so many bytes, with no line longer than `longest`. */
export function nastyOutput(seed: number, bytes: number, longest = 5 * 1024 * 1024): NastyOutput {
  const random = randomFrom(seed);
  const writes: Write[] = [];
  const whole: Record<StreamName, Buffer[]> = { stdout: [], stderr: [] };
  for (let made = 0; made < bytes; ) {
    const stream = random() < 0.6 ? 'stdout' : 'stderr';
    const text = Buffer.concat([textOf(random, lengthOf(random, longest)), Buffer.of(newline)]);
    // A program may write a line in several pieces, and the other stream in between.
    const cut = random() < 0.2 ? Math.floor(random() * text.length) : text.length;
    for (const part of [text.subarray(0, cut), text.subarray(cut)]) {
      if (part.length > 0) writes.push({ stream, bytes: part });
    }
    whole[stream].push(text);
    made += text.length;
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const end = textOf(random, Math.floor(random() * 50));
    if (end.length > 0) writes.push({ stream, bytes: end });
    whole[stream].push(end);
  }
  return { writes, lines: { stdout: linesOf(whole.stdout), stderr: linesOf(whole.stderr) } };
}

function linesOf(parts: readonly Buffer[]): Buffer[] {
  const bytes = Buffer.concat(parts);
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(newline, from);
    const stop = end < 0 ? bytes.length : end;
    lines.push(bytes.subarray(from, stop));
    from = stop + 1;
  }
  return lines;
}
