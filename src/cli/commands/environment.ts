/** `env`, `plan`, `book`, `unbook`. */
import { resolve } from 'node:path';
import type { Environment, Plan, Variables } from '../../contract/environment.ts';
import { formatPlanSize, formatSize } from '../../contract/format.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { moment } from '../output/moments.ts';
import { type Column, facts, printable, table } from '../output/table.ts';

interface CreateOptions {
  readonly root: string;
  readonly user?: string;
  readonly trial?: boolean;
}

export async function createEnvironment(
  context: Context,
  [name = '']: readonly string[],
  options: CreateOptions,
) {
  const made = await context.client.call<Environment>(
    'POST',
    '/environments',
    {},
    {
      name,
      // The daemon has another working folder than the caller.
      root: resolve(context.io.workingFolder, options.root),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.trial === true ? { trial: true } : {}),
    },
  );
  context.show(made, () =>
    withNotices(
      made,
      `environment "${made.name}" is there: its jobs run in ${printable(made.root)} as ${printable(made.user)}` +
        (made.trial ? ', on trial\n' : `; book its plan with "nightshift book ${made.name} M"\n`),
    ),
  );
}

export async function listEnvironments(context: Context) {
  const environments = await context.client.list<Environment>('/environments');
  context.show(environments, () =>
    environments.length === 0
      ? 'no environments yet: make one with "nightshift env create NAME --root DIR"'
      : table(environmentColumns, environments, context.paint.dim),
  );
}

const environmentColumns: readonly Column<Environment>[] = [
  { title: 'Name', cell: (each) => each.name },
  { title: 'Plan', cell: (each) => each.plan ?? (each.trial ? 'trial' : '-') },
  { title: 'Jobs', cell: (each) => `${each.jobsEnabled}/${each.jobs}` },
  { title: 'Workers', cell: (each) => `${each.workersRunning}/${each.workersExpected}` },
  { title: 'Memory', cell: memoryOf },
  { title: 'User', cell: (each) => each.user },
  { title: 'Root', cell: (each) => each.root },
];

function memoryOf(environment: Environment): string {
  const { usage, limits } = environment;
  if (usage === null) return '-';
  const used = formatSize(usage.memoryBytes);
  return limits === null ? used : `${used} of ${formatPlanSize(limits.memoryBytes)}`;
}

export async function showEnvironment(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly values?: boolean },
) {
  const url = path`/environments/${name}`;
  const [shown, values] = await Promise.all([
    context.client.get<Environment>(url),
    options.values === true ? context.client.get<Variables>(`${url}/variables`) : undefined,
  ]);
  context.show({ ...shown, ...values }, () => environmentPage(context, shown, values?.variables));
}

function environmentPage(
  context: Context,
  shown: Environment,
  values: Readonly<Record<string, string>> | undefined,
): string {
  const { usage, limits } = shown;
  const page = facts(
    [
      ['Environment', shown.name + (shown.trial ? ' (on trial)' : '')],
      ['Root', shown.root],
      ['User', shown.user],
      ['Plan', shown.plan === null ? `none: book one with "nightshift book ${shown.name} M"` : shown.plan],
      ['', limits === null ? null : planInWords(limits)],
      // A larger one is a notice, below.
      ['', shown.advice?.kind === 'smaller' ? shown.advice.sentence : null],
      [
        'Jobs',
        `${shown.jobs}, ${shown.jobsEnabled} of them enabled${shown.paused ? '; crons are paused' : ''}`,
      ],
      ['Workers', `${shown.workersRunning} of ${shown.workersExpected} running`],
      ['Memory', usage === null ? null : memoryInWords(shown, usage)],
      ['Swap', usage === null || usage.swapBytes === 0 ? null : formatSize(usage.swapBytes)],
      ['Processes', usage === null ? null : String(usage.processes)],
      ['Out of memory', usage?.outOfMemoryKills ? `${usage.outOfMemoryKills} times` : null],
      ['Variables', variablesInWords(shown, values)],
      ['Secrets', shown.maskSecrets ? 'masked in what its jobs print' : null],
      ['Made', moment(context, shown.createdAt)],
    ],
    context.paint.dim,
  );
  const listed = Object.entries(values ?? {}).map(([key, value]) => `  ${key}=${printable(value)}\n`);
  return withNotices(shown, page + listed.join(''));
}

const variablesInWords = (shown: Environment, values: object | undefined): string => {
  if (shown.variableNames.length === 0) return 'none';
  return values === undefined ? shown.variableNames.join(', ') : String(shown.variableNames.length);
};

function memoryInWords(shown: Environment, usage: NonNullable<Environment['usage']>): string {
  const peak = usage.memoryMaxBytes === null ? '' : `, ${formatSize(usage.memoryMaxBytes)} at its peak`;
  return memoryOf(shown) + peak;
}

const planInWords = (limits: NonNullable<Environment['limits']>): string =>
  [
    formatPlanSize(limits.memoryBytes),
    `${limits.jobs} enabled ${limits.jobs === 1 ? 'job' : 'jobs'}`,
    `${limits.cpu} CPU`,
    ...(limits.softLimitPerJobBytes === null
      ? []
      : [`soft limit ${formatPlanSize(limits.softLimitPerJobBytes)} per job`]),
  ].join(', ');

