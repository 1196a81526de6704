/**
 * The real daemon with 100,000 crons, none of which is due while it is looked at: how long it takes to start, what it holds, and
 * what it costs when nothing happens. (What each begin costs, and a year of them: `script/simulate --year`.)
 *
 *   node bench/many-crons.ts [--crons 100000] [--environments 100] [--seconds 60]
 *
 * It prints one JSON document; seconds, MB and percent of one core.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sampleCron } from '../src/store/store.testkit.ts';
import { defineJobs, nameOf, startDaemon } from './many-jobs.ts';
import { cpuSeconds, pssMegabytes } from './process-cost.ts';

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
const day = (new Date().getUTCDate() + 13) % 28;
const cronOf = (number: number, environment: string) =>
  sampleCron(environment, nameOf(number), {
    createdAt: Date.now(),
    dueSince: Date.now(),
    schedule: { kind: 'interval', interval: '1mo', moment: day * 86_400 + (number % 36_000) },
  });

try {
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, 'plans.yml'), `plans: [{name: bench, memory: ${each * 128}MB, jobs: ${each}}]\n`);
  const names = Array.from({ length: environments }, (_, index) => `env-${index}`);
  const environmentOf = (number: number) => `env-${number % environments}`;
  await defineJobs({
    data,
    root: folder,
    jobs: crons,
    environments: names,
    environmentOf,
    plan: 'bench',
    jobOf: cronOf,
  });
  const from = performance.now();
  const { child: daemon } = await startDaemon(data, '--listen', 'none');
  const pid = daemon.pid ?? 0;
  try {
    const startSeconds = (performance.now() - from) / 1_000;
    await wait(settleSeconds * 1_000);
    const before = cpuSeconds(pid);
    await wait(seconds * 1_000);
    const idleCpuPercent = ((cpuSeconds(pid) - before) / seconds) * 100;
    const figures = { startSeconds, daemonPssMegabytes: pssMegabytes(pid), idleCpuPercent };
    const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(2))]);
    console.log(JSON.stringify({ crons, environments, ...Object.fromEntries(rounded) }, null, 2));
  } finally {
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
