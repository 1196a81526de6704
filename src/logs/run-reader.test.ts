import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { record } from './cri-writer.testkit.ts';
import { nothingDropped, writeDropped } from './dropped.ts';
import { filterOf } from './line-filter.ts';
import { fromOrigin } from './place.ts';
import { RunReader } from './run-reader.ts';

const t0 = Date.UTC(2026, 10, 22);
const never = new AbortController().signal;
const line = (text: string): Buffer => record(t0, 'stdout', 'F', text);

let temp: TempFolder;
let path: string;
let reader: RunReader;
beforeEach(async () => {
  temp = await makeTempFolder('run-reader');
  const folder = join(temp.path, 'demo', 'a');
  mkdirSync(folder, { recursive: true });
  path = join(folder, 'r.log');
  reader = new RunReader({
    root: temp.path,
    folder,
    key: { environment: 'demo', job: 'a', run: 'r' },
    start: fromOrigin,
    filter: filterOf({ environment: 'demo' }),
    lineBytes: 1024 * 1024,
    blockBytes: 64 * 1024,
    finished: () => false,
  });
});
afterEach(() => temp.dispose());

/** What there is now. */
async function readOn(): Promise<string[]> {
  const texts: string[] = [];
  while (await reader.fill(never)) texts.push(Buffer.from(reader.take().message).toString());
  return texts;
}

/** Drops segment 1 as the bounds do. */
function dropFirst(bytes: number): void {
  writeDropped(path.replace('.log', '.dropped'), { ...nothingDropped, through: 1, bytes, at: t0 });
  rmSync(`${path}.1`, { force: true });
}

test('a writer that goes on in the renamed file for a while loses nothing', async () => {
  writeFileSync(path, line('one'));
  expect(await readOn()).toEqual(['one']);
  renameSync(path, `${path}.1`);
  expect(await readOn()).toEqual([]);
  appendFileSync(`${path}.1`, line('two'));
  expect(await readOn()).toEqual(['two']);
  appendFileSync(`${path}.1`, line('three'));
  writeFileSync(path, line('four'));
  expect(await readOn()).toEqual(['three', 'four']);
});

test('nothing is said of what was dropped after it was read to its end', async () => {
  writeFileSync(path, line('one'));
  expect(await readOn()).toEqual(['one']);
  renameSync(path, `${path}.1`);
  writeFileSync(path, line('two'));
  dropFirst(line('one').length);
  expect(await readOn()).toEqual(['two']);
});

test('exactly what was not read yet is said to be dropped', async () => {
  writeFileSync(path, line('one'));
  expect(await readOn()).toEqual(['one']);
  const rest = Buffer.concat([line('two'), line('three')]);
  appendFileSync(path, rest);
  renameSync(path, `${path}.1`);
  writeFileSync(path, line('four'));
  dropFirst(line('one').length + rest.length);
  expect(await readOn()).toEqual([
    `nightshift: ${rest.length} B of output dropped here (512 MB limit of the environment)`,
    'four',
  ]);
});

test('a marker that was lost is no reason to be silent', async () => {
  writeFileSync(path, line('one'));
  expect(await readOn()).toEqual(['one']);
  appendFileSync(path, line('two'));
  renameSync(path, `${path}.1`);
  writeFileSync(`${path}.2`, line('three'));
  writeFileSync(path, line('four'));
  rmSync(`${path}.1`);
  expect(await readOn()).toEqual([
    'nightshift: output dropped here (512 MB limit of the environment)',
    'three',
    'four',
  ]);
});

test('a file that grows by less than a record is read when the record is whole', async () => {
  const whole = line('a whole line');
  for (let each = 1; each < whole.length; each++) {
    writeFileSync(path, whole.subarray(0, each));
    expect(await readOn()).toEqual([]);
  }
  writeFileSync(path, whole);
  expect(await readOn()).toEqual(['a whole line']);
});

test('blocks that are read ahead do not hide what comes later', async () => {
  const many = Array.from({ length: 3_000 }, (_, index) => `line ${index}`);
  writeFileSync(path, Buffer.concat(many.map(line)));
  const read: string[] = [];
  for (let each = 0; await reader.fill(never); each++) {
    read.push(Buffer.from(reader.take().message).toString());
    if (each % 500 === 499) appendFileSync(path, line(`later ${each}`));
  }
  expect(read.slice(0, 3_000)).toEqual(many);
  expect(read.slice(3_000)).toEqual([499, 999, 1499, 1999, 2499, 2999].map((each) => `later ${each}`));
});
