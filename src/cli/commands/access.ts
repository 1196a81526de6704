/** `user`, `member`, `token` and `activity`. */
import type { CreatedToken, InvitedUser, NewLink, Token, User } from '../../contract/account.ts';
import type { Activity } from '../../contract/daemon.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { moment, utcTime } from '../output/moments.ts';
import { type Column, printable, table } from '../output/table.ts';

/** Where the daemon does not know its address, the reader knows it. */
const toldLink = (context: Context, link: NewLink): string =>
  `${link.url ?? `the dashboard's address, and then ${link.path}`}\n(good once, until ${utcTime(link.expiresAt)}, ${moment(context, link.expiresAt).split(',')[0]})`;

export async function addUser(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly operator?: boolean; readonly environment?: readonly string[] },
) {
  const role = options.operator === true ? 'operator' : 'member';
  const body = { name, role, environments: options.environment ?? [] };
  const invited = await context.client.call<InvitedUser>('POST', '/users', {}, body);
  context.show(
    invited,
    ({ user, link }) =>
      `"${user.name}" is ${user.role === 'operator' ? 'an operator' : 'a member'}; the password is chosen at\n${toldLink(context, link)}`,
  );
}

export async function listUsers(context: Context) {
  const users = await context.client.list<User>('/users');
  context.show(users, () =>
    users.length === 0
      ? 'there are no accounts: make one with "nightshift user add NAME --operator"'
      : usersTable(context, users),
  );
}

function usersTable(context: Context, users: readonly User[]): string {
  const columns: readonly Column<User>[] = [
    { title: 'Name', cell: (user) => user.name },
    { title: 'Role', cell: (user) => user.role },
    { title: 'State', cell: (user) => user.state },
    { title: 'Second factor', cell: (user) => (user.secondFactor ? 'yes' : '-') },
    { title: 'Seen', cell: (user) => moment(context, user.seenAt) },
    {
      title: 'Environments',
      cell: (user) => (user.role === 'operator' ? 'all' : user.environments.join(', ') || '-'),
    },
  ];
  return table(columns, users, context.paint.dim);
}

export async function changeRole(context: Context, [name = '', role = '']: readonly string[]) {
  if (role !== 'operator' && role !== 'member')
    throw new CliFailure('usage', `"${printable(role)}" is not a role: choose operator or member`, 2);
  const user = await context.client.call<User>('PATCH', path`/users/${name}`, {}, { role });
  context.show(user, (shown) => `"${shown.name}" is ${role === 'operator' ? 'an operator' : 'a member'} now`);
}

export async function resetUser(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly yes?: boolean },
) {
  await context.confirm(`Take the password of "${printable(name)}" away?`, options.yes);
  const link = await context.client.call<NewLink>('POST', path`/users/${name}/reset`);
  context.show(
    link,
    () =>
      `the sessions of "${printable(name)}" have ended; a new password is chosen at\n${toldLink(context, link)}`,
  );
}

export async function removeUser(
  context: Context,
  [name = '']: readonly string[],
  options: { readonly yes?: boolean },
) {
  await context.confirm(`Remove the account "${printable(name)}"?`, options.yes);
  await context.client.call('DELETE', path`/users/${name}`);
  context.show({ name, removed: true }, () => `the account "${printable(name)}" is removed`);
}

export async function listMembers(context: Context, [environment = '']: readonly string[]) {
  const members = await context.client.list<User>(path`/environments/${environment}/members`);
  context.show(members, () =>
    members.length === 0
      ? `"${environment}" has no members: add one with "nightshift member add ${environment} NAME"`
      : usersTable(context, members),
  );
}

export async function addMember(context: Context, [environment = '', name = '']: readonly string[]) {
  await context.client.call('PUT', path`/environments/${environment}/members/${name}`);
  context.show({ environment, name, member: true }, () => `"${name}" is a member of "${environment}"`);
}

export async function removeMember(context: Context, [environment = '', name = '']: readonly string[]) {
  await context.client.call('DELETE', path`/environments/${environment}/members/${name}`);
  context.show(
    { environment, name, member: false },
    () => `"${name}" is a member of "${environment}" no more`,
  );
}

export async function createToken(
  context: Context,
  _words: readonly string[],
  options: {
    readonly name: string;
    readonly scope: string;
    readonly environment?: readonly string[];
    readonly expires: number | 'none';
  },
) {
  const { name, scope, environment: environments, expires } = options;
  const expiresAt = expires === 'none' ? null : new Date(context.now + expires * 1000).toISOString();
  const body = { name, scope, expiresAt, ...(environments === undefined ? {} : { environments }) };
  const created = await context.client.call<CreatedToken>('POST', '/tokens', {}, body);
  context.show(created, ({ token }) => token);
  if (context.json) return;
  // Beside what is kept with `> FILE`: Prometheus and its kind take all of a file for the token.
  const use = `use it as "Authorization: Bearer ${created.token.slice(0, 6)}…"`;
  context.io.stderr.write(`this is the only time that it is shown: ${use}\n`);
}

export async function listTokens(context: Context) {
  const tokens = await context.client.list<Token>('/tokens');
  const columns: readonly Column<Token>[] = [
    { title: 'Name', cell: (token) => token.name },
    { title: 'Of', cell: (token) => token.account ?? '-' },
    { title: 'Scope', cell: (token) => token.scope },
    { title: 'Environments', cell: (token) => token.environments?.join(', ') ?? 'all' },
    { title: 'Used', cell: (token) => moment(context, token.lastUsedAt) },
    { title: 'Expires', cell: (token) => moment(context, token.expiresAt) },
    { title: 'Id', cell: (token) => token.id },
  ];
  context.show(tokens, () =>
    tokens.length === 0
      ? 'there are no tokens: make one with "nightshift token create --name NAME"'
      : table(columns, tokens, context.paint.dim),
  );
}

export async function removeToken(context: Context, [token = '']: readonly string[]) {
  await context.client.call('DELETE', path`/tokens/${token}`);
  context.show({ token, removed: true }, () => `the token "${printable(token)}" is good no more`);
}

export async function listActivity(
  context: Context,
  [environment]: readonly string[],
  options: { readonly limit: number },
) {
  const entries = await context.client.history<Activity>('/activity', { environment }, options.limit);
  const columns: readonly Column<Activity>[] = [
    { title: 'When', cell: (entry) => utcTime(entry.at) },
    { title: 'Who', cell: (entry) => entry.actor },
    { title: 'Via', cell: (entry) => entry.via ?? '-' },
    { title: 'From', cell: (entry) => entry.address ?? '-' },
    { title: 'Environment', cell: (entry) => entry.environment ?? '-' },
    { title: 'Act', cell: (entry) => entry.act },
    { title: 'Detail', cell: (entry) => entry.detail },
  ];
  context.show(entries, () =>
    entries.length === 0 ? 'nothing was done yet' : table(columns, entries, context.paint.dim),
  );
}
