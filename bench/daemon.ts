/**
 * The daemon as its users meet it, in one run: how soon a killed worker is back, how soon 200 workers are up, and what the
 * daemon costs meanwhile. Ratios are to starts made by hand with the same conmon and OCI runtime, by turns in the same run.
 *
 *   node bench/daemon.ts [--runtime container|process] [--workers 200] [--restarts 20]
 *
 * It prints one JSON document; milliseconds, MB and percent of one core.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findProgramFile } from '../src/runtimes/container/machine.ts';
import { healthyAfterMs } from '../src/supervisor/instance.ts';
import { type BareStarts, makeBareStarts } from './bare-container.ts';
import { cpuSeconds, pssMegabytes } from './process-cost.ts';

const { values } = parseArgs({
  options: {
    runtime: { type: 'string', default: 'container' },
    workers: { type: 'string', default: '200' },
    restarts: { type: 'string', default: '20' },
  },
});
const workers = Number(values.workers);
const restarts = Number(values.restarts);
const checkout = join(import.meta.dirname, '..');
/** So many are up while restarts are measured: enough to take turns, too few to be a load. */
const first = Math.min(10, workers);
/** Long enough after 200 starts for all that they left to do. */
const settleSeconds = 30;
const idleSeconds = 60;

/** Not below /tmp: runs have a private one. */
const folder = mkdtempSync('/srv/nightshift-bench-');
chmodSync(folder, 0o711);
const root = join(folder, 'root');
const data = join(folder, 'data');
mkdirSync(root);
mkdirSync(data);
chmodSync(root, 0o777);
writeFileSync(join(data, 'plans.yml'), 'plans: [{name: bench, memory: 65536MB, jobs: 500, cpu: 64}]\n');

/** Marks that programs make in the root: `JOB.RUN`, with the moment at which they were seen. */
const marks = new Map<string, { run: string; at: number }>();
let onMark = (_job: string): void => undefined;
/** Those of bare starts are a word alone. */
const bareMarks = new Map<string, (at: number) => void>();
const watcher = watch(root, (_event, name) => {
  bareMarks.get(name ?? '')?.(performance.now());
  const [job, run] = (name ?? '').split('.');
  if (job === undefined || run === undefined || marks.get(job)?.run === run) return;
  marks.set(job, { run, at: performance.now() });
  onMark(job);
});

/** Resolves as soon as the marks say so. */
async function marked(enough: () => boolean): Promise<void> {
  while (!enough()) await new Promise<void>((resolve) => (onMark = () => resolve()));
}

function call(method: string, path: string, body?: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath: join(data, 'nightshift.sock'), method, path: `/api/v1${path}` },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        reply.on('end', () =>
          (reply.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${method} ${path}: ${text}`)),
        );
      },
    );
    sent.on('error', reject);
    if (body !== undefined) sent.setHeader('content-type', 'application/json');
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function addWorkers(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++) {
    const command = ': >$NIGHTSHIFT_JOB.$NIGHTSHIFT_RUN_ID; exec sleep 86400';
    await call('POST', '/environments/bench/jobs?wait=false', { name: `w${at}`, type: 'worker', command });
  }
}

const processesOf = (): { pid: number; variables: string; command: string }[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
        return [{ pid: Number(pid), variables: `\0${read('environ')}`, command: read('cmdline') }];
      } catch {
        return []; // it ended while we looked
      }
    });

async function killAndWait(job: string): Promise<number> {
  const before = marks.get(job)?.run;
  const program = processesOf().find(
    (each) => each.variables.includes(`\0NIGHTSHIFT_RUN_ID=${before}\0`) && each.command.startsWith('sleep'),
  );
  if (program === undefined) throw new Error(`${job} has no process`);
  const from = performance.now();
  process.kill(program.pid, 'SIGKILL');
  await marked(() => marks.get(job)?.run !== before);
  return (marks.get(job)?.at ?? Number.NaN) - from;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Only containers have something to be compared with. */
function bareStarts(): BareStarts | null {
  const [conmon, oci] = [findProgramFile('conmon'), findProgramFile('runc')];
  if (values.runtime !== 'container' || conmon === undefined || oci === undefined) return null;
  return makeBareStarts({
    conmon,
    oci,
    folder: join(folder, 'bare'),
    root,
    program: (name) => ['/bin/sh', '-c', `: >${name}; exec sleep 86400`],
    madeBy: (name) => new Promise((resolve) => bareMarks.set(name, resolve)),
  });
}

async function startDaemon(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(
    join(checkout, 'bin', 'nightshift'),
    ['serve', '--data', data, '--ephemeral', '--runtime', values.runtime],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (child.stdout === null || child.pid === undefined) throw new Error('the daemon could not be started');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('ready:')) break;
  return child as ChildProcess & { pid: number };
}

const bare = bareStarts();
const bareTimes: number[] = [];
const daemon = await startDaemon();
try {
  await call('POST', '/environments', { name: 'bench', root, user: 'nobody' });
  await addWorkers(0, first);
  await call('PUT', '/environments/bench/component', { plan: 'bench' });
  await marked(() => marks.size === first);
  const restartMs: number[] = [];
  while (restartMs.length < restarts) {
    await wait(healthyAfterMs + 1_000);
    for (let at = 0; at < first && restartMs.length < restarts; at++) {
      if (bare !== null) bareTimes.push(await bare.start());
      restartMs.push(await killAndWait(`w${at}`));
    }
  }
  await call('DELETE', '/environments/bench/component');
  marks.clear();
  await addWorkers(first, workers);
  const from = performance.now();
  await call('PUT', '/environments/bench/component?wait=false', { plan: 'bench' });
  await marked(() => marks.size === workers);
  const upMs = performance.now() - from;
  await wait(settleSeconds * 1000);
  const cpuBefore = cpuSeconds(daemon.pid);
  await wait(idleSeconds * 1000);
  const idlePercent = ((cpuSeconds(daemon.pid) - cpuBefore) / idleSeconds) * 100;
  const helpers = processesOf().filter(
    (each) => each.command.includes(`${data}`) && /conmon/.test(each.command),
  );
  const restartMedian = median(restartMs);
  const bareMs = bareTimes.length === 0 ? null : median(bareTimes);
  const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
  console.log(
    JSON.stringify(
      {
        runtime: values.runtime,
        restart: {
          times: restartMs.length,
          medianMs: round(restartMedian),
          worstMs: round(Math.max(...restartMs)),
          bareStartMs: bareMs === null ? null : round(bareMs),
          ratioToBareStart: bareMs === null ? null : round(restartMedian / bareMs, 2),
        },
        up: {
          workers,
          ms: round(upMs),
          bareStartsSumMs: bareMs === null ? null : round(bareMs * workers),
          ratio: bareMs === null ? null : round(upMs / (bareMs * workers), 2),
        },
        cost: {
          daemonPssMegabytes: round(pssMegabytes(daemon.pid)),
          conmonPssMegabytes: round(helpers.reduce((sum, each) => sum + pssMegabytes(each.pid), 0)),
          idleCpuPercent: round(idlePercent, 2),
        },
      },
      null,
      2,
    ),
  );
} finally {
  await call('DELETE', '/environments/bench').catch((error: unknown) => console.error(String(error)));
  daemon.kill('SIGTERM');
  if (daemon.exitCode === null) await once(daemon, 'exit');
  bare?.remove();
  watcher.close();
  rmSync(folder, { recursive: true, force: true });
}
