/** `deployments`, `hook` and `apply`. */
import type {
  DeployHook,
  Deployment,
  DeploymentWithOutput,
  FileDifference,
  NewDeployHook,
} from '../../contract/deployment.ts';
import { formatDuration } from '../../contract/format.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { readNamed } from '../named-file.ts';
import { moment, utcTime } from '../output/moments.ts';
import { type Column, facts, printable, table } from '../output/table.ts';

export async function listDeployments(
  context: Context,
  [environment = '', id]: readonly string[],
  { limit }: { readonly limit: number },
) {
  const url = path`/environments/${environment}/deployments`;
  if (id !== undefined) {
    const shown = await context.client.get<DeploymentWithOutput>(url + path`/${id}`);
    return context.show(shown, () => deploymentPage(context, shown));
  }
  const deployments = await context.client.list<Deployment>(url, { limit });
  context.show(deployments, () =>
    deployments.length === 0
      ? `nothing was deployed to "${environment}" yet: push to it, or use "nightshift deploy ${environment}"`
      : table(columnsOf(context), deployments, context.paint.dim),
  );
}

const columnsOf = (context: Context): readonly Column<Deployment>[] => [
  { title: 'Began', cell: (each) => utcTime(each.startedAt) },
  { title: 'Id', cell: (each) => each.id },
  { title: 'By', cell: (each) => each.trigger },
  { title: 'Commit', cell: (each) => each.commit?.slice(0, 10) ?? '-' },
  {
    title: 'State',
    cell: (each) => each.state,
    paint: (text, each) => (each.outcome === 'failed' ? context.paint.warn(text) : text),
  },
  { title: 'Took', align: 'right', cell: (each) => lengthOf(each) },
  { title: 'Reason', cell: (each) => each.reason ?? '' },
];

const lengthOf = ({ startedAt, endedAt }: Pick<Deployment, 'startedAt' | 'endedAt'>): string =>
  endedAt === null ? '-' : formatDuration((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000);

function deploymentPage(context: Context, shown: DeploymentWithOutput): string {
  const page = facts(
    [
      ['Deployment', shown.id],
      ['Environment', shown.environment],
      ['State', shown.reason === null ? shown.state : `${shown.state}: ${shown.reason}`],
      ['Began', moment(context, shown.startedAt)],
      ['Took', lengthOf(shown)],
      ['By', shown.askedBy === null ? shown.trigger : `${shown.trigger}, ${shown.askedBy}`],
      ['Branch', shown.branch],
      ['Commit', shown.commit],
    ],
    context.paint.dim,
  );
  const steps = table(stepColumns, shown.steps, context.paint.dim);
  const lines = shown.output.split('\n').map(printable).join('\n');
  return `${page}\n${steps}${lines === '' ? '' : `\n${lines}`}`;
}

const stepColumns: readonly Column<Deployment['steps'][number]>[] = [
  { title: 'Step', cell: (step) => step.state },
  {
    title: 'Took',
    align: 'right',
    cell: (step) => (step.durationSeconds === null ? '-' : formatDuration(step.durationSeconds)),
  },
  { title: '', cell: (step) => step.detail ?? '' },
];

const hookOf = (environment: string): string => path`/environments/${environment}/deploy-hook`;

export async function showHook(context: Context, [environment = '']: readonly string[]) {
  const hook = await context.client.get<DeployHook>(hookOf(environment));
  context.show(hook, () => {
    const used = hook.usedAt === null ? 'never called' : `last called ${moment(context, hook.usedAt)}`;
    return `"${environment}" has a deploy hook since ${moment(context, hook.createdAt)}, ${used}; its address is told only when it is made: "nightshift hook rotate ${environment}"`;
  });
}

export async function rotateHook(context: Context, [environment = '']: readonly string[]) {
  const made = await context.client.call<NewDeployHook>('POST', hookOf(environment));
  context.show(
    made,
    () =>
      `${made.url ?? made.path}\nPOST to it deploys "${environment}". It is not shown again, and an earlier one is void.`,
  );
}

export async function removeHook(context: Context, [environment = '']: readonly string[]) {
  await context.client.call('DELETE', hookOf(environment));
  context.show({ removed: environment }, () => `"${environment}" has no deploy hook any more`);
}

interface ApplyOptions {
  readonly env: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

/** Tells what would change, asks where a job would go, and then does it. */
export async function applyFile(context: Context, [name = '']: readonly string[], options: ApplyOptions) {
  const text = await textOf(context, name);
  const url = path`/environments/${options.env}/file`;
  const query = { wait: options.wait !== false };
  const planned = await context.client.call<FileDifference>('POST', url, query, { text, dryRun: true });
  const nothing = planned.lines.length === 0;
  if (options.dryRun === true || nothing) {
    return context.show(planned, () =>
      nothing ? `"${options.env}" is as ${printable(name)} says` : linesOf(planned),
    );
  }
  if (!context.json) context.say(linesOf(planned));
  if (planned.removed.length > 0) {
    const { removed } = planned;
    const whose = removed.length === 1 ? 'its' : 'their';
    await context.confirm(
      `removes ${removed.join(', ')} with ${whose} statistics and due times`,
      options.yes,
    );
  }
  const applied = await context.client.call<FileDifference>('POST', url, query, { text });
  context.show(applied, () => `"${options.env}" is as ${printable(name)} says now`);
}

const linesOf = ({ lines }: FileDifference): string => lines.map((line) => `${printable(line)}\n`).join('');

async function textOf(context: Context, name: string): Promise<string> {
  return new TextDecoder().decode(await readNamed(context, name, 'name a nightshift.yml', 2));
}
