/** Commands about jobs. */
import { Argument, type Command } from 'commander';
import { duration, exitCodes, limit, oneOf, wholeNumber } from '../options.ts';
import { define, noWait, type Runner, yes } from './definition.ts';

const commands = () => import('../commands/job.ts');
const pages = () => import('../commands/jobs.ts');

export function jobCommands(program: Command, runner: Runner): void {
  const job = program.command('job').description('add, change and act on one job');
  const add = define(job, runner, 'add <ENV> <NAME>', 'add a job', async () => (await commands()).addJob)
    .addArgument(
      new Argument('<TYPE>', 'worker runs non-stop, cron at its interval').choices(['worker', 'cron']),
    )
    .requiredOption('--command <CMD>', 'what to run: a shell command line');
  settings(add.option('--disabled', 'add it without starting it'));
  const edit = define(
    job,
    runner,
    'edit <ENV> <NAME>',
    'change settings of a job; a worker restarts',
    async () => (await commands()).editJob,
  )
    .option('--command <CMD>', 'what to run: a shell command line')
    .option('--enabled', 'enable it')
    .option('--disabled', 'disable it')
    .option(...force);
  settings(edit);
  define(
    job,
    runner,
    'show <ENV> <NAME>',
    'state, settings, last runs and next due times',
    async () => (await pages()).showJob,
  );
  define(
    job,
    runner,
    'remove <ENV> <NAME>',
    'stop a job and forget it',
    async () => (await commands()).removeJob,
  )
    .option(...yes)
    .option(...force);
  for (const [act, summary] of acts) {
    define(job, runner, `${act} <ENV> <NAME>`, summary, async () => {
      const { actOnJob } = await commands();
      return (context, words, options) => actOnJob(act, context, words, options);
    }).option(...noWait);
  }
  for (const [act, summary] of [
    ['pause', 'hold a cron back: due times are skipped, what runs goes on'],
    ['resume', 'let a cron that is held back go on'],
  ] as const) {
    define(job, runner, `${act} <ENV> <NAME>`, summary, async () => {
      const { pauseJob } = await commands();
      return (context, words) => pauseJob(act, context, words);
    });
  }
  define(
    job,
    runner,
    'run <ENV> <NAME>',
    'run a cron now; the exit code says whether it went well',
    async () => (await commands()).runJob,
  ).option(...noWait);

  define(
    program,
    runner,
    'jobs <ENV>',
    'all jobs with their statistics',
    async () => (await pages()).listJobs,
  );
  define(
    program,
    runner,
    'restart <ENV>',
    'restart all enabled workers, each as "job restart" does; crons are not touched',
    async () => (await commands()).restartWorkers,
  ).option(...noWait);
  define(
    program,
    runner,
    'jobs-reset <ENV>',
    'reset the counters of all jobs, nothing else',
    async () => (await pages()).resetStatistics,
  );
}

const force = ['--force', 'also a job that nightshift.yml manages, until the next deployment'] as const;

const acts = [
  ['start', 'enable a job: a worker starts, a cron waits for its next due time'],
  ['stop', 'disable a job and stop what runs'],
  ['restart', 'restart a worker'],
] as const;

const settings = (command: Command): Command =>
  command
    .option('--signal <SIGNAL>', 'exit signal (default: TERM)')
    .option('--timeout <DURATION>', 'exit timeout: KILL follows after so long (default: 10s)', duration)
    .option('--instances <N>', 'worker: how many run at once (default: 1)', wholeNumber)
    .addOption(
      oneOf('--handover <ORDER>', 'worker: whether the old run ends before the new one starts', [
        'stop-first',
        'start-first',
      ]),
    )
    .option('--every <INTERVAL>', 'cron: 1m, 10m, 30m, 1h, 1d, 1w or 1mo')
    .option('--crontab <EXPR>', 'cron: a crontab expression, as "*/10 6-20 * * 1-5"')
    .option('--timezone <TZ>', 'cron: the time zone of the crontab expression (default: UTC)')
    .option('--max-runtime <DURATION>', 'cron: ended after so long (default: 12h)', duration)
    .option('--max-instances <N>', 'cron: how many may run at once (default: 5)', wholeNumber)
    .addOption(
      oneOf('--catch-up <WHICH>', 'cron: which due times are run later when the machine was down', [
        'none',
        'latest',
        'all',
      ]),
    )
    .option(
      '--catch-up-max-age <DURATION>',
      'cron: none older than this is caught up (default: 2d)',
      duration,
    )
    .addOption(
      oneOf('--on-deploy <WHAT>', 'cron: what a deployment does to its runs', ['finish', 'restart', 'wait']),
    )
    .option('--retries <N>', 'cron: how often a failed run is begun again (default: 0)', wholeNumber)
    .option('--retry-delay <DURATION>', 'cron: so long after it ended (default: 30s)', duration)
    .option('--retry-on <CODES>', 'cron: only after these exit codes, as 75,111 (default: any)', exitCodes)
    .option('--warn-late <DURATION>', 'cron: tell of starts later than this, or none', limit)
    .option('--warn-longer <DURATION>', 'cron: tell of runs that take longer than this, or none', limit)
    .option('--warn-shorter <DURATION>', 'cron: tell of runs that take less than this, or none', limit)
    .option(...noWait);
