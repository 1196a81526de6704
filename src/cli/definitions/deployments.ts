/** Commands about deployments: what became of them, the hook that begins them, and nightshift.yml without a push. */
import type { Command } from 'commander';
import { atLeastOne } from '../options.ts';
import { define, noWait, type Runner, yes } from './definition.ts';

const commands = () => import('../commands/deployments.ts');

export function deploymentCommands(program: Command, runner: Runner): void {
  define(
    program,
    runner,
    'deployments <ENV> [ID]',
    'the deployments, newest first; or one with its steps and what it printed',
    async () => (await commands()).listDeployments,
  ).option('-n, --limit <N>', 'how many', atLeastOne, 20);
  define(
    program,
    runner,
    'apply <FILE>',
    'make the jobs what a nightshift.yml says, after telling what changes',
    async () => (await commands()).applyFile,
  )
    .requiredOption('--env <ENV>', 'the environment')
    .option('--dry-run', 'only tell what would change')
    .option(...yes)
    .option(...noWait);
  const hook = program
    .command('hook')
    .description('the deploy hook: an address that deploys when it is called');
  define(
    hook,
    runner,
    'show <ENV>',
    'is there one, and was it called?',
    async () => (await commands()).showHook,
  );
  define(
    hook,
    runner,
    'rotate <ENV>',
    'make one, or give it another secret; prints its address, once',
    async () => (await commands()).rotateHook,
  );
  define(hook, runner, 'remove <ENV>', 'take it away', async () => (await commands()).removeHook);
}
