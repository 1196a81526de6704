/**
 * Many jobs added over the API of the real daemon, by several clients at once, into one environment; and how long a log that is
 * followed meanwhile stands still. No job is enabled but the one that prints.
 *
 *   node bench/adding.ts [--jobs 10000] [--clients 4] [--profile FILE]
 *
 * It prints one JSON document: for each tenth of the jobs its seconds and how long one answer took, ms. With --profile the
 * daemon writes where its time went, for the profiler of a browser.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
});
const jobs = Number(values.jobs);
const clients = Number(values.clients);
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-adding-'));
chmodSync(folder, 0o711);
const data = join(folder, 'data');
const root = join(folder, 'root');
mkdirSync(root);
const agent = new Agent({ keepAlive: true, maxSockets: clients + 1 });

function startDaemon(): ChildProcess {
  const program = join(import.meta.dirname, '..', 'src', 'main', 'nightshift.ts');
  const { profile } = values;
  const profiling =
    profile === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${resolve(dirname(profile))}`, `--cpu-prof-name=${basename(profile)}`];
  const options = ['serve', '--data', data, '--runtime', 'process', '--listen', 'none', '--ssh', 'none'];
  return spawn(process.execPath, [...profiling, program, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function isReady(daemon: ChildProcess): Promise<void> {
  if (daemon.stdout === null) throw new Error('the daemon has no pipe');
  for await (const line of createInterface({ input: daemon.stdout })) if (line.startsWith('ready:')) break;
}

/** Milliseconds until the answer was there. */
function post(path: string, body: unknown): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = { socketPath: join(data, 'nightshift.sock'), agent, method: 'POST', headers };
    const outgoing = request({ ...options, path: `/api/v1${path}` }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(performance.now() - began);
        else reject(new Error(`${path}: ${text}`));
      });
    });
    outgoing.once('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

/** Follows the log and remembers the longest silence, ms. */
function follow(): { longest: () => number; end: () => void } {
  let last = performance.now();
  let longest = 0;
  const hear = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const options = { socketPath: join(data, 'nightshift.sock') };
  const outgoing = request(
    { ...options, path: '/api/v1/environments/bench/logs?follow=true' },
    (response) => {
      response.on('data', hear);
      response.once('error', () => undefined);
    },
  );
  outgoing.once('error', () => undefined);
  outgoing.end();
  return {
    longest: () => {
      hear();
      const found = longest;
      longest = 0;
      return Math.round(found);
    },
    end: () => outgoing.destroy(),
  };
}

const jobOf = (number: number): Record<string, unknown> => {
  const name = `job-${String(number).padStart(6, '0')}`;
  const common = { name, command: `php bin/work.php ${number}`, status: 'disabled' };
  if (number % 10 === 0) return { ...common, type: 'worker' };
  return { ...common, type: 'cron', interval: ['1m', '10m', '1h', '1d', '1w'][number % 5] };
};

async function addAll(): Promise<Record<string, number>[]> {
  const rows: Record<string, number>[] = [];
  const log = follow();
  let next = 0;
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    const until = Math.round((jobs * tenth) / 10);
    const found: number[] = [];
    const began = performance.now();
    const client = async (): Promise<void> => {
      while (next < until) {
        next += 1;
        found.push(await post('/environments/bench/jobs?wait=false', jobOf(next)));
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const sorted = found.sort((a, b) => a - b);
    const percentile = (share: number): number =>
      Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const row = {
      jobs: next,
      seconds,
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
      silenceMs: log.longest(),
    };
    rows.push(row);
    console.error(JSON.stringify(row));
  }
  log.end();
  return rows;
}

try {
  const daemon = startDaemon();
  try {
    await isReady(daemon);
    await post('/environments', {
      name: 'bench',
      root,
      user: process.getuid?.() === 0 ? 'nobody' : undefined,
    });
    await post('/environments/bench/jobs', {
      name: 'a-clock',
      type: 'worker',
      command: 'sh -c "while :; do echo tick; sleep 0.1; done"',
      status: 'enabled',
    });
    const booking = request({
      socketPath: join(data, 'nightshift.sock'),
      method: 'PUT',
      path: '/api/v1/environments/bench/component',
      headers: { 'content-type': 'application/json' },
    });
    booking.end(JSON.stringify({ plan: 'M' }));
    const [booked] = await once(booking, 'response');
    booked.resume();
    const began = performance.now();
    const rows = await addAll();
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    console.log(JSON.stringify({ jobs, clients, seconds, rows }, null, 2));
  } finally {
    agent.destroy();
    daemon.kill('SIGTERM');
    await once(daemon, 'close');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
