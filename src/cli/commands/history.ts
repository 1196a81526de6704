/** `runs`, `crons`, `crontab`, `deploy`. */

import type { DueTime, Upcoming } from '../../contract/cron.ts';
import type { Deployment } from '../../contract/deployment.ts';
import { formatDuration, formatInZone, formatSize, formatUtc } from '../../contract/format.ts';
import type { Run } from '../../contract/run.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { localTime, momentHere, relativeTime, utcTime } from '../output/moments.ts';
import { type Column, printable, table } from '../output/table.ts';

export async function listRuns(
  context: Context,
  [environment = '']: readonly string[],
  options: { readonly job?: string; readonly limit: number },
) {
  const url = path`/environments/${environment}/runs`;
  const runs = await context.client.history<Run>(url, { job: options.job }, options.limit);
  const whose = options.job === undefined ? `"${environment}"` : `"${options.job}"`;
  context.show(runs, () =>
    runs.length === 0 ? `nothing of ${whose} has run yet` : runsTable(context, runs),
  );
}

/** Newest first. */
export function runsTable(context: Context, runs: readonly Run[]): string {
  const columns: readonly Column<Run>[] = [
    { title: 'Run', cell: (run) => run.id },
    { title: 'Job', cell: (run) => run.job ?? '(remote)' },
    { title: 'Trigger', cell: (run) => run.trigger },
    { title: 'Began', cell: (run) => utcTime(run.startedAt ?? run.createdAt) },
    { title: '', align: 'right', cell: (run) => relativeTime(context, run.startedAt ?? run.createdAt) },
    { title: 'Length', align: 'right', cell: (run) => lengthOf(run, context.now) },
    {
      title: 'Memory',
      align: 'right',
      cell: (run) => (run.memoryMaxBytes === null ? '-' : formatSize(run.memoryMaxBytes)),
    },
    {
      title: 'Outcome',
      cell: (run) => run.outcome ?? (run.startedAt === null ? 'starting' : 'running'),
      paint: (text, run) => paintOutcome(context, run, text),
    },
    { title: 'Reason', cell: (run) => reasonOf(run) },
  ];
  return table(columns, runs, context.paint.dim);
}

function lengthOf(run: Run, now: number): string {
  if (run.startedAt === null) return '-';
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  return formatDuration(Math.max(0, Math.round((end - Date.parse(run.startedAt)) / 100) / 10));
}

const reasonOf = (run: Run): string => {
  const killed = run.leftovers.length === 0 ? '' : `; killed ${run.leftovers.length} left-over processes`;
  const asked = run.askedBy === null ? '' : `; asked for by ${run.askedBy}`;
  const retry = run.attempt === 1 ? '' : `; attempt ${run.attempt}`;
  return ((run.reason ?? '') + killed + asked + retry).replace(/^; /, '');
};

function paintOutcome(context: Context, run: Run, text: string): string {
  if (run.outcome === null) return context.paint.good(text);
  return run.outcome === 'ok' || run.outcome === 'stopped' ? text : context.paint.bad(text);
}

interface CronsOptions {
  readonly next: number;
  readonly limit?: number;
  readonly past?: boolean;
  readonly job?: string;
}

export async function listCrons(
  context: Context,
  [environment = '']: readonly string[],
  options: CronsOptions,
) {
  const count = options.limit ?? options.next;
  const url = path`/environments/${environment}`;
  if (options.past === true) {
    const ledger = await context.client.history<DueTime>(`${url}/due-times`, { job: options.job }, count);
    return context.show(ledger, () =>
      ledger.length === 0 ? `no cron of "${environment}" has been due yet` : ledgerTable(context, ledger),
    );
  }
  const upcoming = await context.client.list<Upcoming>(`${url}/crons`, {
    job: options.job,
    next: count,
  });
  context.show(upcoming, () =>
    upcoming.length === 0
      ? `nothing of "${environment}" is due: it has no enabled crons, they are paused, or it has no plan`
      : upcomingTable(context, upcoming),
  );
}

/** The reader's own clock, where it is not UTC. */
const localColumns = (context: Context, moments: readonly string[]): readonly Column<{ dueAt: string }>[] =>
  moments.some((time) => localTime(context, time) !== null)
    ? [{ title: 'Here', cell: (row) => localTime(context, row.dueAt) ?? utcTime(row.dueAt) }]
    : [];

