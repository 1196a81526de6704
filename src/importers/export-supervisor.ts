/** Workers as programs of supervisord. */
import type { Job, Worker } from '../domain/job.ts';
import { isPlainCommand, type Origin, preface, unsaid } from './exported.ts';

/** What supervisord knows as a stopsignal. */
const signals = new Set(['TERM', 'HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2']);

export function exportSupervisor(jobs: readonly Job[], origin: Origin): string {
  const head = [
    ...preface(origin, 'supervisord'),
    'supervisord gives a program up that fails startretries times in a row: Nightshift never does.',
  ];
  const parts = jobs.map((job) =>
    job.type === 'worker' ? programOf(job, origin) : comment([cronInWords(job)]),
  );
  return [comment(head), ...parts].join('\n');
}

const comment = (lines: readonly string[]): string => lines.map((line) => `; ${line}\n`).join('');

const cronInWords = ({ name }: Job): string => `${name} is a cron: "nightshift export crontab" has it.`;

function programOf(job: Worker, { root, user }: Origin): string {
  const left = unsaid(job);
  const notes = [
    ...(left.length === 0
      ? []
      : [`${job.name} had settings that supervisord does not have: ${left.join(', ')}`]),
    ...(signals.has(job.exitSignal)
      ? []
      : [`${job.name} was asked to end by ${job.exitSignal}, which is no stopsignal of supervisord`]),
  ];
  if (/[\n\r]/.test(job.command))
    return comment([
      ...notes,
      `${job.name} has a command of several lines: put it into a script. It is`,
      ...job.command.split(/[\n\r]+/),
    ]);
  const settings: [string, string | number][] = [
    ['command', commandOf(job.command)],
    ['directory', escaped(root)],
    ['user', user],
    ...(job.instances === 1
      ? []
      : ([
          ['numprocs', job.instances],
          ['process_name', '%(program_name)s_%(process_num)02d'],
        ] as [string, string | number][])),
    ['autostart', String(job.status === 'enabled')],
    ['autorestart', 'true'],
    ['startretries', 1_000_000],
    ...(signals.has(job.exitSignal) ? ([['stopsignal', job.exitSignal]] as [string, string][]) : []),
    ['stopwaitsecs', job.exitTimeoutSeconds],
    ['killasgroup', 'true'],
  ];
  return `${comment(notes)}[program:${job.name}]\n${settings.map(([name, value]) => `${name} = ${value}\n`).join('')}`;
}

/** supervisord starts programs without a shell; what needs one gets one. */
function commandOf(command: string): string {
  if (isPlainCommand(command)) return command;
  // A blank before ";" or "#" would begin a comment, also within quotes.
  const quoted = `'${command.replaceAll("'", `'\\''`)}'`.replaceAll(/(\s)(?=[;#])/g, "$1''");
  return escaped(`/bin/sh -c ${quoted}`);
}

const escaped = (text: string): string => text.replaceAll('%', '%%');
