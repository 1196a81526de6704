/**
 * What a month of crons costs: so many crons print a few lines every minute, their output is packed and bounded as the daemon
 * does it, on a clock that is set forward.
 *
 *   node bench/logs-month.ts [--crons 100] [--days 30] [--pass-minutes 60]
 *
 * It prints files and bytes at the end of each day, and how long reading takes then, as JSON.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFileLogStore } from '../src/logs/file-log-store.ts';
import { packJob } from '../src/logs/packing.ts';

const { values } = parseArgs({
  options: {
    crons: { type: 'string', default: '100' },
    days: { type: 'string', default: '30' },
    'pass-minutes': { type: 'string', default: '60' },
  },
});
const [crons, days, passMinutes] = [values.crons, values.days, values['pass-minutes']].map(Number) as [
  number,
  number,
  number,
];
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-month-'));
const minuteMs = 60_000;
const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 1);
let now = start;
const clock = { wall: () => now, monotonic: () => now - start, after: () => () => undefined };
const store = createFileLogStore({ folder, clock, onTrouble: ({ sentence }) => console.error(sentence) });
const jobs = Array.from({ length: crons }, (_, number) => `cron-${number}`);

async function minute(number: number): Promise<number> {
  let bytes = 0;
  for (const [index, job] of jobs.entries()) {
    const run = `${String(number).padStart(10, '0')}${String(index).padStart(6, '0')}`;
    const at = start + number * minuteMs + index * 100;
    const head = (ms: number) =>
      `${new Date(at + ms).toISOString().slice(0, 23)}${String((number * 7_919 + ms) % 1_000_000).padStart(6, '0')}+00:00 stdout F`;
    const text = `${head(0)} Looking for orders since ${number}\n${head(137)} ${(number * 31) % 17} orders sent, ${(number * 7) % 90} mails in ${(number * 53) % 900} ms\n`;
    const path =
      number === 0 ? await store.prepare('demo', job, run) : join(folder, 'demo', job, `${run}.log`);
    writeFileSync(path, text);
    utimesSync(path, new Date(at + 137), new Date(at + 137));
    if (number === 0) store.closed(run);
    bytes += text.length;
  }
  return bytes;
}

function sizes(): { files: number; megabytes: number } {
  let [files, bytes] = [0, 0];
  for (const job of jobs) {
    for (const name of readdirSync(join(folder, 'demo', job))) {
      const { size, blocks } = statSync(join(folder, 'demo', job, name));
      files++;
      bytes += Math.max(size, blocks * 512);
    }
  }
  return { files, megabytes: Math.round(bytes / 1024 / 102.4) / 10 };
}

async function read(query: object): Promise<{ lines: number; ms: number }> {
  const began = performance.now();
  let lines = 0;
  for await (const _ of store.read({ environment: 'demo', ...query })) lines++;
  return { lines, ms: Math.round(performance.now() - began) };
}

try {
  const rows: object[] = [];
  let written = 0;
  let packingMs = 0;
  let passes = 0;
  let most = 0;
  for (let number = 0; number < days * 1_440; number++) {
    written += await minute(number);
    now = start + (number + 1) * minuteMs;
    if ((number + 1) % passMinutes !== 0) continue;
    most = Math.max(most, sizes().files);
    const began = performance.now();
    for (const job of jobs) {
      const request = { root: folder, environment: 'demo', job, live: [], before: now - 15 * minuteMs, now };
      while ((await packJob(request)).more);
      passes++;
    }
    packingMs += performance.now() - began;
    await store.enforce('demo');
    if ((number + 1) % 1_440 === 0)
      rows.push({ day: (now - start) / dayMs, runs: (number + 1) * crons, ...sizes() });
  }
  const result = {
    crons,
    days: rows.filter((_, index) => index % Math.ceil(rows.length / 10) === 0 || index === rows.length - 1),
    mostFilesBetweenPasses: most,
    writtenMB: Math.round(written / 1024 ** 2),
    msForOnePassOfOneJob: Math.round((packingMs / passes) * 100) / 100,
    lastHundred: await read({ last: 100 }),
    oneHour: await read({ since: now - 5 * dayMs, until: now - 5 * dayMs + 3_600_000 }),
    rareWord: await read({ contains: 'orders since 12345' }),
    peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
