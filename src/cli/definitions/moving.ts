/** Commands about moving in and out: jobs of other programs, and backups. */
import { Argument, type Command } from 'commander';
import { exportFormats, importFormats } from '../../contract/moving-formats.ts';
import { define, noWait, type Runner, yes } from './definition.ts';

const backups = () => import('../commands/backup.ts');
const importing = () => import('../commands/import.ts');

export function movingCommands(program: Command, runner: Runner): void {
  define(
    program,
    runner,
    'import',
    'take jobs over from another program, after telling line by line what becomes of its file',
    async () => (await importing()).importJobs,
  )
    .addArgument(new Argument('<FORMAT>', 'whose file it is').choices(importFormats))
    .argument('<FILE...>', 'the file, or "-" for standard input; files that it includes are read too')
    .requiredOption('--env <ENV>', 'the environment that gets the jobs')
    .option('--dry-run', 'only tell what would change')
    .option('--plan <PLAN>', 'book this plan in the same step')
    .option('--timezone <TZ>', 'crontabs: the time zone that they were written for (default: this machine’s)')
    .option('--print', 'print the jobs as a nightshift.yml, and change nothing')
    .option(...yes)
    .option(...noWait);

  define(
    program,
    runner,
    'export',
    'print the jobs in the form of another program; what it can not say stands in comments',
    async () => (await importing()).exportJobs,
  )
    .addArgument(new Argument('<FORMAT>', 'whose form').choices(exportFormats))
    .argument('<ENV>', 'the environment');
  define(
    program,
    runner,
    'backup <FILE>',
    'everything that the daemon keeps, as of one moment, in one file; jobs go on meanwhile',
    async () => (await backups()).makeBackup,
  )
    .option('--passphrase-file <FILE>', 'the passphrase that seals the secrets, in place of asking for it')
    .option('--no-secrets', 'leave the secrets out: restoring needs secret.key of the data folder then');
  define(
    program,
    runner,
    'restore <FILE>',
    'make a backup the data folder of a daemon, on this machine or another; the folder must be empty',
    async () => (await backups()).restoreBackup,
  )
    .option('--passphrase-file <FILE>', 'the passphrase of the backup, in place of asking for it')
    .option('--key-file <FILE>', 'secret.key of the old data folder, for a backup without secrets')
    .option(
      '--catch-up',
      'let crons run what was due since the backup (default: it may have run, and is not run again)',
    );
}
