/** `alerts`: channels, rules, settings and what was sent. */
import { text } from 'node:stream/consumers';
import type {
  AddedAlertChannel,
  AlertChannel,
  AlertChannelChange,
  AlertDelivery,
  AlertRules,
  AlertRulesChange,
  AlertSettings,
  AlertSettingsChange,
  NewAlertChannel,
} from '../../contract/alert.ts';
import type { List } from '../../contract/wire.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { readNamed } from '../named-file.ts';
import { relativeTime, utcTime } from '../output/moments.ts';
import { type Column, facts, table } from '../output/table.ts';

interface ChannelOptions {
  readonly env?: string;
  readonly shape?: NewAlertChannel['shape'];
  readonly kind?: readonly string[];
  readonly allKinds?: boolean;
  /** False: `--no-quiet`. */
  readonly quiet?: { readonly from: string; readonly until: string } | boolean;
  readonly timezone: string;
}

/** What commander makes of an option that has a `--no-` twin is true where neither was given. */
const settingsOf = ({ kind, allKinds, quiet, timezone }: ChannelOptions): AlertChannelChange => ({
  ...(kind === undefined ? {} : { kinds: [...kind] }),
  ...(allKinds === true ? { kinds: null } : {}),
  ...(typeof quiet === 'object' ? { quiet: { ...quiet, timezone } } : {}),
  ...(quiet === false ? { quiet: null } : {}),
});

async function add(context: Context, body: NewAlertChannel): Promise<void> {
  const added = await context.client.call<AddedAlertChannel>('POST', '/alerts/channels', {}, body);
  context.show(added, ({ channel, signingKey }) => {
    const key =
      signingKey === null
        ? ''
        : `\nwhat it is sent is signed (standardwebhooks.com) with this key, which is told only now:\n${signingKey}`;
    return `"${channel.name}" is told of ${inWords(channel)}, at ${channel.target}; try it with "nightshift alerts test ${channel.name}${channel.environment === null ? '' : ` --env ${channel.environment}`}"${key}`;
  });
}

const inWords = ({ kinds, environment }: AlertChannel): string =>
  `${kinds === null ? 'all incidents' : kinds.join(', ')}${environment === null ? '' : ` of "${environment}"`}`;

export async function addWebhook(
  context: Context,
  [name = '', url = '']: readonly string[],
  options: ChannelOptions,
) {
  const { env, shape } = options;
  await add(context, {
    ...{ environment: env ?? null, name, kind: 'webhook', url: await secretOf(context, url) },
    ...(shape === undefined ? {} : { shape }),
    ...settingsOf(options),
  });
}

export const addMail = async (
  context: Context,
  [name = '', ...to]: readonly string[],
  options: ChannelOptions,
) => add(context, { environment: options.env ?? null, name, kind: 'mail', to, ...settingsOf(options) });

export async function editChannel(context: Context, [name = '']: readonly string[], options: ChannelOptions) {
  const { id } = await channelOf(context, name, options.env);
  const changed = await context.client.call<AlertChannel>(
    'PATCH',
    path`/alerts/channels/${id}`,
    {},
    settingsOf(options),
  );
  context.show(changed, () => `"${name}" is told of ${inWords(changed)}${quietInWords(changed, ', not ')}`);
}

const quietInWords = ({ quiet }: AlertChannel, before = ''): string =>
  quiet === null ? '' : `${before}${quiet.from}-${quiet.until} ${quiet.timezone}`;

export async function removeChannel(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly env?: string; readonly yes?: boolean },
) {
  const { id, target } = await channelOf(context, name, options.env);
  await context.confirm(`removes the channel "${name}" to ${target}, and what waits for it`, options.yes);
  await context.client.call('DELETE', path`/alerts/channels/${id}`);
  context.show({ removed: name }, () => `"${name}" is told no more`);
}

export async function testChannel(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly env?: string },
) {
  const { id, target } = await channelOf(context, name, options.env);
  await context.client.call('POST', path`/alerts/channels/${id}/test`);
  context.show({ tested: name }, () => `a test has arrived at ${target}`);
}

