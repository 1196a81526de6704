/**
 * The plan as a wall, measured on the real daemon: how CPU is shared between plans, how soon a change of plan holds in the
 * kernel, and what two greedy environments do to a quiet one beside them.
 *
 *   node bench/walls.ts [--only cpu|change|neighbours] [--burn-seconds 10] [--changes 20] [--samples 12]
 *
 * It prints one JSON document; milliseconds and seconds of CPU. What the kernel says is read from the control groups.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Plan } from '../src/contract/environment.ts';
import { cgroupDriver } from '../src/runtimes/container/cgroup-driver.ts';
import { v1Mounts } from '../src/runtimes/container/cgroup-v1.ts';
import { healthyAfterMs } from '../src/supervisor/instance.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'burn-seconds': { type: 'string', default: '10' },
    changes: { type: 'string', default: '20' },
    samples: { type: 'string', default: '12' },
  },
});
const burnSeconds = Number(values['burn-seconds']);
const samples = Number(values.samples);

/** Not below /tmp: runs have a private one. */
const folder = mkdtempSync('/srv/nightshift-walls-');
chmodSync(folder, 0o711);
const data = join(folder, 'data');
mkdirSync(data);
/** As in src/main/data-folder.ts. */
const instance = createHash('sha256').update(data).digest('hex').slice(0, 8);

/** Marks that programs make in their root: `JOB.RUN`, with the moment at which they were seen. */
const marks = new Map<string, { run: string; at: number }>();
let onMark = (): void => undefined;
const watchers: ReturnType<typeof watch>[] = [];
const mark = ': >$NIGHTSHIFT_JOB.$NIGHTSHIFT_RUN_ID';

function newRoot(name: string): string {
  const root = join(folder, name);
  mkdirSync(root);
  chmodSync(root, 0o777);
  watchers.push(
    watch(root, (_event, file) => {
      const [job, run] = (file ?? '').split('.');
      if (job === undefined || run === undefined || marks.get(job)?.run === run) return;
      marks.set(job, { run, at: performance.now() });
      onMark();
    }),
  );
  return root;
}

/** Resolves as soon as the marks say so. */
async function marked(enough: () => boolean): Promise<void> {
  while (!enough()) {
    await new Promise<void>((resolve) => {
      onMark = resolve;
    });
  }
}

function call<T = unknown>(method: string, path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: join(data, 'nightshift.sock'), method, path: `/api/v1${path}` };
    const sent = request(options, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () => {
        if ((reply.statusCode ?? 500) < 300) resolve((text === '' ? null : JSON.parse(text)) as T);
        else reject(new Error(`${method} ${path}: ${text}`));
      });
    });
    sent.on('error', reject);
    if (body !== undefined) sent.setHeader('content-type', 'application/json');
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function environment(name: string, plan: string): Promise<void> {
  await call('POST', '/environments', { name, root: newRoot(name), user: 'nobody' });
  await call('PUT', `/environments/${name}/component`, { plan });
}

const addWorker = (environment: string, name: string, command: string): Promise<unknown> =>
  call('POST', `/environments/${environment}/jobs?wait=false`, { name, type: 'worker', command });

const remove = (name: string): Promise<unknown> => call('DELETE', `/environments/${name}`);

// What the kernel holds.

function driver() {
  const found = cgroupDriver(instance);
  if (found === undefined) throw new Error('this machine has no control groups');
  return found;
}

const cpuOf = (name: string): number => driver().environmentUsage(name)?.cpuSeconds ?? 0;

const pidsOf = (name: string): number[] =>
  driver()
    .runs()
    .filter((run) => run.environment === name)
    .flatMap((run) => driver().processes(name, run.runId))
    .sort((a, b) => a - b);

