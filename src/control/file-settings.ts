/**
 * The settings of a job as nightshift.yml names them: one table, from which the file is read, differences are told, and the
 * published JSON schema is made.
 */
import { intervals, type Job, jobDefaults } from '../domain/job.ts';
import { exitSignals } from '../domain/signals.ts';
import { formatDuration } from '../domain/units.ts';
import { editDistance } from '../std/edit-distance.ts';
import type { JobSettingsInput } from './control.ts';

/** How a value is written: `limit` is a duration, or `none`; `codes` a list of exit codes, or `any`. */
export type SettingKind = 'text' | 'whole' | 'duration' | 'limit' | 'flag' | 'codes' | readonly string[];

export interface FileSetting {
  readonly field: Exclude<keyof JobSettingsInput, 'paused'>;
  readonly kind: SettingKind;
  /** The type of job that has it; null for both. */
  readonly only: Job['type'] | null;
  readonly about: string;
}

const setting = (
  field: FileSetting['field'],
  kind: SettingKind,
  about: string,
  only: FileSetting['only'] = null,
): FileSetting => ({ field, kind, only, about });

export const fileSettings = {
  command: setting('command', 'text', 'what runs: a shell command line'),
  enabled: setting('status', 'flag', 'left out: a new job is enabled, another one stays as it is'),
  signal: setting('exitSignal', exitSignals, `asks it to end (${jobDefaults.exitSignal})`),
  timeout: setting('exitTimeoutSeconds', 'duration', `how long it may take to end, before KILL (10s)`),
  instances: setting('instances', 'whole', 'how many of it run at once (1)', 'worker'),
  handover: setting(
    'handover',
    ['stop-first', 'start-first'],
    'whether the new one waits for the old one’s end (stop-first)',
    'worker',
  ),
  every: setting('interval', intervals, 'the interval', 'cron'),
  crontab: setting('crontab', 'text', 'a crontab expression, in place of an interval', 'cron'),
  timezone: setting('timezone', 'text', 'of the crontab expression (UTC)', 'cron'),
  max_runtime: setting('maxRuntimeSeconds', 'duration', 'a longer run is ended (12h)', 'cron'),
  max_instances: setting('maxInstances', 'whole', 'so many runs at once at most (5)', 'cron'),
  catch_up: setting('catchUp', ['none', 'latest', 'all'], 'due times that were missed', 'cron'),
  catch_up_max_age: setting('catchUpMaxAgeSeconds', 'duration', 'older ones are not caught up (2d)', 'cron'),
  on_deploy: setting('onDeploy', ['finish', 'restart', 'wait'], 'runs that are open (finish)', 'cron'),
  retries: setting('retries', 'whole', 'how often a failed run is begun again (0)', 'cron'),
  retry_delay: setting('retryDelaySeconds', 'duration', 'the pause before that (30s)', 'cron'),
  retry_on: setting('retryOn', 'codes', 'only after these exit codes (any)', 'cron'),
  warn_late: setting('warnLateSeconds', 'limit', 'warn of runs that begin later than this', 'cron'),
  warn_longer: setting('warnLongerSeconds', 'limit', 'warn of runs that take longer than this', 'cron'),
  warn_shorter: setting('warnShorterSeconds', 'limit', 'warn of runs that take less than this', 'cron'),
} as const satisfies Record<string, FileSetting>;

export type FileSettingName = keyof typeof fileSettings;
export const fileSettingNames = Object.keys(fileSettings) as readonly FileSettingName[];

/** What other files call a setting, for those who come from there. */
const elsewhere: ReadonlyMap<string, FileSettingName> = new Map([
  ['cmd', 'command'],
  ['run', 'command'],
  ['start', 'command'],
  ['cron', 'crontab'],
  ['schedule', 'crontab'],
  ['spec', 'crontab'],
  ['interval', 'every'],
  ['numprocs', 'instances'],
  ['replicas', 'instances'],
  ['stopsignal', 'signal'],
  ['stopwaitsecs', 'timeout'],
  ['tz', 'timezone'],
]);

/** The one of `keys` that an unknown word was likely meant to be; undefined when none is near. */
export function likelyKey(word: string, keys: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().replaceAll('-', '_');
  const known = elsewhere.get(wanted);
  if (known !== undefined && keys.includes(known)) return known;
  return keys.find((key) => editDistance(wanted, key) <= (key.length > 4 ? 2 : 1));
}

/** The value of a setting as the file would write it; undefined where the job has none. */
export function settingInWords(job: Job, name: FileSettingName): string | undefined {
  const { kind, only } = fileSettings[name];
  if (only !== null && only !== job.type) return undefined;
  const value = settingValue(job, name);
  if (value === undefined) return undefined;
  if (value === null) return kind === 'codes' ? 'any' : 'none';
  if (kind === 'duration' || kind === 'limit') return formatDuration(Number(value)).replaceAll(' ', '');
  return String(value);
}

function settingValue(job: Job, name: FileSettingName): string | number | boolean | null | undefined {
  if (name === 'enabled') return job.status === 'enabled';
  if (job.type === 'cron') {
    const { schedule } = job;
    if (name === 'every') return schedule.kind === 'interval' ? schedule.interval : undefined;
    if (name === 'crontab') return schedule.kind === 'crontab' ? schedule.expression : undefined;
    if (name === 'timezone') return schedule.kind === 'crontab' ? schedule.timezone : undefined;
    if (name === 'retry_on') return job.retryOn === null ? null : job.retryOn.join(',');
  }
  return (job as unknown as Record<string, string | number | null | undefined>)[fileSettings[name].field];
}
