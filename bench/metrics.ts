/**
 * What metrics cost: one look at 1,000 containers (125 environments of 8), and the disk that 13 months take.
 *
 *   node bench/metrics.ts [CONTAINERS] [DAYS]
 *
 * The control groups are files with the words of a real kernel in a temporary folder: reading them costs what it costs to open and
 * parse them, without what a kernel spends on adding its counters up. The year is not waited for: hours of looks are made and packed
 * as the daemon packs them, with a memory that wanders and a CPU that is never quite the same. Prints JSON; removes what it made.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChunkStore } from '../src/metrics/chunk-store.ts';
import type { Measurement, RunUse } from '../src/metrics/core/counting.ts';
import { foldIn, noPoints, type Points } from '../src/metrics/core/points.ts';
import { bucketsPerHour } from '../src/metrics/held-environment.ts';
import { MetricsFile } from '../src/metrics/metrics-file.ts';
import { openMetrics } from '../src/metrics/open-metrics.ts';
import { CgroupV2 } from '../src/runtimes/container/cgroup-v2.ts';

const containers = Number(process.argv[2] ?? 1_000);
const days = Number(process.argv[3] ?? 396);
const jobsEach = 8;
const environments = Math.ceil(containers / jobsEach);
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
const megabyte = 1024 * 1024;
const environmentOf = (index: number): string => `env-${Math.floor(index / jobsEach)}`;

/** As of Linux 6.12; the values are of no matter, their number is. */
const memoryStat = [
  ...['anon', 'file', 'kernel', 'kernel_stack', 'pagetables', 'sec_pagetables', 'percpu', 'sock', 'vmalloc'],
  ...['shmem', 'zswap', 'zswapped', 'file_mapped', 'file_dirty', 'file_writeback', 'swapcached', 'anon_thp'],
  ...['file_thp', 'shmem_thp', 'inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'unevictable'],
  ...['slab_reclaimable', 'slab_unreclaimable', 'slab', 'workingset_refault_anon', 'workingset_refault_file'],
  ...['workingset_activate_anon', 'workingset_activate_file', 'workingset_restore_anon', 'pgdemote_kswapd'],
  ...['workingset_restore_file', 'workingset_nodereclaim', 'pgscan', 'pgsteal', 'pgscan_kswapd', 'pgfault'],
  ...['pgsteal_kswapd', 'pgmajfault', 'pgrefill', 'pgactivate', 'pgdeactivate', 'pglazyfree', 'pglazyfreed'],
]
  .map((name, index) => `${name} ${index * 4_096 * 17}\n`)
  .join('');

function makeGroup(path: string): void {
  mkdirSync(path, { recursive: true });
  const files: Record<string, string> = {
    'memory.current': `${80 * megabyte}\n`,
    'memory.stat': memoryStat,
    'memory.peak': `${90 * megabyte}\n`,
    'memory.swap.current': '0\n',
    'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    'cpu.stat':
      'usage_usec 81273\nuser_usec 50122\nsystem_usec 31151\nnr_periods 12\nnr_throttled 1\nthrottled_usec 9120\n',
    'pids.current': '4\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
}

function percentile(took: readonly number[], part: number): number {
  const sorted = [...took].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
}
const round = (value: number): number => Math.round(value * 100) / 100;

/** One look at everything, as the platform makes it, and what metrics make of it. */
async function costOfALook(): Promise<object> {
  const looks = 60;
  const cgroup = new CgroupV2(folder, 'bench');
  for (let index = 0; index < containers; index++)
    makeGroup(cgroup.base + cgroup.runPath(environmentOf(index), `run-${index}`));
  for (let index = 0; index < environments; index++)
    makeGroup(`${cgroup.base}${cgroup.runPath(`env-${index}`, '')}`);
  let wall = Date.UTC(2026, 0, 14, 12);
  const clock = {
    wall: () => wall,
    monotonic: () => performance.now() * 1_000,
    after: () => () => undefined,
  };
  const metrics = openMetrics({ path: join(folder, 'looks.db'), clock, onTrouble: console.error });
  metrics.load(Array.from({ length: environments }, (_, index) => `env-${index}`));
  const [reading, counting, cpus]: number[][] = [[], [], []];
  for (let count = 0; count < looks; count++) {
    wall += 10_000;
    const cpuBefore = process.cpuUsage();
    const begin = performance.now();
    const measurements = look(cgroup);
    const read = performance.now();
    for (const measurement of measurements) metrics.measured(measurement);
    await Promise.resolve();
    const end = performance.now();
    const cpu = process.cpuUsage(cpuBefore);
    reading?.push(read - begin);
    counting?.push(end - read);
    cpus?.push((cpu.user + cpu.system) / 1_000);
  }
  metrics.close();
  const journalBytes = statSync(join(folder, 'looks.db')).size * (bucketsPerHour / looks);
  const all = cpus ?? [];
  return {
    containers,
    environments,
    readMs: { median: percentile(reading ?? [], 0.5), p99: percentile(reading ?? [], 0.99) },
    countAndWriteMs: { median: percentile(counting ?? [], 0.5), p99: percentile(counting ?? [], 0.99) },
    cpuMsOfALook: percentile(all, 0.5),
    shareOfACoreAtEveryTenSeconds: `${round((percentile(all, 0.5) / 10_000) * 100)} %`,
    containersReadAtATime: 50,
    bytesOfTheOpenHourInTheJournal: Math.round(journalBytes),
    longestTurnMs: round((percentile(reading ?? [], 0.99) / containers) * 50),
  };
}

function look(cgroup: CgroupV2): Measurement[] {
  const runs = new Map<string, RunUse[]>();
  for (let index = 0; index < containers; index++) {
    const usage = cgroup.usage(environmentOf(index), `run-${index}`);
    if (usage === undefined) throw new Error('a group is missing');
    const { memoryBytes, cpuSeconds } = usage;
    const own = runs.get(environmentOf(index)) ?? [];
    own.push({ runId: `run-${index}`, job: `job-${index % jobsEach}`, memoryBytes, cpuSeconds });
    runs.set(environmentOf(index), own);
  }
  return [...runs].map(([environment, own]) => {
    const usage = cgroup.environmentUsage(environment);
    if (usage === undefined) throw new Error('a group is missing');
    return { environment, usage, runs: own, limits: { memoryBytes: 512 * megabyte, cpu: 0.5 } };
  });
}

/** Small numbers that repeat with the seed. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * An hour of looks. `restless`: memory that moves at each look; else at one in eight, as that of a worker that waits for work.
 * `looks`: so many of ten seconds in one bucket, for hours whose finer chunks are gone at the end anyway.
 */
function anHour(
  hour: number,
  roll: () => number,
  { restless, looks }: { restless: boolean; looks: number },
  memory: { kb: number },
): Points {
  const points = noPoints();
  for (let index = 0; index < bucketsPerHour; index += looks) {
    if (restless || roll() < 0.125)
      memory.kb = Math.max(20_000, Math.min(500_000, memory.kb + Math.round((roll() - 0.5) * 2_000) * 4));
    const cpuMs = looks * (restless ? Math.round(roll() * 2_000) : Math.round(roll() * 20));
    foldIn(points, hour * bucketsPerHour + index, {
      samples: looks,
      elapsedMs: looks * (9_998 + Math.floor(roll() * 5)),
      memoryKb: looks * memory.kb,
      memoryKbMax: memory.kb,
      ...(restless ? { cacheKb: looks * (8_000 + Math.round(roll() * 500) * 4) } : {}),
      cpuMs,
      cpuMilliMax: Math.round(cpuMs / looks / 10),
    });
  }
  return points;
}

/** So many days of an environment, or of a worker, in chunks: bytes at their end, and the time that packing an hour takes. */
function diskOf(job: string, restless: boolean): object {
  const path = join(folder, `year-${job}-${restless}.db`);
  const file = MetricsFile.open(path, console.error);
  const chunks = new ChunkStore(file);
  const roll = dice(7);
  const memory = { kb: 80_000 };
  const firstHour = Math.floor(Date.UTC(2026, 0, 14) / 3_600_000);
  const took: number[] = [];
  const end = firstHour + days * 24;
  for (let hour = firstHour; hour < end; hour++) {
    const looks = hour < end - 8 * 24 ? 60 : 1;
    const points = anHour(hour, roll, { restless, looks }, memory);
    const begin = performance.now();
    const packed = chunks.packHour('shop', job, points);
    if (looks === 1) took.push(performance.now() - begin);
    chunks.keepHour('shop', hour, packed, { subjects: new Map([[job, points]]), changes: 0 });
  }
  file.close();
  const database = new DatabaseSync(path);
  const row = database.prepare('SELECT sum(length(bytes)) AS bytes, count(*) AS chunks FROM chunks').get();
  database.close();
  return {
    days,
    chunks: row?.chunks,
    bytesInChunks: row?.bytes,
    bytesOnDisk: statSync(path).size,
    packAnHourMs: { median: percentile(took, 0.5), p99: percentile(took, 0.99) },
  };
}

try {
  const result = {
    look: await costOfALook(),
    disk: {
      environmentOrRestlessWorker: diskOf('', true),
      workerThatWaits: diskOf('mails', false),
    },
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
