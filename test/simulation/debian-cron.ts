/**
 * The oracle: Debian's cron, minute by minute. It shares nothing with the scheduler: fields are sets, local time
 * is what Intl writes for each minute, and daylight saving is the daemon's own loop over its two clocks, as cron.c has
 * it (`timeRunning` is the local minute now, `virtualTime` the one up to which jobs have run).
 */

export interface OracleExpression {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  readonly dayStar: boolean;
  readonly weekdayStar: boolean;
  readonly wild: boolean;
}

/** What the local clock shows in one minute. */
export interface LocalMinute {
  readonly instant: number;
  /** Local time as if it were UTC, in minutes since 1970. */
  readonly clock: number;
}

export function readExpression(text: string): OracleExpression {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = text.split(' ');
  const weekdays = setOf(weekday, 0, 7);
  if (weekdays.has(7)) weekdays.add(0);
  return {
    minutes: setOf(minute, 0, 59),
    hours: setOf(hour, 0, 23),
    days: setOf(day, 1, 31),
    months: setOf(month, 1, 12),
    weekdays,
    dayStar: day[0] === '*',
    weekdayStar: weekday[0] === '*',
    wild: minute[0] === '*' || hour[0] === '*',
  };
}

/** Numbers, lists, ranges and steps: all that the oracle's expressions are written in. */
function setOf(text: string, first: number, last: number): Set<number> {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from, to = from] = range === '*' ? [String(first), String(last)] : range.split('-');
    for (let value = Number(from); value <= Number(to); value += Number(step)) found.add(value);
  }
  return found;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The local clock of a zone, minute by minute, over [from, to]. */
export function localMinutes(zone: string, from: number, to: number): LocalMinute[] {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  const minutes: LocalMinute[] = [];
  for (let instant = Math.ceil(from / 60_000) * 60_000; instant <= to; instant += 60_000) {
    // "29/03/2026, 03:00"
    const shown = format.format(instant);
    const clock = Date.UTC(
      Number(shown.slice(6, 10)),
      Number(shown.slice(3, 5)) - 1,
      Number(shown.slice(0, 2)),
      Number(shown.slice(12, 14)),
      Number(shown.slice(15, 17)),
    );
    minutes.push({ instant, clock: clock / 60_000 });
  }
  return minutes;
}

function matches(expression: OracleExpression, clock: number): boolean {
  const date = new Date(clock * 60_000);
  if (!expression.minutes.has(date.getUTCMinutes()) || !expression.hours.has(date.getUTCHours()))
    return false;
  if (!expression.months.has(date.getUTCMonth() + 1)) return false;
  const day = expression.days.has(date.getUTCDate());
  const weekday = expression.weekdays.has(date.getUTCDay());
  return expression.dayStar || expression.weekdayStar ? day && weekday : day || weekday;
}

/**
 * The instants at which the daemon would start the job, the first minute being the one it starts in (nothing runs in it).
 * Where it would start a job several times in one instant, after a skipped hour, this is one due time.
 */
export function debianDueTimes(expression: OracleExpression, minutes: readonly LocalMinute[]): number[] {
  const due: number[] = [];
  let virtualTime = minutes[0]?.clock ?? 0;
  for (const { instant, clock: timeRunning } of minutes.slice(1)) {
    const run = (time: number, wild: boolean, fixed: boolean) => {
      const asked = expression.wild ? wild : fixed;
      if (asked && due.at(-1) !== instant && matches(expression, time)) due.push(instant);
    };
    const difference = timeRunning - virtualTime;
    if (difference > 180 || difference <= -180) {
      virtualTime = timeRunning;
      run(timeRunning, true, true);
    } else if (difference > 5) {
      run(timeRunning, true, false);
      while (virtualTime < timeRunning) run(++virtualTime, false, true);
    } else if (difference > 0) {
      while (virtualTime < timeRunning) run(++virtualTime, true, true);
    } else {
      run(timeRunning, true, false);
    }
  }
  return due;
}
