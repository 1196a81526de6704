/**
 * A chunk of buckets as bytes:
 *
 *   0x01 | deflate( count | numbers of the buckets | which measures | their columns )
 *
 * Numbers are varints (7 bits a byte, lowest first). Bucket numbers are differences to the one before, less 1; columns are
 * differences as well, with the sign in the lowest bit. A worker at rest has differences of 0, and they cost nearly nothing.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Measure, measureNames } from './core/measures.ts';
import { noPoints, type Points } from './core/points.ts';

const version = 1;
/** Nothing that is read may claim to be longer. */
const bucketsMax = 100_000;

export function pack(points: Points): Uint8Array {
  const bytes: number[] = [];
  put(bytes, points.at.length);
  let before = -1;
  for (const at of points.at) {
    put(bytes, at - before - 1);
    before = at;
  }
  const columns = measureNames.flatMap((name, place) => {
    const column = points.columns[name];
    return column === undefined || column.every((value) => value === 0) ? [] : [{ place, column }];
  });
  put(bytes, columns.length);
  for (const { place, column } of columns) {
    put(bytes, place);
    let last = 0;
    for (const value of column) {
      const difference = value - last;
      put(bytes, difference < 0 ? -difference * 2 - 1 : difference * 2);
      last = value;
    }
  }
  return Buffer.concat([Uint8Array.of(version), deflateRawSync(Uint8Array.from(bytes))]);
}

/** Undefined when the bytes are none of ours: what is spoilt is a gap. */
export function unpack(packed: Uint8Array): Points | undefined {
  if (packed[0] !== version) return undefined;
  try {
    return read(new Reader(inflateRawSync(packed.subarray(1))));
  } catch {
    return undefined;
  }
}

function read(reader: Reader): Points {
  const points = noPoints();
  const count = reader.number();
  if (count > bucketsMax) throw new Error('too long');
  for (let index = 0, at = -1; index < count; index++) {
    at += reader.number() + 1;
    points.at.push(at);
  }
  for (let columns = reader.number(); columns > 0; columns--) {
    const name = measureNames[reader.number()] as Measure;
    const column = new Array<number>(count);
    for (let index = 0, value = 0; index < count; index++) {
      const zigzag = reader.number();
      value += zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
      column[index] = value;
    }
    points.columns[name] = column;
  }
  return points;
}

/** By arithmetic: bit operations end at 32 bits. */
function put(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

class Reader {
  readonly #bytes: Uint8Array;
  #place = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#place++];
      if (byte === undefined) throw new Error('too short');
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }
}