/** What somebody should read, after the rest. */
export const withNotices = (environment: Environment, text: string): string =>
  text + environment.notices.map((notice) => `! ${printable(notice)}\n`).join('');

export async function editEnvironment(
  context: Context,
  [name = '']: readonly string[],
  { trial, maskSecrets }: { readonly trial?: boolean; readonly maskSecrets?: boolean },
) {
  if (trial === undefined && maskSecrets === undefined) {
    const options = '--trial, --no-trial, --mask-secrets or --no-mask-secrets';
    throw new CliFailure('usage', `nothing to change: add ${options}`, 2);
  }
  const changed = await context.client.call<Environment>(
    'PATCH',
    path`/environments/${name}`,
    {},
    { ...(trial === undefined ? {} : { trial }), ...(maskSecrets === undefined ? {} : { maskSecrets }) },
  );
  const shown = changed.maskSecrets
    ? 'with the names of secret variables in place of their values'
    : 'as it is';
  context.show(changed, () =>
    [
      ...(trial === undefined ? [] : [`"${changed.name}" is ${trial ? 'on trial' : 'no longer on trial'}`]),
      ...(maskSecrets === undefined ? [] : [`what the jobs of "${changed.name}" print is shown ${shown}`]),
    ].join('; '),
  );
}

export async function pauseEnvironment(paused: boolean, context: Context, [name = '']: readonly string[]) {
  const changed = await context.client.call<Environment>(
    'PATCH',
    path`/environments/${name}`,
    {},
    { paused },
  );
  context.show(changed, () =>
    changed.paused
      ? `the crons of "${changed.name}" are paused: due times are skipped until "nightshift env resume ${changed.name}"`
      : `the crons of "${changed.name}" go on`,
  );
}

export async function removeEnvironment(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly yes?: boolean },
) {
  const url = path`/environments/${name}`;
  if (options.yes !== true) {
    const doomed = await context.client.get<Environment>(url);
    await context.confirm(
      `removes "${doomed.name}" with its ${doomed.jobs} jobs, history, logs and variables, and stops ${doomed.workersRunning} running workers; the root folder stays`,
      false,
    );
  }
  await context.client.call('DELETE', url);
  context.show({ removed: name }, () => `environment "${name}" is removed; its root folder stays`);
}

interface ChangeOptions {
  readonly wait?: boolean;
}

export async function setVariables(
  context: Context,
  [name = '', ...pairs]: readonly string[],
  options: ChangeOptions,
) {
  const changes: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new CliFailure('usage', `"${printable(pair)}" is not KEY=VALUE`, 2);
    changes[pair.slice(0, at)] = pair.slice(at + 1);
  }
  await changeVariables(context, name, changes, options);
}

export async function unsetVariables(
  context: Context,
  [name = '', ...keys]: readonly string[],
  options: ChangeOptions,
) {
  await changeVariables(context, name, Object.fromEntries(keys.map((key) => [key, null])), options);
}

async function changeVariables(
  context: Context,
  name: string,
  variables: Readonly<Record<string, string | null>>,
  options: ChangeOptions,
): Promise<void> {
  const query = { wait: options.wait !== false };
  await context.client.call('PATCH', path`/environments/${name}/variables`, query, { variables });
  const keys = Object.keys(variables);
  const set = keys.filter((key) => variables[key] !== null);
  const unset = keys.filter((key) => variables[key] === null);
  context.show({ environment: name, set, unset }, () =>
    [
      ...(set.length === 0 ? [] : [`set ${set.join(', ')}`]),
      ...(unset.length === 0 ? [] : [`removed ${unset.join(', ')}`]),
    ].join('; '),
  );
}

export async function listPlans(context: Context) {
  const plans = await context.client.list<Plan>('/plans');
  context.show(plans, () => table(planColumns, plans, context.paint.dim));
}

const planColumns: readonly Column<Plan>[] = [
  { title: 'Plan', cell: (plan) => plan.name },
  { title: 'Memory', align: 'right', cell: (plan) => formatPlanSize(plan.memoryBytes) },
  { title: 'Enabled jobs', align: 'right', cell: (plan) => String(plan.jobs) },
  { title: 'CPU', align: 'right', cell: (plan) => String(plan.cpu) },
  {
    title: 'Soft limit per job',
    align: 'right',
    cell: (plan) => (plan.softLimitPerJobBytes === null ? '-' : formatPlanSize(plan.softLimitPerJobBytes)),
  },
];

export async function book(
  context: Context,
  [name = '', plan = '']: readonly string[],
  options: ChangeOptions & { readonly force?: boolean },
) {
  const query = { wait: options.wait !== false };
  const body = { plan, force: options.force === true };
  const url = path`/environments/${name}/component`;
  const booked = await context.client.call<Environment>('PUT', url, query, body);
  context.show(booked, () =>
    withNotices(
      booked,
      `"${booked.name}" has plan ${booked.plan}${booked.limits === null ? '' : `: ${planInWords(booked.limits)}`}\n`,
    ),
  );
}

export async function unbook(context: Context, [name = '']: readonly string[], options: ChangeOptions) {
  const query = { wait: options.wait !== false };
  const left = await context.client.call<Environment>('DELETE', path`/environments/${name}/component`, query);
  context.show(left, () =>
    withNotices(
      left,
      `"${left.name}" has no jobs component any more; its ${left.jobs} jobs keep their definitions\n`,
    ),
  );
}
