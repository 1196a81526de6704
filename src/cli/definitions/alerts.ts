/** Commands about who is told of incidents. */
import type { Command } from 'commander';
import { atLeastOne, gathered, oneOf, quiet, wholeNumber } from '../options.ts';
import { define, type Runner, yes } from './definition.ts';

const commands = () => import('../commands/alerts.ts');
const ofEnvironment = [
  '--env <ENV>',
  "of this environment (default: the operator's own, which hear of everything)",
] as const;

export function alertCommands(program: Command, runner: Runner): void {
  const alerts = program.command('alerts').description('who is told of incidents, and how');
  channelCommands(alerts, runner);
  define(
    alerts,
    runner,
    'deliveries [ENV]',
    'what was sent and what waits, newest first',
    async () => (await commands()).listDeliveries,
  ).option('-n, --limit <N>', 'how many', atLeastOne, 20);
  ruleCommands(alerts, runner);
  settingsCommands(alerts, runner);
}

function channelCommands(alerts: Command, runner: Runner): void {
  define(alerts, runner, 'list [ENV]', 'the channels', async () => (await commands()).listChannels);
  const webhook = define(
    alerts,
    runner,
    'webhook <NAME> <URL>',
    'add a webhook; "-" reads its address from standard input',
    async () => (await commands()).addWebhook,
  )
    .option(...ofEnvironment)
    .addOption(
      oneOf('--shape <SHAPE>', 'what its receiver wants to read', [
        'nightshift',
        'slack',
        'discord',
        'teams',
      ]).default('nightshift'),
    );
  const mail = define(
    alerts,
    runner,
    'mail <NAME> <ADDRESS...>',
    'add mail addresses',
    async () => (await commands()).addMail,
  ).option(...ofEnvironment);
  const edit = define(
    alerts,
    runner,
    'edit <NAME>',
    'change of what a channel is told, and when',
    async () => (await commands()).editChannel,
  )
    .option(...ofEnvironment)
    .option('--all-kinds', 'of all kinds again')
    .option('--no-quiet', 'at any time again');
  for (const command of [webhook, mail, edit])
    command
      .option('--kind <KIND>', 'only of these kinds: repeat it, or use commas', gathered)
      .option('--quiet <HOURS>', 'not in these hours but after them, such as 22:00-07:00', quiet)
      .option('--timezone <TZ>', 'the time zone of those hours', 'UTC');
  define(
    alerts,
    runner,
    'remove <NAME>',
    'tell a channel no more',
    async () => (await commands()).removeChannel,
  )
    .option(...ofEnvironment)
    .option(...yes);
  define(
    alerts,
    runner,
    'test <NAME>',
    'send a test, and say whether it arrived',
    async () => (await commands()).testChannel,
  ).option(...ofEnvironment);
}

function ruleCommands(alerts: Command, runner: Runner): void {
  define(
    alerts,
    runner,
    'rules <ENV>',
    'of what the environment is told; with options: change that',
    async () => (await commands()).rules,
  )
    .option('--off <KIND>', 'not of these kinds: repeat it, or use commas', gathered)
    .option('--on <KIND>', 'of these again', gathered);
  define(alerts, runner, 'job <ENV> <JOB>', 'the same of one job', async () => (await commands()).jobRules)
    .option('--off <KIND>', 'not of these kinds: repeat it, or use commas', gathered)
    .option('--on <KIND>', 'of these again', gathered)
    .option('--after-fails <N>', 'of a failed cron only after so many fails in a row', atLeastOne)
    .option(
      '--ping <URL>',
      'tell this monitor of each run: /start and /fail are added to its address, or {state} in it replaced; "none" takes it away, "-" reads it from standard input',
    );
}

function settingsCommands(alerts: Command, runner: Runner): void {
  define(
    alerts,
    runner,
    'mail-server <HOST>',
    'where mail is handed in, or "none"',
    async () => (await commands()).setMailServer,
  )
    .option('--from <ADDRESS>', 'whom the mail is from')
    .option('--port <PORT>', 'its port (default: 587, with --tls 465)', wholeNumber)
    .option('--tls', 'TLS from the first byte; else STARTTLS where it is offered')
    .option('--user <USER>', 'log in as')
    .option('--password-file <FILE>', 'with the password in this file; "-" is standard input');
  define(
    alerts,
    runner,
    'set',
    'what holds for the alerts of all environments; without options: show it',
    async () => (await commands()).settings,
  )
    .option('--url <URL>', 'where people reach the dashboard, for links; or "none"')
    .option(
      '--heartbeat <URL>',
      'tell this monitor every minute that the scheduler lives; "none" takes it away, "-" reads it from standard input',
    )
    .option(
      '--allow <NETWORK>',
      'private addresses that webhooks of environments may reach, such as 10.0.0.0/8; may be repeated, or "none"',
      gathered,
    );
}
