/** Commands about who may do what: accounts, members of environments, tokens, and what everybody did. */
import type { Command } from 'commander';
import { atLeastOne, gathered, limit, oneOf } from '../options.ts';
import { define, type Runner, yes } from './definition.ts';

const commands = () => import('../commands/access.ts');

export function accessCommands(program: Command, runner: Runner): void {
  userCommands(program, runner);
  memberCommands(program, runner);
  tokenCommands(program, runner);
  define(
    program,
    runner,
    'activity [ENV]',
    'who did what, when and from where, newest first',
    async () => (await commands()).listActivity,
  ).option('-n, --limit <N>', 'how many entries', atLeastOne, 50);
}

function userCommands(program: Command, runner: Runner): void {
  const user = program.command('user').description('accounts of people');
  define(
    user,
    runner,
    'add <NAME>',
    'add an account; prints the link by which its owner chooses a password',
    async () => (await commands()).addUser,
  )
    .option('--operator', 'sees and may do everything (default: a member)')
    .option('--environment <ENV>', 'make it a member of this one; may be repeated', gathered);
  define(user, runner, 'list', 'all accounts', async () => (await commands()).listUsers);
  define(
    user,
    runner,
    'role <NAME> <ROLE>',
    'make it an operator, or a member',
    async () => (await commands()).changeRole,
  );
  define(
    user,
    runner,
    'reset <NAME>',
    'take the password away and end the sessions; prints a link to choose a new one',
    async () => (await commands()).resetUser,
  ).option(...yes);
  define(
    user,
    runner,
    'remove <NAME>',
    'remove an account with its sessions, tokens and SSH keys',
    async () => (await commands()).removeUser,
  ).option(...yes);
}

function memberCommands(program: Command, runner: Runner): void {
  const member = program.command('member').description('members of an environment');
  define(member, runner, 'list <ENV>', 'the members', async () => (await commands()).listMembers);
  define(
    member,
    runner,
    'add <ENV> <NAME>',
    'let an account see the environment and change what is in it',
    async () => (await commands()).addMember,
  );
  define(
    member,
    runner,
    'remove <ENV> <NAME>',
    'let it do so no more',
    async () => (await commands()).removeMember,
  );
}

function tokenCommands(program: Command, runner: Runner): void {
  const token = program.command('token').description('tokens: passwords for programs that use the API');
  define(
    token,
    runner,
    'create',
    'make a token; it is printed once',
    async () => (await commands()).createToken,
  )
    .requiredOption('--name <NAME>', 'what it is for')
    .addOption(oneOf('--scope <SCOPE>', 'what it may do', ['read', 'write', 'operator']).default('read'))
    .option('--environment <ENV>', 'it sees only this one; may be repeated', gathered)
    .option('--expires <TIME>', 'how long it is good, such as 90d, or "none"', limit, 'none');
  define(token, runner, 'list', 'all tokens', async () => (await commands()).listTokens);
  define(
    token,
    runner,
    'remove <TOKEN>',
    'make a token useless, by its name or id',
    async () => (await commands()).removeToken,
  );
}