/** By its name among those of the environment, or of the operator. */
async function channelOf(
  context: Context,
  name: string,
  environment: string | undefined,
): Promise<AlertChannel> {
  const query = environment === undefined ? {} : { environment };
  const { items } = await context.client.get<List<AlertChannel>>('/alerts/channels', query);
  const found = items.find((each) => each.name === name && each.environment === (environment ?? null));
  if (found !== undefined) return found;
  const elsewhere = items.find((each) => each.name === name)?.environment;
  const hint =
    elsewhere == null ? 'see "nightshift alerts list"' : `"${elsewhere}" has one: add --env ${elsewhere}`;
  const whose = environment === undefined ? '' : ` of "${environment}"`;
  throw new CliFailure('alert.channel-unknown', `there is no alert channel "${name}"${whose}: ${hint}`);
}

export async function listChannels(context: Context, [environment]: readonly string[]) {
  const query = environment === undefined ? {} : { environment };
  const { items } = await context.client.get<List<AlertChannel>>('/alerts/channels', query);
  const columns: readonly Column<AlertChannel>[] = [
    { title: 'Name', cell: (each) => each.name },
    { title: 'Of', cell: (each) => each.environment ?? 'everything' },
    {
      title: 'By',
      cell: (each) => (each.shape === null || each.shape === 'nightshift' ? each.kind : each.shape),
    },
    { title: 'To', cell: (each) => each.target },
    { title: 'Quiet', cell: (each) => (each.quiet === null ? '-' : quietInWords(each)) },
    { title: 'Kinds', cell: (each) => each.kinds?.join(', ') ?? 'all' },
  ];
  context.show(items, () =>
    items.length === 0
      ? 'nobody is told of incidents: "nightshift alerts webhook" or "nightshift alerts mail" adds a channel'
      : table(columns, items, context.paint.dim),
  );
}

export async function listDeliveries(
  context: Context,
  [environment]: readonly string[],
  options: { readonly limit: number },
) {
  const deliveries = await context.client.history<AlertDelivery>(
    '/alerts/deliveries',
    { environment },
    options.limit,
  );
  const query = environment === undefined ? {} : { environment };
  const { items: channels } = await context.client.get<List<AlertChannel>>('/alerts/channels', query);
  const nameOf = (id: string): string => channels.find((each) => each.id === id)?.name ?? id;
  const columns: readonly Column<AlertDelivery>[] = [
    { title: 'Made', cell: (each) => utcTime(each.createdAt) },
    { title: 'Of', cell: (each) => each.environment ?? 'everything' },
    { title: 'Channel', cell: (each) => nameOf(each.channel) },
    { title: 'Tells', cell: (each) => each.phase },
    {
      title: 'State',
      cell: (each) => each.state.replace('-', ' '),
      paint: (text, each) => (each.state === 'given-up' ? context.paint.bad(text) : text),
    },
    { title: 'Attempts', align: 'right', cell: (each) => String(each.attempts) },
    {
      title: 'Next',
      cell: (each) => (each.dueAt === null ? '-' : relativeTime(context, each.dueAt)),
    },
    { title: 'Trouble', cell: (each) => each.trouble ?? '-' },
  ];
  context.show(deliveries, () =>
    deliveries.length === 0 ? 'nothing was sent yet' : table(columns, deliveries, context.paint.dim),
  );
}

interface RuleOptions {
  readonly off?: readonly string[];
  readonly on?: readonly string[];
  readonly afterFails?: number;
  readonly ping?: string;
}

const withWords = (before: readonly string[], { off = [], on = [] }: RuleOptions): string[] => [
  ...new Set([...before, ...off].filter((kind) => !on.includes(kind))),
];

export async function rules(context: Context, [environment = '']: readonly string[], options: RuleOptions) {
  const url = path`/environments/${environment}/alert-rules`;
  const before = await context.client.get<AlertRules>(url);
  const isChange = options.off !== undefined || options.on !== undefined;
  const change: AlertRulesChange = { off: withWords(before.off, options) };
  const now = isChange ? await context.client.call<AlertRules>('PATCH', url, {}, change) : before;
  context.show(now, () => rulesInWords(environment, now));
}

export async function jobRules(
  context: Context,
  [environment = '', job = '']: readonly string[],
  options: RuleOptions,
) {
  const url = path`/environments/${environment}/alert-rules`;
  const before = await context.client.get<AlertRules>(url);
  const { off, on, afterFails, ping } = options;
  const settings = {
    ...(off === undefined && on === undefined
      ? {}
      : { off: withWords(before.jobs[job]?.off ?? [], options) }),
    ...(afterFails === undefined ? {} : { afterFails }),
  };
  const address = ping === undefined || ping === 'none' ? null : await secretOf(context, ping);
  const change: AlertRulesChange = {
    ...(Object.keys(settings).length === 0 ? {} : { jobs: { [job]: settings } }),
    ...(ping === undefined ? {} : { pings: { [job]: address } }),
  };
  const isChange = Object.keys(change).length > 0;
  const now = isChange ? await context.client.call<AlertRules>('PATCH', url, {}, change) : before;
  context.show(now, () => rulesInWords(environment, now, job));
}

