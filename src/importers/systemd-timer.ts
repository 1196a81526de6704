/** When a timer of systemd is due, as the schedule of a cron. */

import { crontabOf } from './calendar-event.ts';
import { whyNotDue } from './crontab.ts';
import type { Directive, Findings, ImportedJob } from './imported.ts';
import { timerDirectives } from './systemd-directives.ts';
import { lastOf, timeSpan, type UnitSetting, valuesOf } from './unit-file.ts';

type Scheduled = Pick<ImportedJob, 'interval' | 'crontab' | 'timezone' | 'catchUp'>;

const intervals: Readonly<Record<number, string>> = {
  60: '1m',
  600: '10m',
  1800: '30m',
  3600: '1h',
  86400: '1d',
  604800: '1w',
};

/**
 * One for each time that the timer names: a cron has one schedule.
 * @param findings of the timer's own file
 */
export function scheduleOf(
  settings: readonly UnitSetting[],
  findings: Findings,
  timezone: string,
): Scheduled[] {
  const persistent = /^(true|yes|1|on)$/i.test(lastOf(settings, 'Timer', 'Persistent')?.value ?? '');
  const found: Scheduled[] = [];
  for (const each of settings.filter(({ section }) => section === 'Timer')) noteTimer(each);
  for (const { value, line, findings: where } of valuesOf(settings, 'Timer', 'OnCalendar')) {
    const event = crontabOf(value);
    const why = event === null ? null : whyNotDue(event.expression, event.timezone ?? timezone);
    if (event === null || why !== null)
      where.note(
        line,
        `OnCalendar=${value}`,
        'left out',
        why ?? 'a crontab can not say that: add the job with "nightshift job add" and a schedule near to it',
      );
    else
      found.push({
        crontab: event.expression,
        timezone: event.timezone ?? timezone,
        catchUp: persistent ? 'latest' : 'none',
      });
  }
  for (const each of ['OnUnitActiveSec', 'OnUnitInactiveSec'].flatMap((name) =>
    valuesOf(settings, 'Timer', name),
  )) {
    const every = everyOf(each);
    if (every !== null) found.push(every);
  }
  if (found.length === 0)
    findings.note(1, '[Timer]', 'left out', 'no time of it can be taken over: its service is not imported');
  if (found.length > 1)
    findings.note(1, '[Timer]', 'adapted', `${found.length} times become ${found.length} crons`);
  return found;
}

function everyOf({ name, value, line, findings }: UnitSetting): Scheduled | null {
  const directive = `${name}=${value}`;
  const seconds = timeSpan(value) ?? 0;
  const interval = intervals[seconds];
  if (interval !== undefined) {
    findings.note(line, directive, 'adapted', `every ${interval}, at a moment that is chosen once`);
    return { interval };
  }
  const minutes = seconds / 60;
  if (Number.isInteger(minutes) && minutes > 0 && 60 % minutes === 0) {
    findings.note(line, directive, 'adapted', `every ${minutes} minutes of each hour`);
    return { crontab: `*/${minutes} * * * *` };
  }
  findings.note(
    line,
    directive,
    'left out',
    'a crontab can not say that: choose an interval (1m, 10m, 30m, 1h, 1d, 1w, 1mo) or a crontab expression',
  );
  return null;
}

/** What is no schedule itself. */
function noteTimer({ name, value, line, findings }: UnitSetting): void {
  const known = (timerDirectives as Readonly<Record<string, Directive>>)[name];
  if (known === undefined)
    findings.note(
      line,
      `${name}=${value}`,
      'left out',
      'timers have no such setting: is its name written as it should be?',
    );
  else if (known.fate === 'left out' || known.fate === 'not needed')
    findings.note(line, `${name}=${value}`, known.fate, known.becomes.replaceAll('`', '"'));
}
