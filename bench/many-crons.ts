/**
 * The real daemon with 100,000 crons, none of which is due while it is looked at: how long it takes to start, what it holds, and
 * what it costs when nothing happens. (What each begin costs, and a year of them: `script/simulate --year`.)
 *
 *   node bench/many-crons.ts [--crons 100000] [--environments 100] [--seconds 60]
 *
 * It prints one JSON document; seconds, MB and percent of one core.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { sampleCron, sampleEnvironment } from '../src/store/store.testkit.ts';

const { values } = parseArgs({
  options: {
    crons: { type: 'string', default: '100000' },
    environments: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '60' },
  },
});
const crons = Number(values.crons);
const environments = Number(values.environments);
const seconds = Number(values.seconds);
/** A minute after the start the store is tidied up for the first time; then once an hour. */
const settleSeconds = 90;
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-crons-'));
const data = join(folder, 'data');
const each = Math.ceil(crons / environments);

/** Monthly ones, due in two weeks. */
async function define(): Promise<void> {
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, 'plans.yml'), `plans: [{name: bench, memory: ${each * 128}MB, jobs: ${each}}]\n`);
  const clock = { wall: () => Date.now(), monotonic: () => performance.now(), after: () => () => undefined };
  const store = await openSqliteStore({ folder: data, clock, onNotice: () => undefined });
  const day = (new Date().getUTCDate() + 13) % 28;
  for (let number = 0; number < environments; number += 1)
    await store.addEnvironment(sampleEnvironment(`env-${number}`, { root: folder, plan: 'bench' }));
  for (let from = 0; from < crons; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, crons - from) }, (_, index) => from + index);
    await Promise.all(
      some.map((number) =>
        store.addJob(
          sampleCron(`env-${number % environments}`, `cron-${number}`, {
            status: 'enabled',
            createdAt: Date.now(),
            dueSince: Date.now(),
            schedule: { kind: 'interval', interval: '1mo', moment: day * 86_400 + (number % 36_000) },
          }),
        ),
      ),
    );
  }
  await store.close();
}

async function startDaemon(): Promise<ChildProcess & { pid: number }> {
  const nightshift = join(import.meta.dirname, '..', 'bin', 'nightshift');
  const options = ['serve', '--data', data, '--runtime', 'process', '--listen', 'none', '--ssh', 'none'];
  const child = spawn(nightshift, options, { stdio: ['ignore', 'pipe', 'ignore'] });
  if (child.stdout === null || child.pid === undefined) throw new Error('the daemon could not be started');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('ready:')) break;
  return child as ChildProcess & { pid: number };
}

/** User and system time, seconds (proc(5): fields 14 and 15, in hundredths). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const pssMegabytes = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;

try {
  await define();
  const from = performance.now();
  const daemon = await startDaemon();
  try {
    const startSeconds = (performance.now() - from) / 1_000;
    await wait(settleSeconds * 1_000);
    const before = cpuSeconds(daemon.pid);
    await wait(seconds * 1_000);
    const idleCpuPercent = ((cpuSeconds(daemon.pid) - before) / seconds) * 100;
    const figures = { startSeconds, daemonPssMegabytes: pssMegabytes(daemon.pid), idleCpuPercent };
    const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(2))]);
    console.log(JSON.stringify({ crons, environments, ...Object.fromEntries(rounded) }, null, 2));
  } finally {
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