/** The limits in force: bytes and CPUs, read from the group's own files. */
function limitsOf(name: string): { memoryBytes: number; cpu: number } {
  const group = `nightshift/${instance}/${name}`;
  if (driver().version === 2) {
    const read = (file: string): string => readFileSync(`${driver().base}/${group}/${file}`, 'utf8');
    const [quota, period] = read('cpu.max').split(' ').map(Number);
    return { memoryBytes: Number(read('memory.max')), cpu: (quota ?? 0) / (period ?? 1) };
  }
  const mounts = v1Mounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const read = (controller: string, file: string): number =>
    Number(readFileSync(`${mounts[controller]}/${group}/${file}`, 'utf8'));
  return {
    memoryBytes: read('memory', 'memory.limit_in_bytes'),
    cpu: read('cpu', 'cpu.cfs_quota_us') / read('cpu', 'cpu.cfs_period_us'),
  };
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const figures = (numbers: readonly number[]) => ({
  times: numbers.length,
  medianMs: round(sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN),
  worstMs: round(Math.max(...numbers)),
});

/** Two environments burn all the CPU that they get, at once. */
async function cpuRatio() {
  const names = { XS: 'burn-xs', M: 'burn-m' };
  for (const [plan, name] of Object.entries(names)) {
    await environment(name, plan);
    await addWorker(name, name, `${mark}; while :; do :; done`);
  }
  await marked(() => marks.has(names.XS) && marks.has(names.M));
  // What was saved up before the first burst is used up.
  await wait(2_000);
  const before = { XS: cpuOf(names.XS), M: cpuOf(names.M), at: performance.now() };
  await wait(burnSeconds * 1000);
  const seconds = (performance.now() - before.at) / 1000;
  const got = { XS: cpuOf(names.XS) - before.XS, M: cpuOf(names.M) - before.M };
  for (const name of Object.values(names)) await remove(name);
  return {
    seconds: round(seconds),
    cpuSecondsXS: round(got.XS, 3),
    cpuSecondsM: round(got.M, 3),
    shareOfQuotaXS: round(got.XS / (seconds * 0.125), 2),
    shareOfQuotaM: round(got.M / (seconds * 0.5), 2),
    ratio: round(got.M / got.XS, 2),
    expected: 4,
  };
}

/** From the request to book until the kernel has both limits, while a worker runs on. */
async function liveChange() {
  const name = 'change';
  const plans = (await call<{ items: Plan[] }>('GET', '/plans')).items;
  await environment(name, 'M');
  await addWorker(name, 'holder', `${mark}; exec sleep 86400`);
  await marked(() => marks.has('holder'));
  const pids = pidsOf(name);
  const took = { growing: [] as number[], shrinking: [] as number[] };
  for (let at = 0; at < Number(values.changes); at++) {
    for (const [way, wanted] of [
      ['growing', 'XL'],
      ['shrinking', 'S'],
    ] as const) {
      const plan = plans.find((each) => each.name === wanted);
      if (plan === undefined) throw new Error(`there is no plan ${wanted}`);
      const from = performance.now();
      const booked = call('PUT', `/environments/${name}/component`, { plan: wanted });
      const holds = (): boolean => {
        const now = limitsOf(name);
        return now.memoryBytes === plan.memoryBytes && Math.abs(now.cpu - plan.cpu) < 0.001;
      };
      while (!holds()) await turn();
      took[way].push(performance.now() - from);
      await booked;
    }
  }
  const undisturbed = JSON.stringify(pidsOf(name)) === JSON.stringify(pids) && pids.length > 0;
  await remove(name);
  return { growing: figures(took.growing), shrinking: figures(took.shrinking), undisturbed };
}

/** A program of a run on the host, by its variables. */
function programOf(run: string): number {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
      return read('cmdline').startsWith('sleep') && read('environ').includes(`NIGHTSHIFT_RUN_ID=${run}\0`);
    } catch {
      return false; // it ended while we looked
    }
  });
  if (found === undefined) throw new Error(`run ${run} has no program`);
  return Number(found);
}

const quietWorkers = ['w0', 'w1', 'w2'];

