/** Commands about what ran, what will run, what was said; remote commands and deployments. */
import type { Command } from 'commander';
import { atLeastOne, duration, gathered, lines, momentBefore, oneOf } from '../options.ts';
import { define, noWait, type Runner } from './definition.ts';

const commands = () => import('../commands/history.ts');

export function historyCommands(program: Command, runner: Runner): void {
  define(program, runner, 'runs <ENV>', 'the runs, newest first', async () => (await commands()).listRuns)
    .option('--job <NAME>', 'only of this job')
    .option('-n, --limit <N>', 'how many', atLeastOne, 50);

  define(
    program,
    runner,
    'crons <ENV>',
    'when the crons are due next, or what became of their due times',
    async () => (await commands()).listCrons,
  )
    .option('--next <N>', 'how many', atLeastOne, 20)
    .option('--past', 'the ledger: past due times, newest first, and what became of them')
    .option('-n, --limit <N>', 'how many; the same as --next', atLeastOne)
    .option('--job <NAME>', 'only of this job');

  define(
    program,
    runner,
    'why <ENV> <JOB>',
    'why a job is as it is, what happened to it, and what helps',
    async () => (await import('../commands/why.ts')).showWhy,
  );

  define(
    program,
    runner,
    'advice <ENV>',
    'whether the plan fits, and what could be better about the jobs, from what was measured',
    async () => (await import('../commands/advice.ts')).showAdvice,
  );

  define(
    program,
    runner,
    'incidents [ENV]',
    'what somebody should know of, newest first: crons that failed or were missed, crash loops, memory and disks that run short',
    async () => (await import('../commands/incidents.ts')).listIncidents,
  )
    .option('--open', 'only those that are not over')
    .option('-n, --limit <N>', 'how many', atLeastOne, 50);

  define(
    program,
    runner,
    'metrics <ENV>',
    'what the jobs used over time: memory, CPU, swap, cron runs and fails, worker starts',
    async () => (await import('../commands/metrics.ts')).showMetrics,
  )
    .option('--since <TIME>', 'from this moment, or from so long ago (default: 1d)', momentBefore(runner.now))
    .option('--until <TIME>', 'before this moment, or before so long ago', momentBefore(runner.now))
    .option('--step <TIME>', 'how long a point is; as short as can be by default', duration)
    .option('--job <NAME>', 'only of this job');

  define(
    program,
    runner,
    'logs <ENV>',
    'what the jobs print',
    async () => (await import('../commands/logs.ts')).logs,
  )
    .option('-f, --follow', 'go on with new lines as they come')
    .option(
      '-n, --lines <N>',
      'only the last so many, or "all" (default: 100; all with --since or --run)',
      lines,
    )
    .option('--job <NAME>', 'only of these jobs: repeat it, or use commas', gathered)
    .addOption(oneOf('--level <LEVEL>', 'only of this level', ['DEBUG', 'INFO', 'WARN', 'ERR']))
    .option('--run <ID>', 'only of this run')
    .option('--since <TIME>', 'from this moment, or from so long ago: 1h', momentBefore(runner.now))
    .option('--until <TIME>', 'before this moment, or before so long ago', momentBefore(runner.now))
    .option('--grep <TEXT>', 'only lines that contain this text')
    .option('--mask', 'put the names of secret variables in place of their values')
    .option('--newest-first', 'backwards in time, lines as they are found')
    .option(
      '--download <FILE>',
      'all of it (or what the other options leave) into a file: .gz and .zst are compressed, .ndjson and --json hold entries',
    );

  define(
    program,
    runner,
    'exec <ENV> <CMD...>',
    'run a command inside the environment',
    async () => (await import('../commands/exec.ts')).exec,
  )
    .usage('[options] <ENV> -- <CMD...>')
    .option('-t, --terminal', 'give it a terminal')
    .addHelpText(
      'after',
      '\nOne word is a shell command line, several are a program with its arguments. It gets stdin, and its exit code is\nthe exit code (128+n for a signal).',
    );

  define(
    program,
    runner,
    'deploy <ENV>',
    'restart the workers gracefully for code that came another way',
    async () => (await commands()).deploy,
  ).option(...noWait);
}
