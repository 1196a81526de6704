/** The settings of a job as a form holds them, as text, and the way there and back. */
import { formatDuration, parseDuration } from '../../../../src/contract/format.ts';
import type { Job, JobSettings, NewJob } from '../../../../src/contract/job.ts';

export type JobType = Job['type'];
export type ScheduleKind = 'interval' | 'crontab';

export interface FormValues {
  readonly type: JobType;
  readonly name: string;
  readonly command: string;
  readonly enabled: boolean;
  readonly scheduleKind: ScheduleKind;
  readonly interval: string;
  readonly crontab: string;
  readonly timezone: string;
  /** The rest, by the name of its setting; empty: as usual. */
  readonly more: Readonly<Record<string, string>>;
}

export type Kind = 'duration' | 'count' | 'codes' | 'limit' | { readonly choices: readonly Choice[] };
export type Choice = readonly [value: string, words: string];

export interface MoreSetting {
  readonly key: keyof JobSettings & string;
  readonly label: string;
  readonly help: string;
  /** What holds when the field is left empty. */
  readonly usual: string;
  readonly kind: Kind;
  readonly of?: JobType;
  /** The option of the command line. */
  readonly option: string;
}

const signals = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'WINCH', 'ABRT', 'ALRM', 'KILL'];

/** What few jobs need, in the order of the form. */
export const moreSettings: readonly MoreSetting[] = [
  {
    key: 'exitSignal',
    label: 'Exit signal',
    help: 'Asks the program to end: TERM for most.',
    usual: 'TERM',
    kind: { choices: signals.map((signal) => [signal, signal]) },
    option: '--signal',
  },
  {
    key: 'exitTimeoutSeconds',
    label: 'Exit timeout',
    help: 'How long it may take to end; then KILL follows. Long enough for the work in its hands.',
    usual: '10s',
    kind: 'duration',
    option: '--timeout',
  },
  {
    key: 'instances',
    label: 'Instances',
    help: 'How many run at once; each counts as a job of the plan.',
    usual: '1',
    kind: 'count',
    of: 'worker',
    option: '--instances',
  },
  {
    key: 'handover',
    label: 'Handover',
    help: 'Whether the old run ends before its successor starts.',
    usual: 'stop-first',
    kind: {
      choices: [
        ['stop-first', 'the old one ends first: never two at once'],
        ['start-first', 'the new one starts first: no gap'],
      ],
    },
    of: 'worker',
    option: '--handover',
  },
  {
    key: 'maxRuntimeSeconds',
    label: 'Max runtime',
    help: 'A run that takes longer is ended and counts as timed out.',
    usual: '12h',
    kind: 'duration',
    of: 'cron',
    option: '--max-runtime',
  },
  {
    key: 'maxInstances',
    label: 'Max instances',
    help: 'How many runs may overlap; a due time beyond that is skipped.',
    usual: '5',
    kind: 'count',
    of: 'cron',
    option: '--max-instances',
  },
  {
    key: 'catchUp',
    label: 'Catch up',
    help: 'What becomes of due times while the machine was down. Usual: the latest of daily and rarer ones.',
    usual: 'as usual for its interval',
    kind: {
      choices: [
        ['none', 'none is run later'],
        ['latest', 'the latest is run once'],
        ['all', 'all are run'],
      ],
    },
    of: 'cron',
    option: '--catch-up',
  },
  {
    key: 'catchUpMaxAgeSeconds',
    label: 'Catch up at most',
    help: 'None older than this is run later.',
    usual: '2d',
    kind: 'duration',
    of: 'cron',
    option: '--catch-up-max-age',
  },
  {
    key: 'onDeploy',
    label: 'On deploy',
    help: 'What a deployment does to a run of it.',
    usual: 'finish',
    kind: {
      choices: [
        ['finish', 'it finishes; the next run has the new code'],
        ['restart', 'it is restarted with the new code'],
        ['wait', 'the deployment waits for it'],
      ],
    },
    of: 'cron',
    option: '--on-deploy',
  },
  {
    key: 'retries',
    label: 'Retries',
    help: 'How often a run that failed is begun again.',
    usual: '0',
    kind: 'count',
    of: 'cron',
    option: '--retries',
  },
  {
    key: 'retryDelaySeconds',
    label: 'Retry delay',
    help: 'So long after it failed.',
    usual: '30s',
    kind: 'duration',
    of: 'cron',
    option: '--retry-delay',
  },
  {
    key: 'retryOn',
    label: 'Retry on',
    help: 'Only after these exit codes.',
    usual: 'any failure',
    kind: 'codes',
    of: 'cron',
    option: '--retry-on',
  },
  {
    key: 'warnLateSeconds',
    label: 'Tell when later than',
    help: 'A start so long after its due time becomes an incident.',
    usual: 'never',
    kind: 'limit',
    of: 'cron',
    option: '--warn-late',
  },
  {
    key: 'warnLongerSeconds',
    label: 'Tell when longer than',
    help: 'A run that takes longer becomes an incident.',
    usual: 'never',
    kind: 'limit',
    of: 'cron',
    option: '--warn-longer',
  },
  {
    key: 'warnShorterSeconds',
    label: 'Tell when shorter than',
    help: 'A run that takes less becomes an incident: perhaps it did nothing.',
    usual: 'never',
    kind: 'limit',
    of: 'cron',
    option: '--warn-shorter',
  },
];

