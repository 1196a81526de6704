/** Commands about the daemon, this machine and the command line itself. */
import type { Command } from 'commander';
import { atLeastOne, duration, gathered, momentBefore, oneOf } from '../options.ts';
import { define, type Runner, yes } from './definition.ts';

const storeOption =
  'keep it in PostgreSQL: postgres://USER@HOST:5432/DATABASE (default: NIGHTSHIFT_STORE, where a password belongs, else files in the data folder)';

export function machineCommands(program: Command, runner: Runner): void {
  define(
    program,
    runner,
    'serve',
    'run the daemon',
    async () => (await import('../commands/machine.ts')).serve,
  )
    .option(
      '--listen <HOST:PORT>',
      'where the dashboard and the API listen, or "none" (default: 127.0.0.1:8484)',
    )
    .option('--ssh <HOST:PORT>', 'where SSH listens, or "none" (default: 127.0.0.1:2222)')
    .option(
      '--trust-proxy <ADDRESS>',
      "take a proxy's word about who asks and over TLS; an address or a network, may be repeated",
      gathered,
    )
    .option('--store <ADDRESS>', storeOption)
    .option('--operator-password-file <FILE>', 'make the account "operator", with the password in this file')
    .option(
      '--ssh-keepalive <DURATION>',
      'a client that is silent for so long is asked, three times, whether it is there (default: 15s)',
      duration,
    )
    .option('--push-limit <SIZE>', 'the most that one git push may send (default: 512MB)')
    .option('--push-file-limit <SIZE>', 'the largest file that may be pushed (default: 256MB)')
    .addOption(
      oneOf('--runtime <NAME>', 'how runs are isolated', ['auto', 'container', 'process']).default('auto'),
    )
    .option('--ephemeral', 'end the jobs together with the daemon');

  define(
    program,
    runner,
    'doctor',
    'what this machine can do, what is missing and how to get it',
    async () => (await import('../commands/machine.ts')).doctor,
  ).option('--store <ADDRESS>', storeOption);

  define(
    program,
    runner,
    'install [OPTIONS...]',
    'make a systemd service of it; OPTIONS, after --, are further ones of "serve"',
    async () => (await import('../commands/install.ts')).install,
  )
    .option('--now', 'let it begin with the machine, and start it; jobs that run go on')
    .option('--dry-run', 'say what would be done, and do nothing');

  define(
    program,
    runner,
    'uninstall',
    'end the jobs and take the service away; what they made and were told is kept',
    async () => (await import('../commands/install.ts')).uninstall,
  )
    .option('--purge', 'remove the data folder too: definitions, history, logs, variables')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option(...yes);

  define(
    program,
    runner,
    'crontab <EXPR>',
    'what a crontab expression means, in words, and when it is due next',
    async () => (await import('../commands/history.ts')).explainCrontab,
  )
    .option('--timezone <TZ>', 'its time zone', 'UTC')
    .option('--from <TIME>', 'count from this moment (default: now)', momentBefore(runner.now))
    .option('--next <N>', 'how many due times', atLeastOne, 5);

  define(
    program,
    runner,
    'completion <SHELL>',
    'print the completion script for bash, zsh or fish',
    async () => (await import('../commands/completion.ts')).completionScript,
  ).addHelpText(
    'after',
    '\nbash: source <(nightshift completion bash)\nzsh:  source <(nightshift completion zsh)\nfish: nightshift completion fish | source',
  );

  program
    .command('__complete [WORDS...]', { hidden: true })
    .allowUnknownOption()
    .action((_words, _options, command: Command) =>
      runner.run(command, async () => (await import('../commands/completion.ts')).complete(program)),
    );

  define(
    program,
    runner,
    'version',
    'print the version',
    async () => (await import('../commands/machine.ts')).version,
  );

  define(program, runner, 'help [COMMAND...]', 'show the help of a command', async () =>
    (await import('../commands/help.ts')).help(program),
  );
}
