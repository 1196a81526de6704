/**
 * How fast logs are read and followed. `node bench/logs.ts [MB]` writes that much (256 by default) into a folder of its own,
 * and prints what it measured as JSON.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLineWriter } from '../src/contract/log-line.ts';
import { createFileLogStore } from '../src/logs/file-log-store.ts';
import type { LogQuery } from '../src/logs/log-store.ts';
import { systemClock } from '../src/main/clock.ts';

const megabytes = Number(process.argv[2] ?? 256);
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-logs-'));
const store = createFileLogStore({
  folder,
  clock: systemClock,
  onTrouble: ({ sentence }) => console.error(sentence),
});

/** About 100 bytes a line, as short log lines are; conmon gives all lines of one read the same time. */
function block(time: number, lines: number, text: string): Buffer {
  const head = `${new Date(time).toISOString().slice(0, 23)}000000+00:00 stdout F`;
  return Buffer.from(`${head} ${text}\n`.repeat(lines));
}

const text = '[2026-11-22 12:00:00] app.INFO: Job 4711 done in 12 ms';

/** Files of one environment that together have so many megabytes, their lines interleaved in time. */
async function writeRuns(environment: string, runs: number): Promise<number> {
  let bytes = 0;
  const start = Date.now() - 3_600_000;
  const perRun = (megabytes * 1024 * 1024) / runs;
  for (let run = 0; run < runs; run++) {
    const path = await store.prepare(environment, `job-${run % 8}`, String(run).padStart(16, '0'));
    store.closed(String(run).padStart(16, '0'));
    writeFileSync(path, '');
    for (let written = 0, at = 0; written < perRun; at++) {
      const part = block(start + at * 7 + run, 80, text);
      appendFileSync(path, part);
      written += part.length;
    }
    bytes += perRun;
  }
  return bytes;
}

interface Reading {
  readonly lines: number;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly linesPerSecond: number;
  readonly heapMegabytes: number;
}

