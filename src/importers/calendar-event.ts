/** Calendar events of systemd (systemd.time(7)) as crontab expressions, where a crontab can say the same. */

const shorthands: Readonly<Record<string, string>> = {
  minutely: '* * * * *',
  hourly: '0 * * * *',
  daily: '0 0 * * *',
  weekly: '0 0 * * 1',
  monthly: '0 0 1 * *',
  quarterly: '0 0 1 1,4,7,10 *',
  semiannually: '0 0 1 1,7 *',
  yearly: '0 0 1 1 *',
  annually: '0 0 1 1 *',
};

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export interface CalendarEvent {
  readonly expression: string;
  /** Null: that of the machine. */
  readonly timezone: string | null;
}

/** Null where a crontab can't say it: years, seconds, days from the end of a month, and days of both kinds at once. */
export function crontabOf(event: string): CalendarEvent | null {
  const words = event.trim().split(/\s+/);
  const zone =
    words.length > 1 && /^(UTC|[A-Z][A-Za-z_]+\/[A-Za-z_/+-]+)$/.test(words.at(-1) ?? '')
      ? (words.pop() as string)
      : null;
  const shorthand = words.length === 1 ? shorthands[(words[0] as string).toLowerCase()] : undefined;
  if (shorthand !== undefined) return { expression: shorthand, timezone: zone };
  let weekday: string | null = null;
  let date: string | null = null;
  let time: string | null = null;
  for (const word of words) {
    if (word.includes(':') && time === null) time = word;
    else if (/^[A-Za-z]/.test(word) && weekday === null && date === null) weekday = word;
    else if (word.includes('-') && date === null && time === null) date = word;
    else return null;
  }
  const clock = clockOf(time);
  const calendar = calendarOf(date);
  const weekdays = weekday === null ? '*' : weekdaysOf(weekday);
  if (clock === null || calendar === null || weekdays === null) return null;
  // systemd wants both to match, a crontab is content with one of them.
  if (weekdays !== '*' && calendar.day !== '*') return null;
  return { expression: `${clock} ${calendar.day} ${calendar.month} ${weekdays}`, timezone: zone };
}

/** `04:30:00`, `*:0/15`: minute and hour. */
function clockOf(time: string | null): string | null {
  if (time === null) return '0 0';
  const [hour = '', minute = '', second = '0'] = time.split(':');
  if (time.split(':').length > 3 || !/^0+(\.0+)?$/.test(second)) return null;
  const [minutes, hours] = [field(minute, 0, 59), field(hour, 0, 23)];
  return minutes === null || hours === null ? null : `${minutes} ${hours}`;
}

/** `*-*-01`, `2026-*-*` is a year of its own. */
function calendarOf(date: string | null): { day: string; month: string } | null {
  if (date === null) return { day: '*', month: '*' };
  const parts = date.split('-');
  const [day, month, year = '*'] = parts.reverse();
  if (parts.length > 3 || year !== '*') return null;
  const [dayOfMonth, months] = [field(day ?? '', 1, 31), field(month ?? '', 1, 12)];
  return dayOfMonth === null || months === null ? null : { day: dayOfMonth, month: months };
}

/** Lists, ranges with `..`, and steps with `/`. */
function field(text: string, first: number, last: number): string | null {
  const items = text.split(',').map((item): string | null => {
    const match = /^(?:(\*)|(\d{1,2})(?:\.\.(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item);
    if (match === null) return null;
    const [, star, from, to, step] = match;
    if (star !== undefined) return step === undefined ? '*' : `*/${Number(step)}`;
    const [begin, end] = [Number(from), to === undefined ? undefined : Number(to)];
    if (begin < first || begin > last || (end !== undefined && (end < begin || end > last)) || step === '0')
      return null;
    if (step === undefined) return end === undefined ? String(begin) : `${begin}-${end}`;
    return begin === first && end === undefined
      ? `*/${Number(step)}`
      : `${begin}-${end ?? last}/${Number(step)}`;
  });
  return items.includes(null) ? null : items.join(',');
}

/** `Mon..Fri`, `Sat,Sun`. */
function weekdaysOf(text: string): string | null {
  const dayOf = (name: string): number => days.indexOf(name.toLowerCase().slice(0, 3));
  const items = text.split(',').map((item): string | null => {
    const [from = '', to] = item.split('..');
    const [begin, end] = [dayOf(from), to === undefined ? null : dayOf(to)];
    if (begin === -1 || end === -1 || !/^[a-z]{3,9}$/i.test(from)) return null;
    if (end === null) return String(begin);
    // Sunday ends a week.
    return end === 0 ? `${begin}-7` : begin <= end ? `${begin}-${end}` : null;
  });
  return items.includes(null) ? null : items.join(',');
}
