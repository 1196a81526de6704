/**
 * The error catalogue: every rule that can refuse something, with one sentence that says what to do.
 * A code is stable: API clients and docs name it. `status` is the HTTP status a transport translates it to.
 * A refusal is about what was asked; `unavailable.*` is about this machine. Everything else that is thrown is a bug.
 */

import { accountErrors } from './account-errors.ts';
import { alertErrors } from './alert-errors.ts';
import { deployErrors } from './deploy-errors.ts';
import { type Entry, entry, type Parameters } from './error-entry.ts';
import { logErrors } from './log-errors.ts';
import { movingErrors } from './moving-errors.ts';
import { sshErrors } from './ssh-errors.ts';
import { storeErrors } from './store-errors.ts';

export const catalogue = {
  'environment.unknown': entry(
    404,
    (p) => `there is no environment "${p.environment}": see "nightshift env list"`,
  ),
  'environment.exists': entry(
    409,
    (p) => `an environment "${p.environment}" exists already: choose another name`,
    'name',
  ),
  'environment.stale': entry(
    412,
    (p) =>
      `the environment "${p.environment}" was changed${p.changed} since you read it: read it again, and make your change to what it is now`,
  ),
  'environment.name': entry(
    422,
    (p) =>
      `"${p.name}" is not a name for an environment: use up to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit`,
    'name',
  ),
  'environment.too-many': entry(
    422,
    (p) => `this machine has ${p.limit} environments, and that is the limit: remove one first`,
  ),
  'environment.root-missing': entry(
    422,
    (p) => `the root folder ${p.root} does not exist: make it, or name another with --root`,
    'root',
  ),
  'environment.root-not-folder': entry(
    422,
    (p) => `the root ${p.root} is not a folder: name a folder with --root`,
    'root',
  ),
  'environment.root-unreadable': entry(
    422,
    (p) =>
      `the root ${p.root} can't be read (${p.why}): give the daemon's user access to it, or name another with --root`,
    'root',
  ),
  'environment.root-forbidden': entry(
    422,
    (p) => `${p.root} can't be the root of an environment (${p.why}): name a folder of its own with --root`,
    'root',
  ),
  'environment.root-relative': entry(
    422,
    (p) => `the root "${p.root}" is not an absolute path: begin it with /`,
    'root',
  ),
  'environment.root-taken': entry(
    409,
    (p) =>
      `the root ${p.root} lies in that of the environment "${p.environment}" or around it: each environment needs a folder of its own`,
    'root',
  ),
  'environment.user-unknown': entry(
    422,
    (p) =>
      `there is no system user "${p.user}": make it with "useradd --system ${p.user}", or leave --user away`,
    'user',
  ),
  'environment.busy': entry(
    409,
    (p) => `environment "${p.environment}" is being removed: wait until that is done`,
  ),
  'environment.trial-booked': entry(
    409,
    (p) =>
      `"${p.environment}" has plan ${p.plan} booked and can't be on trial: unbook it with "nightshift unbook ${p.environment}" first`,
  ),
  'environment.too-busy': entry(
    429,
    (p) => `${p.limit} changes to "${p.environment}" wait already: try again when they are done`,
  ),
  'environment.user-failed': entry(
    503,
    (p) => `the system user ${p.user} could not be set up (${p.why}): name another one with --user`,
    'user',
  ),
  'environment.user-not-ours': entry(
    422,
    (p) =>
      `jobs can't run as ${p.user}, because the daemon runs as ${p.current}: leave --user away, or run the daemon as root`,
    'user',
  ),
  'environment.removal-failed': entry(
    503,
    (p) =>
      `"${p.environment}" could not be removed completely (${p.why}): nothing of it is started any more; remove it again to go on`,
  ),
  'platform.failed': entry(
    503,
    (p) =>
      `the change to "${p.environment}" is kept and could not be carried out yet (${p.why}): it is tried again by itself, see "nightshift env show ${p.environment}"`,
  ),
  'platform.unavailable': entry(
    503,
    (p) => `"${p.environment}" could not do that now (${p.why}): look at "nightshift doctor" and try again`,
  ),
  'variable.name': entry(
    422,
    (p) =>
      `"${p.name}" is not a name for a variable: use letters, digits and underscores, not beginning with a digit`,
  ),
  'variable.reserved': entry(
    422,
    (p) => `"${p.name}" is set by Nightshift itself: choose a name that does not begin with NIGHTSHIFT_`,
  ),
  'variable.value': entry(
    422,
    (p) =>
      `the value of "${p.name}" is longer than 65536 characters or holds a NUL: keep large values in a file below the root`,
  ),
  'variable.unknown': entry(
    404,
    (p) =>
      `environment "${p.environment}" has no variable "${p.name}": see "nightshift env show ${p.environment}"`,
  ),
  'variable.too-many': entry(
    422,
    (p) => `an environment holds ${p.limit} variables at most: keep more in a file below the root`,
  ),
  'plan.unknown': entry(422, (p) => `there is no plan "${p.plan}": choose one of ${p.plans}`, 'plan'),
  'plan.jobs-exceeded': entry(
    409,
    (p) =>
      `plan ${p.plan} holds ${p.jobs} enabled jobs and "${p.environment}" would have ${p.enabled}: disable some with "nightshift job stop", or book a larger plan`,
    'plan',
  ),
  'plan.memory-exceeded': entry(
    409,
    (p) =>
      `plan ${p.plan} has ${p.memory} and ${p.enabled} enabled jobs need ${p.needed} (128 MB each): disable some with "nightshift job stop", or book a larger plan`,
    'plan',
  ),
  'plan.memory-in-use': entry(
    409,
    (p) =>
      `the jobs of "${p.environment}" hold ${p.used} now and plan ${p.plan} has ${p.memory}: stop some first, or use --force to have ended what does not fit`,
    'plan',
  ),
  'plans.file': entry(500, (p) => `plans.yml can't be used: ${p.why}`),
  'component.on-trial': entry(
    409,
    (p) => `"${p.environment}" is on trial and can't book a plan: end the trial first`,
  ),
  'component.not-booked': entry(
    409,
    (p) => `"${p.environment}" has no jobs component: book one with "nightshift book ${p.environment} M"`,
  ),
  'job.unknown': entry(
    404,
    (p) => `"${p.environment}" has no job "${p.job}": see "nightshift jobs ${p.environment}"`,
  ),
  'job.stale': entry(
    412,
    (p) =>
      `the job "${p.job}" was changed${p.changed} since you read it: read it again, and make your change to what it is now`,
  ),
  'job.exists': entry(
    409,
    (p) =>
      `"${p.environment}" has a job "${p.job}" already: choose another name, or change it with "nightshift job edit"`,
    'name',
  ),
  'job.name': entry(
    422,
    (p) =>
      `"${p.name}" is not a name for a job: use up to 63 letters, digits, ".", "_" and "-", beginning with a letter or digit`,
    'name',
  ),
  'job.too-many': entry(
    422,
    (p) => `"${p.environment}" has ${p.limit} jobs, and that is the limit: remove some first`,
  ),
  'job.command-empty': entry(422, () => 'the command is empty: say what to run with --command', 'command'),
  'job.command-invalid': entry(422, (p) => `the command can't be used: ${p.why}`, 'command'),
  'job.exit-signal': entry(
    422,
    (p) => `"${p.signal}" is not an exit signal: choose one of ${p.signals}`,
    'exitSignal',
  ),
  'job.exit-timeout': entry(
    422,
    (p) => `the exit timeout is ${p.seconds} s and must be between 1 s and 1 h`,
    'exitTimeoutSeconds',
  ),
  'job.instances': entry(
    422,
    (p) => `${p.instances} instances are not possible: choose between 1 and ${p.limit}`,
    'instances',
  ),
  'job.max-runtime': entry(
    422,
    (p) => `the max runtime is ${p.seconds} s and must be between 1 s and 7 d`,
    'maxRuntimeSeconds',
  ),
  'job.max-instances': entry(
    422,
    (p) => `${p.instances} max instances are not possible: choose between 1 and ${p.limit}`,
    'maxInstances',
  ),
  'job.catch-up-age': entry(
    422,
    (p) => `the maximum age to catch up is ${p.seconds} s and must be between 1 s and 366 d`,
    'catchUpMaxAgeSeconds',
  ),
  'job.retries': entry(
    422,
    (p) => `${p.retries} retries are not possible: choose between 0 and ${p.limit}`,
    'retries',
  ),
  'job.retry-delay': entry(
    422,
    (p) => `the retry delay is ${p.seconds} s and must be between 0 s and 1 d`,
    'retryDelaySeconds',
  ),
  'job.retry-on': entry(
    422,
    (p) => `"${p.code}" is not an exit code to retry on: choose whole numbers between 1 and 255`,
    'retryOn',
  ),
  'job.warning': entry(
    422,
    (p) => `a warning after ${p.seconds} s is not possible: choose between 1 s and 7 d, or "none"`,
  ),
  'job.warning-order': entry(
    422,
    (p) =>
      `with a warning below ${p.shorter} s and one above ${p.longer} s every run would be one or the other: let --warn-shorter be less than --warn-longer`,
  ),
  'job.timezone-of-interval': entry(
    422,
    () =>
      'a time zone belongs to a crontab expression and intervals are counted in UTC: leave --timezone away',
    'timezone',
  ),
  'job.schedule-missing': entry(
    422,
    () => 'a cron needs either an interval (--every 10m) or a crontab expression (--crontab "*/10 * * * *")',
    'schedule',
  ),
  'job.schedule-both': entry(
    422,
    () => 'a cron has either an interval or a crontab expression: leave one of --every and --crontab away',
    'schedule',
  ),
  'job.not-a-cron': entry(422, (p) => `"${p.job}" is a worker: ${p.field} belongs to crons`),
  'job.not-a-worker': entry(422, (p) => `"${p.job}" is a cron: ${p.field} belongs to workers`),
  'job.disabled': entry(
    409,
    (p) => `"${p.job}" is disabled: enable it with "nightshift job start ${p.environment} ${p.job}"`,
  ),
  'job.nothing-to-change': entry(422, () => 'nothing to change: name at least one setting, see --help'),
  'cron.interval': entry(
    422,
    (p) =>
      `"${p.interval}" is not one of the intervals: choose 1m, 10m, 30m, 1h, 1d, 1w or 1mo, or use --crontab`,
    'interval',
  ),
  'cron.expression': entry(422, (p) => `"${p.expression}" is not a crontab expression: ${p.why}`, 'crontab'),
  'cron.never-due': entry(422, (p) => `"${p.expression}" is never due: ${p.why}`, 'crontab'),
  'cron.timezone': entry(
    422,
    (p) =>
      `there is no time zone "${p.timezone}"${p.nearest ? `: did you mean ${p.nearest}?` : ': use a name such as Europe/Berlin'}`,
    'timezone',
  ),
  'download.unknown': entry(
    404,
    (p) =>
      `no download "${p.download}" of the log of "${p.environment}" is under way: it is long over, or never began`,
  ),
  'run.unknown': entry(
    404,
    (p) => `there is no run "${p.run}" in "${p.environment}": see "nightshift runs ${p.environment}"`,
  ),
  'request.invalid': entry(400, (p) => `${p.why}`),
  'request.key-reused': entry(
    422,
    () => 'this idempotency key was sent with another request before: use a new key for each request',
  ),
  'request.outcome-unknown': entry(
    409,
    () =>
      'this request was begun before, and whether it was carried out is not known: look, and send it with a new idempotency key if it was not',
  ),
  'request.keys-too-many': entry(
    429,
    (p) => `${p.limit} requests with idempotency keys are under way already: wait for some to end`,
  ),
  'request.too-large': entry(413, (p) => `the request is larger than ${p.limit}: send less`),
  'route.unknown': entry(404, (p) => `there is no ${p.method} ${p.path}`),
  'access.unauthenticated': entry(
    401,
    () => 'say who you are: sign in, or send a token as "Authorization: Bearer TOKEN"',
  ),
  'access.denied': entry(403, (p) => `you may not ${p.act} here: ask an operator`),
  ...accountErrors,
  'events.too-many': entry(
    429,
    (p) => `${p.limit} readers follow changes already: close some, or ask for lists instead`,
  ),
  'deploy.remote-command-runs': entry(
    409,
    (p) => `a remote command runs in "${p.environment}": wait for its end, or end it`,
  ),
  'deploy.cron-runs': entry(
    409,
    (p) =>
      `crons that a deployment waits for still run in "${p.environment}" (${p.jobs}): deploy again when they have ended, or stop them`,
  ),
  'metrics.range': entry(
    400,
    (p) => `the range ends (${p.until}) before it begins (${p.from}): let "from" be earlier than "until"`,
    'from',
  ),
  'incident.unknown': entry(404, (p) => `there is no incident "${p.incident}": see "nightshift incidents"`),
  'data.not-writable': entry(
    500,
    (p) => `the data folder ${p.folder} can't be written (${p.why}): choose another with --data`,
  ),
  'data.newer': entry(
    500,
    (p) =>
      `what is in ${p.folder} belongs to a newer version (schema ${p.found}, this program knows ${p.known}): upgrade Nightshift`,
  ),
  'data.corrupt': entry(
    500,
    (p) => `the database ${p.file} is damaged (${p.why}): restore a backup, or move it away to begin anew`,
  ),
  'data.key': entry(
    500,
    (p) =>
      `the key file ${p.file} ${p.why}: put it back from a backup, the variables of the environments can't be read without it`,
  ),
  'install.root': entry(
    403,
    () => 'a service is made by root: "sudo nightshift install", or --dry-run to see what it does',
  ),
  'install.systemd': entry(
    503,
    () => 'no systemd runs here: let whatever starts programs on this machine start "nightshift serve"',
  ),
  'install.option': entry(
    422,
    (p) =>
      `"${p.option}" can't be kept for the service: options are split at blanks, without quotes and variables`,
  ),
  'install.systemctl': entry(500, (p) => `"systemctl ${p.command}" failed: ${p.why}`),
  'install.start': entry(
    500,
    (p) =>
      `the service did not come up (${p.why}): see "journalctl -u nightshift", then say "nightshift install --now" again`,
  ),
  'listen.address': entry(
    422,
    (p) => `"${p.address}" is not an address to listen at: use HOST:PORT such as 127.0.0.1:8484, or "none"`,
  ),
  'listen.failed': entry(
    503,
    (p) => `nothing can listen at ${p.address} (${p.why}): choose another one with ${p.option}, or "none"`,
  ),
  'daemon.starting': entry(503, () => 'the daemon is starting: try again in a moment'),
  'daemon.runs-already': entry(
    409,
    (p) =>
      `nightshift (pid ${p.pid}) serves ${p.folder} already: end it first, or choose another folder with --data`,
  ),
  'daemon.not-running': entry(
    503,
    (p) =>
      `no daemon answers at ${p.socket}: start it with "nightshift serve", or name its folder with --data`,
  ),
  'runtime.unavailable': entry(
    503,
    (p) => `the ${p.runtime} runtime does not work here: ${p.why}; see "nightshift doctor"`,
  ),
  ...deployErrors,
  ...movingErrors,
  ...sshErrors,
  ...storeErrors,
  ...alertErrors,
  ...logErrors,
  internal: entry(500, () => 'something went wrong inside Nightshift: its log has the details'),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;

/** What was asked is refused, with the catalogue's sentence; nothing was changed. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly parameters: Parameters;

  constructor(code: ErrorCode, parameters: Parameters = {}, options?: { cause?: unknown }) {
    const words: Record<string, string> = {};
    for (const [key, value] of Object.entries(parameters))
      words[key] = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    const found: Entry = catalogue[code];
    super(printable(found.sentence(words)), options);
    this.name = 'Refusal';
    this.code = code;
    this.parameters = parameters;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get field(): string | undefined {
    const found: Entry = catalogue[this.code];
    return found.field;
  }
}

/** User input stands in sentences: no control character of it reaches a terminal or a log. */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
