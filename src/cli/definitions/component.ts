/** Commands about environments, their variables, and the plan of their jobs component. */
import type { Command } from 'commander';
import { define, noWait, type Runner, yes } from './definition.ts';

const commands = () => import('../commands/environment.ts');

export function componentCommands(program: Command, runner: Runner): void {
  const env = program.command('env').description('environments and their variables');
  define(
    env,
    runner,
    'create <NAME>',
    'make an environment',
    async () => (await commands()).createEnvironment,
  )
    .requiredOption('--root <DIR>', 'its root folder')
    .option('--user <USER>', 'the system user its jobs run as (default: the owner of the root)')
    .option('--trial', 'on trial: no plan can be booked');
  define(env, runner, 'list', 'all environments', async () => (await commands()).listEnvironments);
  define(
    env,
    runner,
    'show <NAME>',
    'an environment: plan, usage, variables',
    async () => (await commands()).showEnvironment,
  ).option('--values', 'also the values of its variables');
  define(
    env,
    runner,
    'edit <NAME>',
    'begin or end the trial; mask secrets',
    async () => (await commands()).editEnvironment,
  )
    .option('--trial', 'on trial: no plan can be booked')
    .option('--no-trial', 'no longer on trial')
    .option('--mask-secrets', 'show what its jobs print with the names of secret variables for their values')
    .option('--no-mask-secrets', 'show what its jobs print as it is');
  for (const [act, summary] of [
    ['pause', 'hold all its crons back: due times are skipped, what runs goes on'],
    ['resume', 'let its crons go on'],
  ] as const) {
    define(env, runner, `${act} <NAME>`, summary, async () => {
      const { pauseEnvironment } = await commands();
      return (context, words) => pauseEnvironment(act === 'pause', context, words);
    });
  }
  define(
    env,
    runner,
    'remove <NAME>',
    'stop all that runs in it and forget it; its root folder stays',
    async () => (await commands()).removeEnvironment,
  ).option(...yes);
  define(
    env,
    runner,
    'set <NAME> <KEY=VALUE...>',
    'set variables; the workers restart',
    async () => (await commands()).setVariables,
  ).option(...noWait);
  define(
    env,
    runner,
    'unset <NAME> <KEY...>',
    'remove variables; the workers restart',
    async () => (await commands()).unsetVariables,
  ).option(...noWait);

  const plan = program.command('plan').description('plans');
  define(plan, runner, 'list', 'the plans that can be booked', async () => (await commands()).listPlans);

  define(
    program,
    runner,
    'book <ENV> <PLAN>',
    'book the jobs component, or change its plan',
    async () => (await commands()).book,
  )
    .option('--force', 'also when the jobs hold more memory now than the plan has')
    .option(...noWait);
  define(
    program,
    runner,
    'unbook <ENV>',
    'stop the jobs and give the component up; definitions stay',
    async () => (await commands()).unbook,
  ).option(...noWait);
}
