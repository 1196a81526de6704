/**
 * Many crons due in one instant: how late each of them begins, under Debian's cron and under Nightshift with both of its
 * runtimes, by turns in one run, each in a minute of its own. Every job makes one file; what counts is when the file was made.
 *
 *   node bench/crons-at-once.ts [--crons 200] [--rounds 1] [--with debian,process,container]
 *
 * It needs root and Debian's package `cron` (left out of the comparison where it is missing), takes a minute or two for each
 * turn, and prints one JSON document; milliseconds after the due time. Files tell the time in ticks of the kernel: 4 ms or less.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    crons: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '1' },
    with: { type: 'string', default: 'debian,process,container' },
  },
});
const crons = Number(values.crons);
const checkout = join(import.meta.dirname, '..');
const minuteMs = 60_000;
/** A start that has not come by then never comes. */
const patienceMs = 120_000;
/** To set a turn up: jobs are added one by one. */
const setUpMs = 20_000;

/** Not below /tmp: runs have a private one. */
const folder = mkdtempSync('/srv/nightshift-bench-');
chmodSync(folder, 0o711);

interface Turn {
  /** Where its jobs make their files. */
  readonly root: string;
  readonly dueAt: number;
}

function newTurn(name: string): Turn {
  const root = join(folder, name);
  mkdirSync(root);
  chmodSync(root, 0o777);
  return { root, dueAt: Math.ceil((Date.now() + setUpMs) / minuteMs) * minuteMs };
}

/** When each file was made, ms after the due time; in order. */
async function delays({ root, dueAt }: Turn): Promise<number[]> {
  await wait(dueAt - Date.now());
  const until = dueAt + patienceMs;
  while (readdirSync(root).length < crons && Date.now() < until) await wait(200);
  return readdirSync(root)
    .map((file) => statSync(join(root, file)).mtimeMs - dueAt)
    .sort((a, b) => a - b);
}

/** The five fields of one single minute, on the clock that the machine's programs go by. */
function fieldsOf(dueAt: number, utc: boolean): string {
  const at = new Date(utc ? dueAt : dueAt - new Date(dueAt).getTimezoneOffset() * minuteMs);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`;
}

/** Debian's cron; one that runs already serves us as well. */
async function underDebian(turn: Turn): Promise<number[]> {
  const table = '/etc/cron.d/nightshift-bench';
  const running = readdirSync('/proc').some(
    (pid) => /^\d+$/.test(pid) && existsSync(`/proc/${pid}/comm`) && commOf(pid) === 'cron',
  );
  const lines = Array.from(
    { length: crons },
    (_, index) => `${fieldsOf(turn.dueAt, false)} nobody : >${turn.root}/${index}\n`,
  );
  writeFileSync(table, `SHELL=/bin/sh\n${lines.join('')}`, { mode: 0o644 });
  const daemon = running ? null : spawn('/usr/sbin/cron', ['-f', '-L', '0'], { stdio: 'ignore' });
  try {
    return await delays(turn);
  } finally {
    rmSync(table);
    if (daemon !== null) await ended(daemon);
  }
}

function commOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // it ended while we looked
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function underNightshift(turn: Turn, runtime: 'process' | 'container'): Promise<number[]> {
  const data = `${turn.root}.data`;
  mkdirSync(data);
  writeFileSync(join(data, 'plans.yml'), 'plans: [{name: bench, memory: 262144MB, jobs: 2000, cpu: 64}]\n');
  const call = caller(join(data, 'nightshift.sock'));
  const daemon = spawn(
    join(checkout, 'bin', 'nightshift'),
    ['serve', '--data', data, '--ephemeral', '--runtime', runtime],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (daemon.stdout === null) throw new Error('the daemon has no pipe');
  const lines = createInterface({ input: daemon.stdout });
  for await (const line of lines) if (line.startsWith('ready:')) break;
  try {
    await call('POST', '/environments', { name: 'bench', root: turn.root, user: 'nobody' });
    for (let index = 0; index < crons; index++)
      await call('POST', '/environments/bench/jobs?wait=false', {
        name: `c${index}`,
        type: 'cron',
        command: `: >${index}`,
        crontab: fieldsOf(turn.dueAt, true),
      });
    await call('PUT', '/environments/bench/component', { plan: 'bench' });
    if (Date.now() > turn.dueAt - 2_000) throw new Error('setting up took too long: try fewer crons');
    const all = await delays(turn);
    await call('DELETE', '/environments/bench');
    return all;
  } finally {
    await ended(daemon);
  }
}

const caller =
  (socketPath: string) =>
  (method: string, path: string, body?: object): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path: `/api/v1${path}` }, (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        reply.on('end', () =>
          (reply.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${method} ${path}: ${text}`)),
        );
      });
      sent.on('error', reject);
      if (body !== undefined) sent.setHeader('content-type', 'application/json');
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });

const ways: Record<string, (turn: Turn) => Promise<number[]>> = {
  debian: underDebian,
  process: (turn) => underNightshift(turn, 'process'),
  container: (turn) => underNightshift(turn, 'container'),
};

const summary = (all: readonly number[]) => {
  const at = (share: number): number => Math.round(all[Math.ceil(all.length * share) - 1] ?? Number.NaN);
  return { began: all.length, firstMs: at(0.0001), p50Ms: at(0.5), p99Ms: at(0.99), lastMs: at(1) };
};

const results: Record<string, ReturnType<typeof summary>[]> = {};
try {
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const way of values.with.split(',')) {
      const begin = ways[way];
      if (begin === undefined) throw new Error(`"${way}" is none of ${Object.keys(ways).join(', ')}`);
      if (way === 'debian' && !existsSync('/usr/sbin/cron')) continue;
      results[way] = [...(results[way] ?? []), summary(await begin(newTurn(`${way}-${round}`)))];
    }
  console.log(JSON.stringify({ crons, ...results }, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
