/** `jobs`, `jobs-reset`, `job show`. */

import type { Upcoming } from '../../contract/cron.ts';
import type { Environment } from '../../contract/environment.ts';
import { formatDuration, formatSize } from '../../contract/format.ts';
import type { Job, JobSummary } from '../../contract/job.ts';
import type { Run } from '../../contract/run.ts';
import { statisticsTable } from '../../contract/statistics-table.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { moment, momentHere } from '../output/moments.ts';
import { inWords } from '../output/states.ts';
import { facts, printable } from '../output/table.ts';
import { runsTable } from './history.ts';

export async function listJobs(context: Context, [environment = '']: readonly string[]) {
  const url = path`/environments/${environment}`;
  const [jobs, shown] = await Promise.all([
    context.client.all<JobSummary>(`${url}/jobs`),
    context.json ? undefined : context.client.get<Environment>(url),
  ]);
  context.show(jobs, () => {
    const notices = noticesOf(jobs, shown?.notices ?? []);
    const said = notices.length === 0 ? '' : `\n${notices.map((each) => `! ${printable(each)}\n`).join('')}`;
    if (jobs.length > 0) return statisticsTable(jobs, context.paint) + said;
    return `"${environment}" has no jobs: add one with "nightshift job add ${environment} NAME worker --command CMD"\n${said}`;
  });
}

/** The environment's own, and crash loops that it does not speak of. */
function noticesOf(jobs: readonly JobSummary[], notices: readonly string[]): readonly string[] {
  const silent = jobs.filter(
    (job) => job.state === 'crash-loop' && !notices.some((notice) => notice.includes(job.name)),
  );
  return [...notices, ...silent.map((job) => `crash loop: ${job.name}, ${job.reason}`)];
}

export async function resetStatistics(context: Context, [environment = '']: readonly string[]) {
  await context.client.call('DELETE', path`/environments/${environment}/statistics`);
  context.show({ environment, reset: true }, () => `the counters of "${environment}" begin anew`);
}

/** How many runs and due times the page of a job shows. */
const shownRuns = 5;
const shownDueTimes = 3;

export async function showJob(context: Context, [environment = '', name = '']: readonly string[]) {
  const url = path`/environments/${environment}`;
  const job = await context.client.get<Job>(`${url}${path`/jobs/${name}`}`);
  if (context.json) return context.show(job, () => '');
  const [runs, upcoming] = await Promise.all([
    context.client.list<Run>(`${url}/runs`, { job: name, limit: shownRuns }),
    job.type === 'cron'
      ? context.client.list<Upcoming>(`${url}/crons`, { job: name, next: shownDueTimes })
      : [],
  ]);
  context.say(jobPage(context, job, upcoming));
  if (runs.length > 0) context.say(`\n${context.paint.bold('Last runs')}\n${runsTable(context, runs)}`);
}

function jobPage(context: Context, job: Job, upcoming: readonly Upcoming[]): string {
  const { paint } = context;
  const first = `${paint.bold(job.name)}  ${job.type} of ${job.environment}, ${job.status}\n`;
  // Its colours are ours, so it is not made printable again.
  const state = `${paint.dim('State'.padEnd(labelWidth))}  ${inWords(context, job)}\n`;
  const settings = facts(
    [
      ['Command'.padEnd(labelWidth), job.command],
      ...(job.type === 'worker' ? workerFacts(job) : cronFacts(job)),
      ['Exit', `${job.exitSignal}, KILL after ${formatDuration(job.exitTimeoutSeconds)}`],
      ['Statistics', statisticsInWords(job)],
      ['', `since ${moment(context, job.statisticsSince)}`],
      ['Memory', memoryInWords(job)],
      ['Managed by', job.managedBy === null ? null : `${job.managedBy}: change it there and deploy`],
      ['Added', moment(context, job.createdAt)],
    ],
    paint.dim,
  );
  const due = upcoming.map(
    (each, index) => [index === 0 ? 'Next due' : '', momentHere(context, each.dueAt)] as const,
  );
  const dueFacts = due.map(([label, text]) => `${paint.dim(label.padEnd(labelWidth))}  ${text}\n`);
  return first + state + settings + dueFacts.join('');
}

const labelWidth = 'Max instances'.length;

const workerFacts = (job: Job): [string, string | null][] => [
  ['Instances', job.instances === 1 ? null : `${job.instancesRunning} of ${job.instances} running`],
  ['Handover', job.handover],
];

const cronFacts = (job: Job): [string, string | null][] => [
  ['Every', job.interval],
  ['Crontab', job.crontab === null ? null : `${job.crontab} (${job.timezone})`],
  ['Max runtime', job.maxRuntimeSeconds === null ? null : formatDuration(job.maxRuntimeSeconds)],
  ['Max instances', job.maxInstances === null ? null : String(job.maxInstances)],
  ['Catch up', catchUpInWords(job)],
  ['On deploy', job.onDeploy],
  ['Retries', retriesInWords(job)],
  ['Tell of', warningsInWords(job)],
];

function retriesInWords(job: Job): string | null {
  if (job.retries === null || job.retries === 0 || job.retryDelaySeconds === null) return null;
  const only = job.retryOn === null ? '' : `, only on exit code ${job.retryOn.join(', ')}`;
  return `${job.retries}, each ${formatDuration(job.retryDelaySeconds)} after the failure${only}`;
}

function warningsInWords(job: Job): string | null {
  const { warnLateSeconds: late, warnLongerSeconds: longer, warnShorterSeconds: shorter } = job;
  const parts = [
    ...(late === null ? [] : [`starts more than ${formatDuration(late)} late`]),
    ...(longer === null ? [] : [`runs longer than ${formatDuration(longer)}`]),
    ...(shorter === null ? [] : [`runs shorter than ${formatDuration(shorter)}`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

const catchUpInWords = (job: Job): string | null => {
  if (job.catchUp === null || job.catchUp === 'none' || job.catchUpMaxAgeSeconds === null) return job.catchUp;
  return `${job.catchUp}, not older than ${formatDuration(job.catchUpMaxAgeSeconds)}`;
};

function statisticsInWords(job: Job): string {
  const counts = [`${job.fails} fails`, `${job.exitsOk} exits (OK)`];
  if (job.type === 'worker') counts.push(`${job.restarts} restarts`);
  if (job.durationAvgSeconds !== null && job.durationMaxSeconds !== null) {
    const [avg, max] = [formatDuration(job.durationAvgSeconds), formatDuration(job.durationMaxSeconds)];
    counts.push(`duration ${avg} (avg), ${max} (max)`);
  }
  return counts.join(', ');
}

function memoryInWords(job: Job): string | null {
  const parts = [
    ...(job.memoryBytes === null ? [] : [`${formatSize(job.memoryBytes)} now`]),
    ...(job.memoryAvgBytes === null ? [] : [`${formatSize(job.memoryAvgBytes)} (avg)`]),
    ...(job.memoryMaxBytes === null ? [] : [`${formatSize(job.memoryMaxBytes)} (max)`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}