function upcomingTable(context: Context, upcoming: readonly Upcoming[]): string {
  const columns: readonly Column<Upcoming>[] = [
    { title: 'Due', cell: (row) => utcTime(row.dueAt) },
    ...localColumns(
      context,
      upcoming.map((row) => row.dueAt),
    ),
    { title: '', align: 'right', cell: (row) => relativeTime(context, row.dueAt) },
    { title: 'Job', cell: (row) => row.job },
  ];
  return table(columns, upcoming, context.paint.dim);
}

/** One line may tell of many due times. */
const stretchInWords = (row: DueTime): string =>
  row.untilDueAt === null ? '' : `${row.count} due times until ${utcTime(row.untilDueAt)}`;

/** Or nobody knows better. */
const endedWell = ({ outcome }: DueTime): boolean => (outcome ?? 'ok') === 'ok';

function ledgerTable(context: Context, ledger: readonly DueTime[]): string {
  const columns: readonly Column<DueTime>[] = [
    { title: 'Due', cell: (row) => utcTime(row.dueAt) },
    ...localColumns(
      context,
      ledger.map((row) => row.dueAt),
    ),
    { title: '', align: 'right', cell: (row) => relativeTime(context, row.dueAt) },
    { title: 'Job', cell: (row) => row.job },
    {
      title: 'Fate',
      cell: (row) => (endedWell(row) ? row.fate : `${row.fate}: ${row.outcome}`),
      paint: (text, row) => (row.fate === 'ran' && endedWell(row) ? text : context.paint.warn(text)),
    },
    { title: 'Run', cell: (row) => row.run ?? '-' },
    { title: 'Reason', cell: (row) => [row.reason ?? '', stretchInWords(row)].filter(Boolean).join('; ') },
  ];
  return table(columns, ledger, context.paint.dim);
}

interface CrontabOptions {
  readonly timezone: string;
  readonly from?: number;
  readonly next: number;
}

/** Needs no daemon. */
export async function explainCrontab(
  context: Context,
  [expression = '']: readonly string[],
  { timezone, from, next }: CrontabOptions,
) {
  const meaning = await context.local.crontab({
    expression,
    timezone,
    next,
    ...(from === undefined ? {} : { from }),
  });
  const times = meaning.next.map((wall) => new Date(wall).toISOString());
  context.show({ ...meaning, next: times }, () =>
    [
      `${printable(meaning.description)} (${printable(meaning.timezone)})`,
      ...times.map((time) => `  ${momentOfCron(context, time, meaning.timezone)}`),
    ].join('\n'),
  );
}

/** `Fri 2026-11-27 06:00:00 Europe/Berlin, 2026-11-27 05:00:00 UTC, in 14 h`; by UTC alone, as {@link momentHere} has it. */
function momentOfCron(context: Context, time: string, timezone: string): string {
  if (timezone === 'UTC') return momentHere(context, time);
  const zone = `${formatInZone(Date.parse(time), timezone)} ${printable(timezone)}`;
  return `${zone}, ${utcTime(time)}, ${relativeTime(context, time)}`;
}

export async function deploy(
  context: Context,
  [environment = '']: readonly string[],
  options: { readonly wait?: boolean },
) {
  const query = { wait: options.wait !== false };
  const url = path`/environments/${environment}/deployments`;
  const deployment = await context.client.call<Deployment>('POST', url, query, { trigger: 'cli' });
  if (deployment.outcome === 'failed') {
    if (context.json) context.show(deployment, () => '');
    const why = deployment.reason ?? 'its log has the details';
    throw new CliFailure('deployment.failed', `deployment ${deployment.id} failed: ${printable(why)}`);
  }
  context.show(deployment, () => deployedInWords(deployment, context.now));
}

function deployedInWords(deployment: Deployment, now: number): string {
  if (deployment.outcome === null) {
    return `deployment ${deployment.id} of "${deployment.environment}" began at ${formatUtc(Date.parse(deployment.startedAt))}`;
  }
  const end = deployment.endedAt === null ? now : Date.parse(deployment.endedAt);
  const length = formatDuration(Math.max(0, end - Date.parse(deployment.startedAt)) / 1_000);
  const said = deployment.reason === null ? '' : `: ${printable(deployment.reason)}`;
  return `deployment ${deployment.id} of "${deployment.environment}" is done, after ${length}${said}`;
}
