/** Commands about SSH keys. */
import type { Command } from 'commander';
import { define, type Runner } from './definition.ts';

const account = ['--account', 'the name is that of an account: the key opens all that it sees'] as const;

const commands = () => import('../commands/key.ts');

export function keyCommands(program: Command, runner: Runner): void {
  const key = program.command('key').description('SSH keys that open environments');
  define(
    key,
    runner,
    'add <ENV> <FILE>',
    'let a public key open the environment over SSH; - reads it from standard input',
    async () => (await commands()).addKey,
  )
    .option('--name <NAME>', 'what it is called (default: the comment in the file)')
    .option(...account);
  define(
    key,
    runner,
    'list <ENV>',
    'the SSH keys of an environment',
    async () => (await commands()).listKeys,
  ).option(...account);
  define(
    key,
    runner,
    'remove <ENV> <KEY>',
    'take a key away, by its name or fingerprint',
    async () => (await commands()).removeKey,
  ).option(...account);
}
