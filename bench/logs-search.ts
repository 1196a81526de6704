/**
 * A rare word in much log, looked for through the API of the real daemon, beside `grep` and `zstdgrep` on the same data;
 * and how quick the API is meanwhile.
 *
 *   node bench/logs-search.ts [--megabytes 1024]
 *
 * Three quarters of the data lie in packs, the others in files of runs, so that a gigabyte is within the bound of an environment.
 * It prints one JSON document; MB are of text, uncompressed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packJob } from '../src/logs/packing.ts';
import { BenchDaemon, round } from './logs-daemon.ts';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '100' } } });
const megabytes = Number(values.megabytes);
const word = 'zyzzyva-4711';
const segmentBytes = 8 * 1024 * 1024;
const hourMs = 3_600_000;

/** Lines of about 110 bytes with numbers and words in them, as a queue's workers print; every so many bytes the word. */
function segment(number: number, begin: number): Buffer {
  const lines: string[] = [];
  let state = number + 1;
  const random = (most: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * most);
  };
  for (let bytes = 0, at = 0; bytes < segmentBytes; at++) {
    const head = `${new Date(begin + at * 10).toISOString().slice(0, 23)}${String(100_000 + random(899_999))}+00:00 stdout F`;
    const text = `[app.INFO] job ${random(1_000_000)} of queue mail-${random(12)} done in ${random(900)} ms for user ${random(90_000).toString(36)}`;
    lines.push(`${head} ${text}${number % 4 === 1 && at === 3_000 ? ` ${word}` : ''}\n`);
    bytes += head.length + text.length + 2;
  }
  return Buffer.from(lines.join(''));
}

async function fill(data: string): Promise<void> {
  const root = join(data, 'logs');
  const segments = Math.max(2, Math.round((megabytes * 1024 * 1024) / segmentBytes));
  const start = Date.now() - 6 * hourMs;
  for (let number = 0; number < segments; number++) {
    const folder = join(root, 'bench', `job-${number % 4}`);
    mkdirSync(folder, { recursive: true });
    const begin = start + number * 100_000;
    const path = join(folder, `01j${String(number).padStart(13, '0')}.log`);
    writeFileSync(path, segment(number, begin));
    utimesSync(path, new Date(begin + 90_000), new Date(begin + 90_000));
  }
  const before = start + segments * 0.75 * 100_000;
  for (let job = 0; job < 4; job++) {
    const request = { root, environment: 'bench', job: `job-${job}`, live: [], before };
    for (let now = Date.now(); (await packJob({ ...request, now })).more; now++);
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function time(program: string, args: readonly string[]): { seconds: number; found: number } {
  const began = performance.now();
  // It ends with 1 where it finds nothing.
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  const found = stdout.split('\n').length - 1;
  return { seconds: (performance.now() - began) / 1000, found };
}

const daemon = await BenchDaemon.start(fill);
try {
  const files = filesBelow(join(daemon.data, 'logs', 'bench'));
  const packs = files.filter((path) => path.endsWith('.zst'));
  const plain = files.filter((path) => path.endsWith('.log'));
  const bytesOf = (paths: readonly string[]) => paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const onDisk = {
    files: files.length,
    packs: packs.length,
    packsMB: round(bytesOf(packs) / 1024 ** 2),
    plainMB: round(bytesOf(plain) / 1024 ** 2),
  };
  // First: later the daemon may have joined the packs.
  const grep = time('grep', ['-hF', word, ...plain]);
  const zstdgrep = time('zstdgrep', ['-hF', word, ...packs]);
  const quiet = daemon.watchApi();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const apiAlone = await quiet.end();
  const search = async (order: string) => {
    const api = daemon.watchApi();
    const began = performance.now();
    const cpu = daemon.cpuSeconds;
    let firstMs = 0;
    let text = '';
    for await (const part of await daemon.stream(
      `/environments/bench/logs?contains=${word}&order=${order}`,
    )) {
      if (firstMs === 0) firstMs = performance.now() - began;
      text += part;
    }
    const seconds = (performance.now() - began) / 1000;
    return {
      found: text.trim().split('\n').length,
      firstMs: round(firstMs),
      seconds: round(seconds),
      megabytesPerSecond: Math.round(megabytes / seconds),
      cpuSeconds: round(daemon.cpuSeconds - cpu),
      api: await api.end(),
    };
  };
  const oldest = await search('oldest');
  const newest = await search('newest');
  const both = grep.seconds + zstdgrep.seconds;
  const result = {
    megabytes,
    onDisk,
    oldestFirst: oldest,
    newestFirst: newest,
    grepAndZstdgrep: {
      found: grep.found + zstdgrep.found,
      seconds: round(both),
      megabytesPerSecond: Math.round(megabytes / both),
    },
    ratioToGrep: round(oldest.seconds / both),
    apiAlone,
    daemon: daemon.memory,
  };
  console.log(JSON.stringify(result, null, 2));
  if (oldest.found !== grep.found + zstdgrep.found) process.exitCode = 1;
} finally {
  await daemon.end();
}
