/**
 * Plain files in a tar archive (POSIX.1-1988, "ustar"), written and read as streams: what `tar tzf` lists. Folders, links and
 * names with a slash are none of its business, and are refused when they come.
 */
import { Buffer } from 'node:buffer';

const blockBytes = 512;
/** What the header's octal field can say. */
const fileBytesMax = 8 ** 11 - 1;

export interface TarFile {
  readonly name: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** The archive, as the files are read; `modified` is wall time, ms. Throws when a file is not as long as it was said. */
export async function* writeTar(files: readonly TarFile[], modified: number): AsyncGenerator<Uint8Array> {
  for (const { name, bytes, content } of files) {
    yield headerOf(name, bytes, modified);
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      if (written > bytes) break;
      yield chunk;
    }
    if (written !== bytes) throw new Error(`${name} changed while it was read`);
    yield Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

function headerOf(name: string, bytes: number, modified: number): Buffer {
  if (!isPlain(name) || bytes > fileBytesMax) throw new Error(`${name} does not fit into an archive`);
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100, 'latin1');
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes, 11), 124);
  header.write(octal(Math.floor(modified / 1000), 11), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const isPlain = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,98}$/.test(name);

const sumOf = (header: Uint8Array): number => header.reduce((sum, byte) => sum + byte, 0);

/** What is wrong with an archive, for a sentence. */
export class TarFault extends Error {}

/**
 * Hands on one file after the other; each has to be read to its end before the next comes. Throws {@link TarFault} for all that
 * {@link writeTar} does not write, and where the archive ends too soon.
 */
export async function* readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const reader = new BlockReader(archive);
  for (;;) {
    const header = await reader.exactly(blockBytes);
    if (header.every((byte) => byte === 0)) break;
    const { name, bytes } = readHeader(header);
    let left = bytes;
    const content = (async function* () {
      while (left > 0) {
        const chunk = await reader.upTo(left);
        left -= chunk.length;
        yield chunk;
      }
    })();
    yield { name, bytes, content };
    if (left > 0) throw new Error(`${name} was not read to its end`);
    await reader.exactly((blockBytes - (bytes % blockBytes)) % blockBytes);
  }
  // To the very end, so that the compression's own checksum is looked at.
  await reader.rest();
}

function readHeader(header: Buffer): { name: string; bytes: number } {
  const text = (from: number, length: number): string => {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end === -1 ? length : end).toString('latin1');
  };
  const sum = Number.parseInt(text(148, 8), 8);
  const counted = sumOf(header) - sumOf(header.subarray(148, 156)) + 8 * 32;
  if (sum !== counted) throw new TarFault('a header in it has another checksum than it says');
  const name = text(0, 100);
  const bytes = Number.parseInt(text(124, 12), 8);
  if (!/^0?$/.test(text(156, 1)) || !isPlain(name) || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new TarFault('it holds something that no backup has');
  return { name, bytes };
}

/** An iterable of chunks, read in pieces of the wanted length. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.upTo(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one byte. */
  async upTo(length: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) throw new TarFault('it ends too soon');
      this.#held = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const part = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(part.length);
    return part;
  }

  async rest(): Promise<void> {
    while ((await this.#source.next()).done !== true);
  }
}
