import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { within } from './deadline.ts';

/** One record of a log file in CRI format: `TIME STREAM P|F TEXT`. */
export interface CriRecord {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line goes on in the next record of the same stream. */
  readonly partial: boolean;
  readonly text: Buffer;
}

const head = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF]) /;

/** Reads a whole file, strictly: a line that is no record is an error that shows it. */
export function parseCriLog(bytes: Uint8Array): CriRecord[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: CriRecord[] = [];
  for (let from = 0; from < file.length; ) {
    const end = file.indexOf(10, from);
    if (end === -1) throw new Error(`the last record is torn: ${show(file.subarray(from))}`);
    const line = file.subarray(from, end);
    const match = head.exec(line.subarray(0, 60).toString('latin1'));
    if (match === null) throw new Error(`no CRI record: ${show(line)}`);
    const [whole, time, stream, mark] = match as unknown as [string, string, 'stdout' | 'stderr', string];
    records.push({ time, stream, partial: mark === 'P', text: line.subarray(whole.length) });
    from = end + 1;
  }
  return records;
}

/** What a program wrote to one stream, byte for byte. */
export function streamBytes(records: readonly CriRecord[], stream: 'stdout' | 'stderr'): Buffer {
  const newline = Buffer.from('\n');
  const pieces = records
    .filter((record) => record.stream === stream)
    .flatMap((record) => (record.partial ? [record.text] : [record.text, newline]));
  return Buffer.concat(pieces);
}

/** Waits until a file, there already or not, has contents that `accepts` takes. */
export async function waitForFile(
  path: string,
  accepts: (contents: Buffer) => boolean,
  ms?: number,
): Promise<Buffer> {
  let watcher: FSWatcher | undefined;
  const found = new Promise<Buffer>((resolve, reject) => {
    const look = () => {
      readFile(path).then(
        (contents) => accepts(contents) && resolve(contents),
        (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && reject(error),
      );
    };
    watcher = watch(dirname(path), look);
    look();
  });
  try {
    return await within(`the contents of ${path}`, found, ms);
  } finally {
    watcher?.close();
  }
}

const show = (bytes: Buffer): string => JSON.stringify(bytes.subarray(0, 120).toString('latin1'));
