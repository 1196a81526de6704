/** Commands that print one page and end. */
import { colours, noColours } from '../../contract/paint.ts';
import { printable } from '../../contract/printable.ts';
import { statisticsTable } from '../../contract/statistics-table.ts';
import type { Actor } from '../../control/control.ts';
import { jobToSummary } from '../../wire/to-wire.ts';
import { linesFor, type SessionIo } from '../session-io.ts';
import type { SshParts } from '../ssh-server.ts';

export function showHelp({ hostName }: SshParts, io: SessionIo): void {
  const { environment } = io;
  io.stdout.write(
    linesFor(
      io,
      `This is "${environment}" on ${hostName}, served by Nightshift. What to say after ssh ${environment}@HOST:

  jobs [--json]    the jobs with their statistics; jobs_reset resets the counters, nothing else
  tail             what the jobs print: the last 20 lines, then live; narrow it with
                   source:worker, source:cron, job:NAME or level:ERR, and mono for no colours
  keygen           the key that "${environment}" shows to hosts of private repositories
  help             this page

Anything else runs once inside the environment, in its root and under its plan: php artisan migrate
`,
    ),
  );
}

export async function showJobs(
  { control }: SshParts,
  actor: Actor,
  json: boolean,
  io: SessionIo,
): Promise<void> {
  const views = await control.jobs(actor, io.environment);
  const jobs = views.map(jobToSummary);
  if (json) {
    io.stdout.write(linesFor(io, `${JSON.stringify(jobs, null, 2)}\n`));
    return;
  }
  const { notices } = await control.environment(actor, io.environment);
  const table =
    jobs.length === 0
      ? `"${io.environment}" has no jobs: add one with "nightshift job add ${io.environment} NAME worker --command CMD"\n`
      : statisticsTable(jobs, io.terminal === null ? noColours : colours);
  const said = notices.map((notice) => `! ${printable(notice)}\n`).join('');
  io.stdout.write(linesFor(io, said === '' ? table : `${table}\n${said}`));
}

export async function showDeployKey({ control }: SshParts, actor: Actor, io: SessionIo): Promise<void> {
  const publicKey = await control.deployKey(actor, io.environment);
  io.stdout.write(linesFor(io, `${publicKey}\n`));
}
