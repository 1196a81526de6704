/**
 * The API of the real daemon with 10,000 jobs defined: how long each answer takes while some readers ask at once, and how
 * large it is. No job runs. Half of the jobs are in one environment, the others are spread over the rest.
 *
 *   node bench/api.ts [--jobs 10000] [--environments 20] [--seconds 3] [--readers 4]
 *
 * It prints one JSON document; milliseconds and kB. design.md wants a 99th percentile of 25 ms at most. `cpuMs` is the daemon's
 * own work for one answer: it says more than the times do where the machine is busy with other things.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defineJobs, startDaemon } from './many-jobs.ts';
import { cpuSeconds } from './process-cost.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    environments: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '3' },
    readers: { type: 'string', default: '4' },
  },
});
const jobs = Number(values.jobs);
const environments = Number(values.environments);
const seconds = Number(values.seconds);
const readers = Number(values.readers);
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-api-'));
const data = join(folder, 'data');
const socketPath = join(data, 'nightshift.sock');

const environmentOf = (number: number): string =>
  `env-${number % 2 === 0 ? 0 : 1 + (Math.floor(number / 2) % (environments - 1))}`;
const agent = new Agent({ keepAlive: true, maxSockets: readers });

/** Milliseconds until the whole answer is there, and its bytes. */
function ask(path: string): Promise<{ ms: number; bytes: number }> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, agent, path: `/api/v1${path}` }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.once('end', () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - began, bytes });
        else reject(new Error(`${path}: ${response.statusCode}`));
      });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

/** What the daemon has used of the processor so far, ms. Kernels count in hundredths of a second. */
const cpuMs = (pid: number): number => cpuSeconds(pid) * 1_000;

const percentile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;

/** Asks again and again, so many at once. */
async function measure(path: string, pid: number): Promise<Record<string, unknown>> {
  for (let warm = 0; warm < 3; warm += 1) await ask(path);
  const found: number[] = [];
  let bytes = 0;
  const before = cpuMs(pid);
  const until = performance.now() + seconds * 1000;
  const reader = async (): Promise<void> => {
    while (performance.now() < until) {
      const answer = await ask(path);
      found.push(answer.ms);
      bytes = answer.bytes;
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  found.sort((a, b) => a - b);
  return {
    path,
    p50Ms: percentile(found, 0.5),
    p99Ms: percentile(found, 0.99),
    cpuMs: Math.round(((cpuMs(pid) - before) / found.length) * 100) / 100,
    perSecond: Math.round(found.length / seconds),
    kB: Math.round(bytes / 102.4) / 10,
  };
}

const paths = [
  '/plans',
  '/environments',
  '/environments/env-0',
  '/environments/env-0/jobs?limit=50',
  '/environments/env-0/jobs?limit=50&after=job-005000',
  '/environments/env-0/jobs?limit=200',
  '/environments/env-0/jobs/job-005000',
  '/environments/env-1/jobs?limit=200',
  '/environments/env-0/runs',
  '/environments/env-0/due-times',
  '/activity',
  '/incidents',
  '/environments/env-0/jobs',
];

try {
  const names = Array.from({ length: environments }, (_, index) => `env-${index}`);
  await defineJobs({ data, root: folder, jobs, environments: names, environmentOf });
  const began = performance.now();
  const { child: daemon } = await startDaemon(data, '--listen', 'none');
  const startMs = Math.round(performance.now() - began);
  try {
    const rows: Record<string, unknown>[] = [];
    for (const path of paths) rows.push(await measure(path, daemon.pid ?? 0));
    console.log(JSON.stringify({ jobs, environments, readers, startMs, rows }, null, 2));
  } finally {
    agent.destroy();
    daemon.kill('SIGTERM');
    await once(daemon, 'close');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