/** How soon the quiet environment's killed workers are back, and its cron begins. */
async function quietDelays() {
  const restart: number[] = [];
  const cron: number[] = [];
  while (restart.length < samples) {
    await wait(healthyAfterMs + 1_000);
    for (const job of quietWorkers) {
      const before = marks.get(job)?.run ?? '';
      const pid = programOf(before);
      const from = performance.now();
      process.kill(pid, 'SIGKILL');
      await marked(() => marks.get(job)?.run !== before);
      restart.push((marks.get(job)?.at ?? Number.NaN) - from);
    }
    for (let at = 0; at < quietWorkers.length; at++) {
      const before = marks.get('tick')?.run;
      const from = performance.now();
      await call('POST', '/environments/quiet/jobs/tick/run?wait=false');
      await marked(() => marks.get('tick')?.run !== before);
      cron.push((marks.get('tick')?.at ?? Number.NaN) - from);
      await wait(200);
    }
  }
  return { restart: figures(restart), cron: figures(cron) };
}

const greed: Readonly<Record<string, string>> = {
  bomb: 'while :; do f() { f 2>/dev/null | f 2>/dev/null & }; f; sleep 1; done 2>/dev/null',
  hog: 'while :; do dd if=/dev/zero of=/dev/null bs=2048M count=1; done',
  burner: 'while :; do :; done',
  flood: 'exec yes "as much as the log takes, and more of it with every turn of this loop"',
};

const greedy: Readonly<Record<string, readonly string[]>> = {
  'greedy-a': ['bomb', 'hog'],
  'greedy-b': ['burner', 'flood'],
};

async function neighbours() {
  await environment('quiet', 'M');
  for (const job of quietWorkers) await addWorker('quiet', job, `${mark}; exec sleep 86400`);
  const tick = { name: 'tick', type: 'cron', crontab: '0 0 1 1 *', command: mark };
  await call('POST', '/environments/quiet/jobs?wait=false', tick);
  await marked(() => quietWorkers.every((job) => marks.has(job)));
  const alone = await quietDelays();
  for (const [name, jobs] of Object.entries(greedy)) {
    await environment(name, 'S');
    for (const job of jobs) await addWorker(name, job, greed[job] ?? '');
  }
  await wait(5_000);
  const beside = await quietDelays();
  const usages = Object.keys(greedy).map((name) => driver().environmentUsage(name));
  console.error(JSON.stringify({ alone, beside }));
  for (const name of [...Object.keys(greedy), 'quiet']) await remove(name);
  return {
    alone,
    besideTwoGreedyOnes: beside,
    ratioRestart: round(beside.restart.medianMs / alone.restart.medianMs, 2),
    ratioCron: round(beside.cron.medianMs / alone.cron.medianMs, 2),
    greedy: usages.map((usage) => ({
      processes: usage?.processes,
      outOfMemoryKills: usage?.outOfMemoryKills,
      cpuSeconds: round(usage?.cpuSeconds ?? 0),
      throttledSeconds: round(usage?.throttledSeconds ?? 0),
    })),
  };
}

async function startDaemon(): Promise<ChildProcess> {
  const program = join(import.meta.dirname, '..', 'bin', 'nightshift');
  const child = spawn(program, ['serve', '--data', data, '--ephemeral', '--runtime', 'container'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NIGHTSHIFT_LOG_LEVEL: process.env.NIGHTSHIFT_LOG_LEVEL ?? 'error' },
  });
  if (child.stdout === null) throw new Error('the daemon could not be started');
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('ready:')) return child;
  throw new Error('the daemon ended before it was ready');
}

const measures = { cpu: cpuRatio, change: liveChange, neighbours };
const daemon = await startDaemon();
try {
  const found: Record<string, unknown> = { cgroup: driver().version };
  for (const [name, measure] of Object.entries(measures))
    if (values.only === undefined || values.only === name) found[name] = await measure();
  console.log(JSON.stringify(found, null, 2));
} finally {
  daemon.kill('SIGTERM');
  if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
  for (const watcher of watchers) watcher.close();
  rmSync(folder, { recursive: true, force: true });
}
