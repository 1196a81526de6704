/**
 * Where a crontab expression matches, in local minutes since 1970: found by jumping from bit to bit, never minute by
 * minute. Local time has no daylight saving here: `due-in-zone.ts` adds it.
 */
import { type CivilDate, dateOf, daysInMonth, minutesPerDay, weekdayOf } from './calendar.ts';
import type { CrontabFields, SpecialDay } from './crontab-fields.ts';

const none = -1;

const lowestBit = (mask: number): number => 31 - Math.clz32(mask & -mask);
const highestBit = (mask: number): number => 31 - Math.clz32(mask);
const from = (mask: number, bit: number): number => (bit > 31 ? 0 : mask & (-1 << bit));
const upTo = (mask: number, bit: number): number => (bit >= 31 ? mask : mask & ((1 << (bit + 1)) - 1));

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const firstMinute = (fields: CrontabFields): number =>
  fields.minutesLow !== 0 ? lowestBit(fields.minutesLow) : 30 + lowestBit(fields.minutesHigh);

const lastMinute = (fields: CrontabFields): number =>
  fields.minutesHigh !== 0 ? 30 + highestBit(fields.minutesHigh) : highestBit(fields.minutesLow);

function minuteFrom(fields: CrontabFields, minute: number): number {
  if (minute < 30) {
    const low = from(fields.minutesLow, minute);
    if (low !== 0) return lowestBit(low);
  }
  const high = from(fields.minutesHigh, Math.max(minute - 30, 0));
  return high === 0 ? none : 30 + lowestBit(high);
}

function minuteUpTo(fields: CrontabFields, minute: number): number {
  if (minute >= 30) {
    const high = upTo(fields.minutesHigh, minute - 30);
    if (high !== 0) return 30 + highestBit(high);
  }
  const low = upTo(fields.minutesLow, Math.min(minute, 29));
  return low === 0 ? none : highestBit(low);
}

/** The first matching minute of a day at or after `minute` (0..1439), or -1. */
function inDayFrom(fields: CrontabFields, minute: number): number {
  const hour = Math.floor(minute / 60);
  if ((fields.hours & (1 << hour)) !== 0) {
    const found = minuteFrom(fields, minute - hour * 60);
    if (found !== none) return hour * 60 + found;
  }
  const later = from(fields.hours, hour + 1);
  return later === 0 ? none : lowestBit(later) * 60 + firstMinute(fields);
}

/** The last matching minute of a day at or before `minute`, or -1. */
function inDayUpTo(fields: CrontabFields, minute: number): number {
  const hour = Math.floor(minute / 60);
  if ((fields.hours & (1 << hour)) !== 0) {
    const found = minuteUpTo(fields, minute - hour * 60);
    if (found !== none) return hour * 60 + found;
  }
  const earlier = hour === 0 ? 0 : upTo(fields.hours, hour - 1);
  return earlier === 0 ? none : highestBit(earlier) * 60 + lastMinute(fields);
}

/** How often a day matches: every matching minute of every matching hour. */
export const matchesPerDay = (fields: CrontabFields): number =>
  bitCount(fields.hours) * (bitCount(fields.minutesLow) + bitCount(fields.minutesHigh));

function isSpecial(special: SpecialDay, date: CivilDate, weekday: number): boolean {
  const length = daysInMonth(date.year, date.month);
  switch (special.kind) {
    case 'last-day':
      return date.day === length;
    case 'last-weekday':
      return weekday === special.weekday && date.day > length - 7;
    case 'nth-weekday':
      return weekday === special.weekday && Math.ceil(date.day / 7) === special.nth;
    case 'last-workday':
      return isNearestWorkday(length, date.day, weekday, length);
    case 'nearest-workday':
      return special.day <= length && isNearestWorkday(special.day, date.day, weekday, length);
  }
}

/** Whether `day` is the workday of the same month that lies nearest to `wanted`. */
function isNearestWorkday(wanted: number, day: number, weekday: number, length: number): boolean {
  if (weekday === 0 || weekday === 6) return false;
  if (day === wanted) return true;
  // A Friday stands in for the Saturday after it, a Monday for the Sunday before it; the month's edges look inwards.
  if (weekday === 5 && (day + 1 === wanted || (day + 2 === wanted && wanted === length))) return true;
  return weekday === 1 && (day - 1 === wanted || (day - 2 === wanted && wanted === 1));
}

const isOfMonth = (special: SpecialDay): boolean =>
  special.kind !== 'last-weekday' && special.kind !== 'nth-weekday';

/** crontab(5): when both day fields are restricted, one of them is enough. */
export function matchesDay(fields: CrontabFields, date: CivilDate, weekday: number): boolean {
  let ofMonth = (fields.daysOfMonth & (1 << date.day)) !== 0;
  let ofWeek = (fields.daysOfWeek & (1 << weekday)) !== 0;
  for (const special of fields.specialDays) {
    if (!isSpecial(special, date, weekday)) continue;
    if (isOfMonth(special)) ofMonth = true;
    else ofWeek = true;
  }
  return fields.bothDays ? ofMonth && ofWeek : ofMonth || ofWeek;
}

const everyMonth = 0b1_1111_1111_1110;
const everyDayOfMonth = -2;

/** Whether the weekday alone tells if a day matches: so for most expressions, and then no date has to be worked out. */
const asksNoDate = (fields: CrontabFields): boolean =>
  fields.months === everyMonth && fields.daysOfMonth === everyDayOfMonth && fields.specialDays.length === 0;