export const settingsOf = (type: JobType): readonly MoreSetting[] =>
  moreSettings.filter(({ of: only }) => only === undefined || only === type);

export const emptyForm: FormValues = {
  type: 'worker',
  name: '',
  command: '',
  enabled: true,
  scheduleKind: 'interval',
  interval: '10m',
  crontab: '',
  timezone: 'UTC',
  more: {},
};

/** A job that is there, as the form shows it. */
export function formOf(job: Job): FormValues {
  return {
    type: job.type,
    name: job.name,
    command: job.command,
    enabled: job.status === 'enabled',
    scheduleKind: job.crontab === null ? 'interval' : 'crontab',
    interval: job.interval ?? '10m',
    crontab: job.crontab ?? '',
    timezone: job.timezone ?? 'UTC',
    more: Object.fromEntries(settingsOf(job.type).map(({ key, kind }) => [key, asText(job[key], kind)])),
  };
}

function asText(value: unknown, kind: Kind): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (kind === 'duration' || kind === 'limit') return exactDuration(Number(value));
  return String(value);
}

/** As people write it, without losing a second: `90s` where `formatDuration` would round. */
export function exactDuration(seconds: number): string {
  const text = formatDuration(seconds);
  return parseDuration(text) === seconds ? text.replace(' ', '') : `${seconds}s`;
}

export type FieldErrors = Readonly<Record<string, string>>;
export type Read = { readonly settings: JobSettings } | { readonly errors: FieldErrors };

/** What is to be sent: on adding only what differs from the usual, on editing only what was changed. */
export function readForm(values: FormValues, before?: FormValues): Read {
  const errors: Record<string, string> = {};
  const settings: Record<string, unknown> = {};
  const changed = (now: unknown, then: unknown) => before === undefined || now !== then;
  if (changed(values.command, before?.command)) settings.command = values.command;
  if (before === undefined ? !values.enabled : values.enabled !== before.enabled) {
    settings.status = values.enabled ? 'enabled' : 'disabled';
  }
  if (values.type === 'cron') Object.assign(settings, scheduleOf(values, before));
  for (const { key, kind, label } of settingsOf(values.type)) {
    const text = (values.more[key] ?? '').trim();
    const then = before?.more[key] ?? '';
    if (text === then) continue;
    const value = readText(text, kind);
    if (value === undefined) errors[key] = wrong(label, text, kind);
    else settings[key] = value;
  }
  return Object.keys(errors).length > 0 ? { errors } : { settings: settings as JobSettings };
}

function scheduleOf(values: FormValues, before: FormValues | undefined): JobSettings {
  const same =
    before !== undefined &&
    values.scheduleKind === before.scheduleKind &&
    values.interval === before.interval &&
    values.crontab === before.crontab &&
    values.timezone === before.timezone;
  if (same) return {};
  if (values.scheduleKind === 'interval') return { interval: values.interval };
  return { crontab: values.crontab, timezone: values.timezone };
}

/** Undefined when it can't be read. An empty field: null where that says "none". */
function readText(text: string, kind: Kind): unknown {
  if (typeof kind === 'object') return text === '' ? undefined : text;
  if (text === '') return kind === 'codes' || kind === 'limit' ? null : undefined;
  if (kind === 'count') return /^\d+$/.test(text) ? Number(text) : undefined;
  if (kind === 'codes') {
    const codes = text.split(/[\s,]+/).filter((each) => each !== '');
    return codes.every((code) => /^\d+$/.test(code)) ? codes.map(Number) : undefined;
  }
  return parseDuration(text);
}

function wrong(label: string, text: string, kind: Kind): string {
  if (text === '') return `${label} can't be empty: say what it is to be.`;
  if (kind === 'count') return `"${text}" is not a whole number.`;
  if (kind === 'codes') return `"${text}" are not exit codes: write 75, 111.`;
  return `"${text}" is not a duration: write 10s, 5m, 2h or 1d.`;
}

export const newJobOf = (values: FormValues, settings: JobSettings): NewJob => ({
  name: values.name,
  type: values.type,
  ...settings,
});

/** The options of `job add` and `job edit` that say the same. */
export function optionsOf(settings: JobSettings): string[] {
  const options: string[] = [];
  const put = (option: string, value: unknown) => void options.push(option, String(value));
  if (settings.command !== undefined) put('--command', settings.command);
  if (settings.interval !== undefined) put('--every', settings.interval);
  if (settings.crontab !== undefined) put('--crontab', settings.crontab);
  if (settings.timezone !== undefined && settings.timezone !== 'UTC') put('--timezone', settings.timezone);
  for (const { key, kind, option } of moreSettings) {
    const value = settings[key];
    if (value === undefined) continue;
    if (value === null) put(option, kind === 'codes' ? 'any' : 'none');
    else if (kind === 'duration' || kind === 'limit') put(option, exactDuration(Number(value)));
    else put(option, Array.isArray(value) ? value.join(',') : value);
  }
  if (settings.status !== undefined) options.push(`--${settings.status}`);
  return options;
}