async function time(query: LogQuery, bytes: number, asText = false): Promise<Reading> {
  const lineOf = logLineWriter();
  let lines = 0;
  let peak = 0;
  const begin = performance.now();
  for await (const { entry } of store.read(query)) {
    if (asText) lineOf(entry);
    if (++lines % 100_000 === 0) {
      const { heapUsed, external } = process.memoryUsage();
      peak = Math.max(peak, heapUsed + external);
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  return {
    lines,
    seconds: round(seconds),
    megabytesPerSecond: round(bytes / seconds / 1024 / 1024),
    linesPerSecond: Math.round(lines / seconds),
    heapMegabytes: round(peak / 1024 / 1024),
  };
}

/** Lines that a writer in the same process appends as fast as they are read, so half of the time is the writer's. */
async function follow(seconds: number): Promise<object> {
  const run = 'f'.repeat(16);
  const path = await store.prepare('followed', 'a-worker', run);
  writeFileSync(path, '');
  store.opened({ environment: 'followed', job: 'a-worker', runId: run, reopen: async () => undefined });
  const reading = store.read({ environment: 'followed', follow: true });
  let lines = 0;
  let written = 0;
  let worstMs = 0;
  const end = performance.now() + seconds * 1000;
  const begin = performance.now();
  const writing = setInterval(() => {
    if (performance.now() > end) return clearInterval(writing);
    if (written - lines > 200_000) return;
    for (let each = 0; each < 20; each++) appendFileSync(path, block(Date.now(), 500, text));
    written += 10_000;
  }, 5);
  for await (const { entry } of reading) {
    if (++lines % 10_000 === 0) worstMs = Math.max(worstMs, Date.now() - entry.time);
    if (performance.now() > end && lines === written) break;
  }
  const took = (performance.now() - begin) / 1000;
  return {
    lines,
    lost: written - lines,
    linesPerSecond: Math.round(lines / took),
    worstDelayMs: Math.round(worstMs),
  };
}

/** From the write of a lone line until its reader has it. */
async function delays(count: number): Promise<object> {
  const run = 'd'.repeat(16);
  const path = await store.prepare('quiet', 'a-worker', run);
  writeFileSync(path, '');
  store.opened({ environment: 'quiet', job: 'a-worker', runId: run, reopen: async () => undefined });
  const found: number[] = [];
  const write = () => appendFileSync(path, block(Date.now(), 1, String(performance.now())));
  setTimeout(write, 500);
  for await (const { entry } of store.read({ environment: 'quiet', follow: true })) {
    found.push(performance.now() - Number(Buffer.from(entry.message).toString()));
    if (found.length === count) break;
    setTimeout(write, found.length % 2 === 0 ? 400 : 30);
  }
  found.sort((a, b) => a - b);
  return { count, medianMs: round(found[count >> 1] ?? 0), worstMs: round(found.at(-1) ?? 0) };
}

/** A program floods its log for some seconds: how fast it gets on, what the store costs, and how large the log ever is. */
async function flood(seconds: number, perSecond: number, followed: boolean, kept: boolean): Promise<object> {
  const run = `${followed ? 1 : 0}${kept ? 1 : 0}`.padStart(16, '0');
  const path = await store.prepare('flood', 'a-worker', run);
  const writer = fork(join(import.meta.dirname, 'logs-flood.ts'), [path, String(perSecond)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const reopen = async (): Promise<void> => {
    const reopened = once(writer, 'message');
    writer.send('reopen');
    await reopened;
  };
  if (kept) store.opened({ environment: 'flood', job: 'a-worker', runId: run, reopen });
  const before = process.cpuUsage();
  const leaving = new AbortController();
  let told = 0;
  let missed = 0;
  const reading = (async () => {
    if (!followed) return;
    for await (const { entry } of store.read({ environment: 'flood', follow: true }, leaving.signal)) {
      told++;
      if (entry.level === 'ERR') missed++;
    }
  })();
  let mostBytes = 0;
  const sizes = setInterval(() => {
    const folder = join(folderOf('flood'), 'a-worker');
    const sum = readdirSync(folder).reduce((all, name) => all + sizeOf(join(folder, name)), 0);
    mostBytes = Math.max(mostBytes, sum);
  }, 100);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  clearInterval(sizes);
  const cpu = process.cpuUsage(before);
  const ended = new Promise<number>((resolve) => {
    writer.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'lines' in message)
        resolve(Number(message.lines));
    });
  });
  writer.send('end');
  const lines = await ended;
  leaving.abort();
  await reading;
  store.closed(run);
  await store.removeEnvironment('flood');
  return {
    linesPerSecond: Math.round(lines / seconds),
    ownCpuPercent: Math.round((cpu.user + cpu.system) / seconds / 10_000),
    mostMegabytes: round(mostBytes / 1024 / 1024),
    ...(followed ? { toldPerSecond: Math.round(told / seconds), gapsSaid: missed } : {}),
  };
}

const folderOf = (environment: string): string => join(folder, environment);
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const round = (value: number): number => Math.round(value * 100) / 100;

try {
  const one = await writeRuns('one', 1);
  const many = await writeRuns('many', 32);
  const results = {
    oneRun: await time({ environment: 'one' }, one),
    oneRunAsText: await time({ environment: 'one' }, one, true),
    manyRunsMerged: await time({ environment: 'many' }, many),
    search: await time({ environment: 'one', contains: 'a rare word' }, one),
    lastHundred: await time({ environment: 'many', last: 100 }, 0),
    follow: await follow(5),
    delays: await delays(40),
    millionAlone: await flood(5, 1_000_000, false, false),
    millionBounded: await flood(20, 1_000_000, false, true),
    millionBoundedAndFollowed: await flood(20, 1_000_000, true, true),
    asFastAsItCanAlone: await flood(5, Number.POSITIVE_INFINITY, false, false),
    asFastAsItCanBounded: await flood(10, Number.POSITIVE_INFINITY, false, true),
  };
  console.log(JSON.stringify(results, null, 2));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