/** {@link nextMatch} of an expression that asks no date. */
function nextOnWeekday(fields: CrontabFields, minute: number, end: number): number {
  const weekdays = fields.bothDays ? fields.daysOfWeek : 0b111_1111;
  let dayNumber = Math.floor(minute / minutesPerDay);
  let start = minute - dayNumber * minutesPerDay;
  for (let weekday = weekdayOf(dayNumber); dayNumber * minutesPerDay < end; weekday = (weekday + 1) % 7) {
    const found = (weekdays & (1 << weekday)) === 0 ? none : inDayFrom(fields, start);
    if (found !== none) {
      const match = dayNumber * minutesPerDay + found;
      return match < end ? match : Number.POSITIVE_INFINITY;
    }
    dayNumber++;
    start = 0;
  }
  return Number.POSITIVE_INFINITY;
}

/** The first match in [minute, end), or Infinity. */
export function nextMatch(fields: CrontabFields, minute: number, end: number): number {
  if (asksNoDate(fields)) return nextOnWeekday(fields, minute, end);
  let dayNumber = Math.floor(minute / minutesPerDay);
  let start = minute - dayNumber * minutesPerDay;
  let date = dateOf(dayNumber);
  while (dayNumber * minutesPerDay < end) {
    if ((fields.months & (1 << date.month)) === 0) {
      dayNumber += daysInMonth(date.year, date.month) - date.day + 1;
      date = { year: date.month === 12 ? date.year + 1 : date.year, month: (date.month % 12) + 1, day: 1 };
      start = 0;
      continue;
    }
    if (matchesDay(fields, date, weekdayOf(dayNumber))) {
      const found = inDayFrom(fields, start);
      if (found !== none) {
        const match = dayNumber * minutesPerDay + found;
        return match < end ? match : Number.POSITIVE_INFINITY;
      }
    }
    date = dayAfter(date, dayNumber);
    dayNumber++;
    start = 0;
  }
  return Number.POSITIVE_INFINITY;
}

/** The last match in [begin, minute], or -Infinity. */
export function previousMatch(fields: CrontabFields, minute: number, begin: number): number {
  let dayNumber = Math.floor(minute / minutesPerDay);
  let upToMinute = minute - dayNumber * minutesPerDay;
  while ((dayNumber + 1) * minutesPerDay > begin) {
    const date = dateOf(dayNumber);
    if ((fields.months & (1 << date.month)) === 0) {
      dayNumber -= date.day;
      upToMinute = minutesPerDay - 1;
      continue;
    }
    if (matchesDay(fields, date, weekdayOf(dayNumber))) {
      const found = inDayUpTo(fields, upToMinute);
      if (found !== none) {
        const match = dayNumber * minutesPerDay + found;
        return match >= begin ? match : Number.NEGATIVE_INFINITY;
      }
    }
    dayNumber--;
    upToMinute = minutesPerDay - 1;
  }
  return Number.NEGATIVE_INFINITY;
}

/** How many matches lie in [minute, end): whole days are multiplied, not walked. */
export function countMatches(fields: CrontabFields, minute: number, end: number): number {
  const firstDay = Math.floor(minute / minutesPerDay);
  const lastDay = Math.floor(end / minutesPerDay);
  const wholeFrom = firstDay * minutesPerDay === minute ? firstDay : firstDay + 1;
  if (wholeFrom >= lastDay) return countOneByOne(fields, minute, end);
  return (
    countOneByOne(fields, minute, wholeFrom * minutesPerDay) +
    countDays(fields, wholeFrom, lastDay) * matchesPerDay(fields) +
    countOneByOne(fields, lastDay * minutesPerDay, end)
  );
}

function countOneByOne(fields: CrontabFields, minute: number, end: number): number {
  let count = 0;
  for (let at = nextMatch(fields, minute, end); at < end; at = nextMatch(fields, at + 1, end)) count++;
  return count;
}

/** How many days of [from, to) match. */
function countDays(fields: CrontabFields, from: number, to: number): number {
  if (asksNoDate(fields) && fields.daysOfWeek === 0b111_1111) return to - from;
  let count = 0;
  let date = dateOf(from);
  for (let dayNumber = from; dayNumber < to; dayNumber++) {
    const isOfMonth = (fields.months & (1 << date.month)) !== 0;
    if (isOfMonth && matchesDay(fields, date, weekdayOf(dayNumber))) count++;
    date = dayAfter(date, dayNumber);
  }
  return count;
}

/** The date after that of a day number. */
function dayAfter(date: CivilDate, dayNumber: number): CivilDate {
  if (date.day >= 28 && date.day >= daysInMonth(date.year, date.month)) return dateOf(dayNumber + 1);
  date.day++;
  return date;
}

/** Whether any day of the Gregorian calendar matches: in its 400 years every date falls on every weekday, 29 February too. */
export function everMatches(fields: CrontabFields): boolean {
  for (const year of [2000, 2001]) {
    for (let month = 1; month <= 12; month++) {
      if ((fields.months & (1 << month)) === 0) continue;
      for (let day = 1; day <= daysInMonth(year, month); day++) {
        for (let weekday = 0; weekday < 7; weekday++) {
          if (matchesDay(fields, { year, month, day }, weekday)) return true;
        }
      }
    }
  }
  return false;
}
