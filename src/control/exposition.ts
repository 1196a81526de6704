/**
 * What Prometheus reads: the text format 0.0.4, or OpenMetrics 1.0 for those who ask for it. Labels are environments and jobs,
 * never commands or reasons, so that their number is that of the jobs.
 *
 * Counters begin at zero with the daemon, as those of every exporter do.
 */
import type { ObservedJob } from '../domain/observed.ts';
import type { Plan } from '../domain/plan.ts';
import type { Seen, Totals } from '../metrics/metrics.ts';

export interface Exposed {
  readonly seen: readonly Seen[];
  /** By environment; only of those that the reader sees. */
  readonly plans: ReadonlyMap<string, Plan | null>;
  readonly jobs: ReadonlyMap<string, readonly ObservedJob[]>;
  readonly workers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly version: string;
  readonly runtime: string;
  /** Wall time, ms. */
  readonly schedulerHeartbeatAt: number | null;
  readonly openIncidents: ReadonlyMap<string, number>;
}

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  readonly value: number;
}
interface Family {
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export type Form = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<Form, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export function exposition(exposed: Exposed, form: Form): string {
  const families = [
    ...daemonFamilies(exposed),
    ...environmentFamilies(exposed),
    ...jobFamilies(exposed),
  ].filter((family) => family.samples.length > 0);
  const text = families.map((family) => familyText(family, form)).join('');
  return form === 'openmetrics' ? `${text}# EOF\n` : text;
}

function daemonFamilies({ version, runtime, schedulerHeartbeatAt, openIncidents }: Exposed): Family[] {
  const beat = schedulerHeartbeatAt === null ? [] : [{ labels: {}, value: schedulerHeartbeatAt / 1_000 }];
  return [
    gauge('build_info', 'The version in use and how it isolates runs.', [
      { labels: { version, runtime }, value: 1 },
    ]),
    gauge(
      'scheduler_heartbeat_timestamp_seconds',
      'When the scheduler last proved that it lives; it does so every few seconds.',
      beat,
    ),
    gauge(
      'open_incidents',
      'Incidents that are not over, by kind.',
      [...openIncidents].map(([kind, value]) => ({ labels: { kind }, value })),
    ),
  ];
}

function environmentFamilies({ seen, plans }: Exposed): Family[] {
  const known = seen.filter((each) => plans.has(each.environment));
  const ofUsage = (value: (each: Seen) => number | null): Sample[] =>
    known.flatMap((each) => sample({ environment: each.environment }, value(each)));
  const ofTotals = (value: (totals: Totals) => number): Sample[] => ofUsage((each) => value(each.totals));
  const ofPlan = (value: (plan: Plan) => number): Sample[] =>
    [...plans].flatMap(([environment, plan]) => sample({ environment }, plan === null ? null : value(plan)));
  return [
    gauge(
      'environment_memory_bytes',
      'Memory of all jobs together, without page cache that is given back at need.',
      ofUsage((each) => each.usage.memoryBytes),
    ),
    gauge(
      'environment_page_cache_bytes',
      'Page cache of all jobs together that is given back at need.',
      ofUsage((each) => each.usage.cacheBytes),
    ),
    gauge(
      'environment_swap_bytes',
      'Swap of all jobs together.',
      ofUsage((each) => each.usage.swapBytes),
    ),
    gauge(
      'environment_memory_limit_bytes',
      'What the plan allows all jobs together.',
      ofPlan((plan) => plan.memoryBytes),
    ),
    gauge(
      'environment_cpu_limit',
      'CPUs that the plan allows all jobs together.',
      ofPlan((plan) => plan.cpu),
    ),
    counter(
      'environment_cpu_seconds',
      'CPU time of all jobs together.',
      ofTotals((totals) => totals.cpuSeconds),
    ),
    counter(
      'environment_cpu_throttled_seconds',
      'Time for which jobs waited for CPU beyond the limit.',
      ofTotals((totals) => totals.throttledSeconds),
    ),
    counter(
      'environment_out_of_memory_kills',
      'Processes that the kernel killed because the limit was reached.',
      ofTotals((totals) => totals.outOfMemoryKills),
    ),
  ];
}

const nothing: Totals = {
  cronRuns: 0,
  cronFails: 0,
  workerStarts: 0,
  outOfMemoryKills: 0,
  cpuSeconds: 0,
  throttledSeconds: 0,
  ends: 0,
  durationSeconds: 0,
};

interface JobRow {
  readonly labels: Labels;
  readonly isWorker: boolean;
  readonly runs: number;
  readonly memoryBytes: number;
  readonly totals: Totals;
}

/** Those that are defined now; also what has not happened yet has its zero, because no increase is seen of what was not there. */
function jobRows({ seen, jobs, workers }: Exposed): JobRow[] {
  const counted = new Map(
    seen.map((each) => [each.environment, new Map(each.jobs.map((job) => [job.job, job]))]),
  );
  return [...jobs].flatMap(([environment, observed]) =>
    observed.map(({ job, runs }) => {
      const own = counted.get(environment)?.get(job);
      return {
        labels: { environment, job },
        isWorker: workers.get(environment)?.has(job) === true,
        runs: runs.length,
        memoryBytes: own?.memoryBytes ?? 0,
        totals: own?.totals ?? nothing,
      };
    }),
  );
}

function jobFamilies(exposed: Exposed): Family[] {
  const rows = jobRows(exposed);
  const of = (value: (row: JobRow) => number, only: (row: JobRow) => boolean = () => true): Sample[] =>
    rows.filter(only).map((row) => ({ labels: row.labels, value: value(row) }));
  const isWorker = (row: JobRow): boolean => row.isWorker;
  const isCron = (row: JobRow): boolean => !row.isWorker;
  return [
    gauge('job_state', 'The state of a job: 1 for the one that it is in.', states(exposed.jobs)),
    gauge(
      'job_open_runs',
      'Runs that are open now.',
      of((row) => row.runs),
    ),
    gauge(
      'job_memory_bytes',
      'Memory of the open runs, without page cache that is given back at need.',
      of((row) => row.memoryBytes),
    ),
    counter(
      'job_cpu_seconds',
      'CPU time of the runs.',
      of((row) => row.totals.cpuSeconds),
    ),
    counter(
      'job_out_of_memory_kills',
      'Runs that ended because memory ran out.',
      of((row) => row.totals.outOfMemoryKills),
    ),
    counter(
      'worker_starts',
      'Starts and restarts of a worker.',
      of((row) => row.totals.workerStarts, isWorker),
    ),
    counter(
      'cron_runs',
      'Runs of a cron that began.',
      of((row) => row.totals.cronRuns, isCron),
    ),
    counter(
      'cron_fails',
      'Runs of a cron that failed.',
      of((row) => row.totals.cronFails, isCron),
    ),
    counter(
      'cron_ends',
      'Runs of a cron that ended.',
      of((row) => row.totals.ends, isCron),
    ),
    counter(
      'cron_duration_seconds',
      'How long the ended runs of a cron took, together.',
      of((row) => row.totals.durationSeconds, isCron),
    ),
  ];
}

/** Each job stands once, in its state: a sample for every state of every job would be nine times as many. */
const states = (jobs: Exposed['jobs']): Sample[] =>
  [...jobs].flatMap(([environment, observed]) =>
    observed.map(({ job, state }) => ({ labels: { environment, job, state: state.kind }, value: 1 })),
  );

const sample = (labels: Labels, value: number | null): Sample[] =>
  value === null ? [] : [{ labels, value }];

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `nightshift_${name}`,
  kind: 'gauge',
  help,
  samples,
});
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...gauge(name, help, samples),
  kind: 'counter',
});

/** OpenMetrics names a family of counters without `_total`, Prometheus with it; the samples are the same. */
function familyText({ name, kind, help, samples }: Family, form: Form): string {
  const sampleName = kind === 'counter' ? `${name}_total` : name;
  const family = form === 'openmetrics' ? name : sampleName;
  const lines = samples.map(({ labels, value }) => `${sampleName}${labelsText(labels)} ${value}\n`);
  return `# HELP ${family} ${help}\n# TYPE ${family} ${kind}\n${lines.join('')}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
