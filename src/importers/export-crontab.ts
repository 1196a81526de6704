/** Crons as the lines of a crontab. */
import { type Cron, type Job, jobDefaults } from '../domain/job.ts';
import { type CrontabFields, parseCrontab } from '../scheduler/crontab-fields.ts';
import { isPlainCommand, type Origin, preface, unsaid } from './exported.ts';
import { shellWord } from './shell-text.ts';

export function exportCrontab(jobs: readonly Job[], origin: Origin): string {
  const head = [
    ...preface(origin, 'cron'),
    'CRON_TZ is read by cronie and others; Debian’s cron takes the time zone of the machine.',
  ];
  const workers = jobs
    .filter(({ type }) => type === 'worker')
    .map(({ name }) => `${name} is a worker: "nightshift export supervisor" has it.`);
  const crons = jobs.filter((job) => job.type === 'cron');
  const zones = [...new Set(crons.map(zoneOf))].sort();
  const groups = zones.map(
    (zone) =>
      `CRON_TZ=${zone}\n${crons
        .filter((cron) => zoneOf(cron) === zone)
        .map((cron) => linesOf(cron, origin))
        .join('')}`,
  );
  return [comment([...head, ...workers]), ...groups].join('\n');
}

const comment = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join('');

const zoneOf = ({ schedule }: Cron): string =>
  schedule.kind === 'interval' ? jobDefaults.timezone : schedule.timezone;

function linesOf(cron: Cron, { root }: Origin): string {
  const left = unsaid(cron);
  const expression = expressionOf(cron);
  // The line before an entry names it, for those who import it again.
  const notes =
    left.length === 0 ? [] : [`The next one had settings that cron does not have: ${left.join(', ')}`];
  const name = cron.name;
  if (expression === null)
    return comment([
      ...notes,
      `${name} is due at times that a crontab can't say: ${inWords(cron)} ${cron.command.replaceAll(/[\n\r]+/g, ' ')}`,
    ]);
  if (/[\n\r]/.test(cron.command))
    return comment([
      ...notes,
      `${name} has a command of several lines: put it into a script. It is due at ${expression}, and is`,
      ...cron.command.split(/[\n\r]+/),
    ]);
  const command = `cd ${shellWord(root)} && ${isPlainCommand(cron.command) ? cron.command : grouped(cron.command)}`;
  const line = `${expression} ${command.replaceAll('%', String.raw`\%`)}\n`;
  return `${comment([...notes, name])}${cron.status === 'enabled' ? line : `# ${line}`}`;
}

/** After "cd ROOT &&", all of it. */
const grouped = (command: string): string =>
  /[;&|]/.test(command) ? `{ ${command.replace(/[\s;]+$/, '')}; }` : command;

const inWords = ({ schedule }: Cron): string =>
  schedule.kind === 'crontab' ? schedule.expression : schedule.interval;

/** Five fields; null where they can't say it. */
function expressionOf({ schedule }: Cron): string | null {
  if (schedule.kind === 'interval') return intervalExpression(schedule.interval, schedule.moment);
  const { expression, moment } = schedule;
  if (!/H|L|W|#/i.test(expression.replace(/^@\w+$/, ''))) return expression;
  const fields = parseCrontab(expression, moment);
  if (fields.specialDays.length > 0) return null;
  if (!/(^|[\s,])H/.test(expression)) return expression;
  return chosen(expression, fields);
}

/** Each field that holds an H, as the list of what was chosen. */
function chosen(expression: string, fields: CrontabFields): string {
  const values = [
    [...bits(fields.minutesLow, 30), ...bits(fields.minutesHigh, 30).map((minute) => minute + 30)],
    bits(fields.hours, 24),
    bits(fields.daysOfMonth, 32),
    bits(fields.months, 13),
    bits(fields.daysOfWeek, 7),
  ];
  return expression
    .trim()
    .split(/\s+/)
    .map((field, index) => (/(^|,)H/.test(field) ? (values[index] ?? []).join(',') : field))
    .join(' ');
}

const bits = (mask: number, count: number): number[] =>
  Array.from({ length: count }, (_, bit) => bit).filter((bit) => ((mask >>> bit) & 1) === 1);

/** Seconds are left out: cron has none. */
function intervalExpression(interval: string, moment: number): string {
  const minute = Math.floor(moment / 60) % 60;
  const hour = Math.floor(moment / 3600) % 24;
  const day = Math.floor(moment / 86_400);
  switch (interval) {
    case '1m':
      return '* * * * *';
    case '10m':
      return `${minute % 10}-59/10 * * * *`;
    case '30m':
      return `${minute % 30}-59/30 * * * *`;
    case '1h':
      return `${minute} * * * *`;
    case '1d':
      return `${minute} ${hour} * * *`;
    case '1w':
      return `${minute} ${hour} * * ${(day + 1) % 7}`;
    default:
      return `${minute} ${hour} ${day + 1} * *`;
  }
}
