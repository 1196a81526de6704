/** Schedules in words, for people who don't read crontab. */
import type { Interval, Schedule } from '../domain/job.ts';
import { type CrontabFields, parseCrontab, type SpecialDay } from './crontab-fields.ts';

const monthNames =
  'January February March April May June July August September October November December'.split(' ');
const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const ordinals = ['', 'first', 'second', 'third', 'fourth', 'fifth'];

/** "Every 15 minutes, between 06:00 and 20:59, Monday to Friday". The zone is the caller's to add. Throws as `compileSchedule` does. */
export function describeSchedule(schedule: Schedule): string {
  if (schedule.kind === 'interval') return describeInterval(schedule.interval, schedule.moment);
  const fields = parseCrontab(schedule.expression, schedule.moment);
  return [describeTimes(fields), describeDays(fields), describeMonths(fields)].filter(Boolean).join(', ');
}

const two = (value: number): string => String(value).padStart(2, '0');
const clock = (hour: number, minute: number): string => `${two(hour)}:${two(minute)}`;
const clockOfSeconds = (seconds: number): string =>
  `${clock(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

/** `a`, `a and b`, `a, b and c`. */
const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

function describeInterval(interval: Interval, moment: number): string {
  switch (interval) {
    case '1m':
      return `Every minute, at second ${moment}`;
    case '10m':
    case '30m': {
      const minutes = interval === '10m' ? 10 : 30;
      return `Every ${minutes} minutes, at ${clockOfSeconds(moment)}, ${clockOfSeconds(moment + minutes * 60)} … UTC`;
    }
    case '1h':
      return `Every hour, at minute ${Math.floor(moment / 60)} and second ${moment % 60}`;
    case '1d':
      return `Every day at ${clockOfSeconds(moment)} UTC`;
    case '1w':
      return `Every ${dayNames[(Math.floor(moment / 86_400) + 1) % 7]} at ${clockOfSeconds(moment % 86_400)} UTC`;
    case '1mo':
      return `Every month on day ${Math.floor(moment / 86_400) + 1} at ${clockOfSeconds(moment % 86_400)} UTC`;
  }
}

function valuesOf(mask: number, first: number, last: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value++) if ((mask & (1 << value)) !== 0) values.push(value);
  return values;
}

/** The distance between neighbours when it is the same everywhere, else 0. */
function stepOf(values: readonly number[]): number {
  const step = values.length < 2 ? 0 : (values[1] as number) - (values[0] as number);
  return values.every((value, index) => index === 0 || value - (values[index - 1] as number) === step)
    ? step
    : 0;
}

/** Runs of neighbours become ranges from three on: `1 to 5`. */
function ranges(values: readonly number[], word: (value: number) => string): string {
  const parts: string[] = [];
  for (let index = 0; index < values.length; ) {
    let end = index;
    while (values[end + 1] === (values[end] as number) + 1) end++;
    if (end - index >= 2) {
      parts.push(`${word(values[index] as number)} to ${word(values[end] as number)}`);
      index = end + 1;
    } else {
      parts.push(word(values[index++] as number));
    }
  }
  return listed(parts);
}

function describeTimes(fields: CrontabFields): string {
  const minutes = [
    ...valuesOf(fields.minutesLow, 0, 29),
    ...valuesOf(fields.minutesHigh, 0, 29).map((minute) => minute + 30),
  ];
  const hours = valuesOf(fields.hours, 0, 23);
  if (minutes.length * hours.length <= 6) {
    return `At ${listed(hours.flatMap((hour) => minutes.map((minute) => clock(hour, minute))))}`;
  }
  const often = describeMinutes(minutes);
  const of = often.isClock ? ' of' : ', in';
  if (hours.length === 24) return often.isClock ? `${often.text} of every hour` : often.text;
  const step = stepOf(hours);
  const [first, last] = [hours[0] as number, hours.at(-1) as number];
  const window = `between ${clock(first, 0)} and ${clock(last, 59)}`;
  if (hours.length === 1) return `${often.text}, ${window}`;
  if (step === 1) return `${often.text}${often.isClock ? ' of every hour' : ''}, ${window}`;
  if (step === 0 || hours.length <= 3) return `${often.text}, in the hours ${ranges(hours, two)}`;
  if (first >= step || last + step <= 23) return `${often.text}${of} every ${nth(step)} hour, ${window}`;
  return `${often.text}${of} every ${nth(step)} hour${first === 0 ? '' : ` from ${clock(first, 0)} on`}`;
}

const nth = (value: number): string =>
  `${value}${value % 100 > 10 && value % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`;

/** `isClock`: it names minutes, so that "of every hour" can follow. */
function describeMinutes(minutes: readonly number[]): { text: string; isClock: boolean } {
  if (minutes.length === 60) return { text: 'Every minute', isClock: false };
  const step = stepOf(minutes);
  const first = minutes[0] as number;
  if (step > 1 && 60 % step === 0 && minutes.length === 60 / step) {
    return { text: `Every ${step} minutes${first === 0 ? '' : ` from minute ${first} on`}`, isClock: false };
  }
  if (minutes.length === 1) return { text: `At minute ${first}`, isClock: true };
  return { text: `At minutes ${ranges(minutes, String)}`, isClock: true };
}

function describeDays(fields: CrontabFields): string {
  const ofMonth = describeDaysOfMonth(fields);
  const ofWeek = describeDaysOfWeek(fields);
  // With `both`, a full field says nothing; with `or`, a full field (such as 1-31) makes the other one idle.
  if (fields.bothDays) {
    if (ofMonth === '') return ofWeek;
    return ofWeek === '' ? ofMonth : `${ofMonth} if it is ${ofWeek.replace(/^on /, '')}`;
  }
  return ofMonth === '' || ofWeek === '' ? '' : `${ofMonth} or ${ofWeek}`;
}

function describeDaysOfMonth(fields: CrontabFields): string {
  const days = valuesOf(fields.daysOfMonth, 1, 31);
  if (days.length === 31) return '';
  const special = describeSpecial(
    fields.specialDays,
    (kind) => kind !== 'last-weekday' && kind !== 'nth-weekday',
  );
  const step = stepOf(days);
  if (
    special.length === 0 &&
    step > 1 &&
    days.length > 3 &&
    (days[0] as number) <= step &&
    (days.at(-1) as number) + step > 31
  ) {
    const first = days[0] as number;
    return `on every ${nth(step)} day of the month${first === 1 ? '' : ` from day ${first} on`}`;
  }
  const plain = days.length === 0 ? [] : [`day${days.length > 1 ? 's' : ''} ${ranges(days, String)}`];
  return `on ${listed([...plain, ...special])} of the month`;
}

function describeDaysOfWeek(fields: CrontabFields): string {
  // The week begins on Monday in words: Saturday and Sunday stand together.
  const days = valuesOf(fields.daysOfWeek, 0, 6).map((day) => (day === 0 ? 7 : day));
  days.sort((a, b) => a - b);
  if (days.length === 7) return '';
  const special = describeSpecial(
    fields.specialDays,
    (kind) => kind === 'last-weekday' || kind === 'nth-weekday',
  );
  const word = (day: number) => dayNames[day % 7] as string;
  if (special.length === 0 && days.length > 2 && stepOf(days) === 1) return ranges(days, word);
  const plain = days.length === 0 ? [] : [ranges(days, word)];
  const ofMonth = special.length === 0 ? '' : ' of the month';
  return `on ${listed([...plain, ...special])}${ofMonth}`;
}

function describeSpecial(
  days: readonly SpecialDay[],
  belongs: (kind: SpecialDay['kind']) => boolean,
): string[] {
  return days.filter((day) => belongs(day.kind)).map(specialInWords);
}

function specialInWords(day: SpecialDay): string {
  switch (day.kind) {
    case 'last-day':
      return 'the last day';
    case 'last-workday':
      return 'the last workday';
    case 'nearest-workday':
      return `the workday nearest to day ${day.day}`;
    case 'last-weekday':
      return `the last ${dayNames[day.weekday]}`;
    case 'nth-weekday':
      return `the ${ordinals[day.nth]} ${dayNames[day.weekday]}`;
  }
}

function describeMonths(fields: CrontabFields): string {
  const months = valuesOf(fields.months, 1, 12);
  if (months.length === 12) return '';
  return `in ${ranges(months, (month) => monthNames[month - 1] as string)}`;
}