function rulesInWords(environment: string, { off, jobs, pings }: AlertRules, only?: string): string {
  const lines = [
    off.length === 0
      ? `"${environment}" is told of every kind of incident`
      : `"${environment}" is told of every kind of incident but ${off.join(', ')}`,
    ...Object.entries(jobs)
      .filter(([job]) => only === undefined || job === only)
      .map(([job, each]) => {
        const parts = [
          ...(each.off.length === 0 ? [] : [`not of ${each.off.join(', ')}`]),
          ...(each.afterFails === 1 ? [] : [`of fails only after ${each.afterFails} in a row`]),
        ];
        return `"${job}": ${parts.join(', ')}`;
      }),
    ...Object.entries(pings)
      .filter(([job]) => only === undefined || job === only)
      .map(([job, host]) => `"${job}": each run is told to a monitor at ${host}`),
  ];
  return `${lines.join('\n')}\n`;
}

interface MailServerOptions {
  readonly from?: string;
  readonly port?: number;
  readonly tls?: boolean;
  readonly user?: string;
  readonly passwordFile?: string;
}

export async function setMailServer(
  context: Context,
  [host = '']: readonly string[],
  options: MailServerOptions,
) {
  const { from, tls = false, user, passwordFile } = options;
  if (host !== 'none' && from === undefined)
    throw new CliFailure('usage', 'say whom the mail is from: --from jobs@example.com', 2);
  const password =
    passwordFile === undefined
      ? {}
      : { password: await (passwordFile === '-' ? firstLine(context) : fileLine(context, passwordFile)) };
  const mailServer =
    host === 'none' || from === undefined
      ? null
      : { host, port: options.port ?? (tls ? 465 : 587), tls, user: user ?? null, from, ...password };
  await change(context, { mailServer });
}

export async function settings(
  context: Context,
  _words: readonly string[],
  options: { readonly url?: string; readonly allow?: readonly string[]; readonly heartbeat?: string },
) {
  const { url, allow, heartbeat } = options;
  const monitor = heartbeat === undefined || heartbeat === 'none' ? null : await secretOf(context, heartbeat);
  const wanted: AlertSettingsChange = {
    ...(heartbeat === undefined ? {} : { heartbeat: monitor }),
    ...(url === undefined ? {} : { publicUrl: url === 'none' ? null : url }),
    ...(allow === undefined ? {} : { allow: allow.filter((each) => each !== 'none') }),
  };
  if (Object.keys(wanted).length > 0) return await change(context, wanted);
  const now = await context.client.get<AlertSettings>('/alerts/settings');
  context.show(now, () => settingsInWords(context, now));
}

async function change(context: Context, wanted: AlertSettingsChange): Promise<void> {
  const now = await context.client.call<AlertSettings>('PATCH', '/alerts/settings', {}, wanted);
  context.show(now, () => settingsInWords(context, now));
}

function settingsInWords(
  context: Context,
  { publicUrl, allow, heartbeat, mailServer }: AlertSettings,
): string {
  const mail =
    mailServer === null
      ? 'none: alerts by mail wait'
      : `${mailServer.host}:${mailServer.port}${mailServer.tls ? ' with TLS' : ''}, from ${mailServer.from}${mailServer.user === null ? '' : `, as ${mailServer.user}`}`;
  return facts(
    [
      ['Links begin with', publicUrl ?? 'the address at which the dashboard listens'],
      ['Mail server', mail],
      ['Monitor of the scheduler', heartbeat ?? 'none'],
      ['Private addresses allowed', allow.length === 0 ? 'none' : allow.join(', ')],
    ],
    context.paint.dim,
  );
}

/** What should not stand in the shell's history comes from standard input. */
const secretOf = async (context: Context, word: string): Promise<string> =>
  word === '-' ? await firstLine(context) : word;

const firstLine = async ({ io }: Context): Promise<string> => lineOf(await text(io.stdin));
const fileLine = async (context: Context, file: string): Promise<string> =>
  lineOf(
    new TextDecoder().decode(await readNamed(context, file, 'name a file that begins with the password')),
  );

const lineOf = (content: string): string => content.split('\n', 1)[0]?.trim() ?? '';
