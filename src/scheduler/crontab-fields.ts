/**
 * Reads crontab expressions: text to bit masks. The grammar is Debian's cron (crontab(5)) with `H` as Jenkins has it
 * and `L`, `W`, `#` as Quartz has them; docs/decisions/0003-cron-time.md lists every difference.
 */
import { Refusal } from '../domain/errors.ts';

/** Sixty minutes as a list need 169 characters; nobody needs a thousand. */
const expressionCharactersMax = 1_000;

/** Days that no mask can say. */
export type SpecialDay =
  | { readonly kind: 'last-day' }
  | { readonly kind: 'last-workday' }
  | { readonly kind: 'nearest-workday'; readonly day: number }
  | { readonly kind: 'last-weekday'; readonly weekday: number }
  | { readonly kind: 'nth-weekday'; readonly weekday: number; readonly nth: number };

/** Bit n of a mask stands for the value n; minutes need two words. */
export interface CrontabFields {
  /** Minutes 0..29. */
  readonly minutesLow: number;
  /** Minutes 30..59, as bits 0..29. */
  readonly minutesHigh: number;
  readonly hours: number;
  readonly daysOfMonth: number;
  readonly months: number;
  /** 0 is Sunday; 7 has become 0. */
  readonly daysOfWeek: number;
  readonly specialDays: readonly SpecialDay[];
  /** A day must match both fields, as when one of them begins with `*`; else one of them is enough. */
  readonly bothDays: boolean;
  /** The minute or the hour begins with `*`: runs by elapsed time, also where the clock is put back. */
  readonly wildcard: boolean;
  /** Which fields hold an `H`, so that its moment is worth choosing. */
  readonly chosen: { readonly minute: boolean; readonly hour: boolean; readonly day: boolean };
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** What `H` chooses from: days of the month end at 28, so that every month has them. */
  readonly lastChosen: number;
  readonly names: readonly string[];
  readonly allowed: string;
}

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const dayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

const fields = {
  minute: { name: 'minute', first: 0, last: 59, lastChosen: 59, names: [], allowed: '0-59' },
  hour: { name: 'hour', first: 0, last: 23, lastChosen: 23, names: [], allowed: '0-23' },
  dayOfMonth: {
    name: 'day of month',
    first: 1,
    last: 31,
    lastChosen: 28,
    names: [],
    allowed: '1-31, L (the last day), LW (the last workday) or 15W (the workday nearest to the 15th)',
  },
  month: { name: 'month', first: 1, last: 12, lastChosen: 12, names: monthNames, allowed: '1-12 or jan-dec' },
  dayOfWeek: {
    name: 'day of week',
    first: 0,
    last: 7,
    lastChosen: 6,
    names: dayNames,
    allowed: '0-7 (0 and 7 are Sunday), sun-sat, 5L (the last Friday) or 5#2 (the second Friday)',
  },
} as const satisfies Record<string, Field>;

/** crontab(5); `@reboot` is not among them. */
const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Reads an expression; `moment` is what `H` stands for, as minutes: of the hour, then of the day, then days.
 * Throws Refusal `cron.expression` with the field and what is allowed there.
 */
export function parseCrontab(expression: string, moment: number): CrontabFields {
  const refuse = (why: string): never => {
    throw new Refusal('cron.expression', { expression: expression.slice(0, 200), why });
  };
  const trimmed = expression.trim();
  if (trimmed.length > expressionCharactersMax)
    refuse(`it is longer than ${expressionCharactersMax} characters`);
  const words = expand(trimmed, refuse);
  const [minuteText, hourText, dayText, monthText, weekdayText] = words as [
    string,
    string,
    string,
    string,
    string,
  ];
  const day = Math.floor(moment / 1440);
  const specialDays: SpecialDay[] = [];
  const read = (field: Field, text: string, choice: number) =>
    readField(field, text, choice, specialDays, refuse);
  const minutes = read(fields.minute, minuteText, moment);
  const hours = read(fields.hour, hourText, Math.floor(moment / 60));
  const daysOfMonth = read(fields.dayOfMonth, dayText, day);
  const months = read(fields.month, monthText, Math.floor(day / 28));
  const weekdays = read(fields.dayOfWeek, weekdayText, day);
  let [minutesLow, minutesHigh] = [0, 0];
  for (const minute of minutes) {
    if (minute < 30) minutesLow |= 1 << minute;
    else minutesHigh |= 1 << (minute - 30);
  }
  return {
    minutesLow,
    minutesHigh,
    hours: maskOf(hours),
    daysOfMonth: maskOf(daysOfMonth),
    months: maskOf(months),
    daysOfWeek: maskOf(weekdays.map((weekday) => weekday % 7)),
    specialDays,
    bothDays: dayText.startsWith('*') || weekdayText.startsWith('*'),
    wildcard: minuteText.startsWith('*') || hourText.startsWith('*'),
    chosen: {
      minute: minuteText.includes('H'),
      hour: hourText.includes('H'),
      day: [dayText, monthText, weekdayText].some((text) => /(^|,)H/.test(text)),
    },
  };
}

/** The five fields of an expression, nicknames spelt out. */
export function expand(trimmed: string, refuse: (why: string) => never): string[] {
  if (trimmed === '') return refuse('it is empty: write five fields, such as "*/10 * * * *"');
  if (trimmed.startsWith('@')) {
    const spelt = nicknames[trimmed.toLowerCase()];
    if (spelt !== undefined) return spelt.split(' ');
    if (/^@reboot$/i.test(trimmed))
      return refuse('@reboot names an event, not a time: use a worker, which starts with the machine');
    return refuse(`it is not one of ${Object.keys(nicknames).join(', ')}; for other distances use --every`);
  }
  const words = trimmed.split(/\s+/);
  if (words.length === 5) return words;
  const found = words.length === 1 ? 'one field' : `${words.length} fields`;
  const seconds = words.length === 6 ? ' (there are no seconds, and the command does not belong here)' : '';
  return refuse(`it has ${found} and needs five: minute, hour, day of month, month, day of week${seconds}`);
}

const maskOf = (values: readonly number[]): number => values.reduce((mask, value) => mask | (1 << value), 0);

function readField(
  field: Field,
  text: string,
  choice: number,
  specialDays: SpecialDay[],
  refuse: (why: string) => never,
): number[] {
  const wrong = (item: string, why?: string): never =>
    refuse(
      `the ${field.name} ${item === '' ? 'has an empty place in its list' : `"${item}" is not possible`}${why ? `: ${why}` : `: allowed are ${field.allowed}, *, lists, ranges, steps and H`}`,
    );
  const values: number[] = [];
  for (const item of text.split(',')) {
    const special = specialDay(field, item, wrong);
    if (special !== undefined) specialDays.push(special);
    else values.push(...readItem(field, item, choice, wrong));
  }
  return values;
}

type Wrong = (item: string, why?: string) => never;

/** One item of a list: `*`, `5`, `1-5`, with `/step` behind `*` and ranges; `H`, `H(0-7)`, `H/15`, `H(0-29)/10`. */
function readItem(field: Field, item: string, choice: number, wrong: Wrong): number[] {
  const match = /^(?:(\*)|(H)(?:\(([^()]*)\))?|([^/*]+))(?:\/(.*))?$/.exec(item);
  if (match === null) return wrong(item);
  const [, star, chosen, window, plain, stepText] = match;
  const step = stepText === undefined ? 1 : readStep(field, item, stepText, wrong);
  if (chosen !== undefined) {
    const [first, last] =
      window === undefined ? [field.first, field.lastChosen] : readRange(field, item, window, wrong);
    if (stepText === undefined) return [first + (choice % (last - first + 1))];
    return series(first + (choice % Math.min(step, last - first + 1)), last, step);
  }
  if (star !== undefined) return series(field.first, field.last, step);
  const text = plain as string;
  if (!text.includes('-')) {
    if (stepText !== undefined)
      return wrong(
        item,
        `a step needs a range before it: write ${text}-${field.last}/${stepText}, or */${stepText}`,
      );
    return [readValue(field, item, text, wrong)];
  }
  const [first, last] = readRange(field, item, text, wrong);
  return series(first, last, step);
}

function series(first: number, last: number, step: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}

function readRange(field: Field, item: string, text: string, wrong: Wrong): [number, number] {
  const ends = text.split('-');
  if (ends.length !== 2) return wrong(item);
  const first = readValue(field, item, ends[0] as string, wrong);
  let last = readValue(field, item, ends[1] as string, wrong);
  // "fri-sun": Sunday ends the week here.
  if (field === fields.dayOfWeek && last === 0 && first > 0) last = 7;
  if (last < first)
    return wrong(item, `the range runs backwards: write ${first}-${field.last},${field.first}-${last}`);
  return [first, last];
}

function readStep(field: Field, item: string, text: string, wrong: Wrong): number {
  const step = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (step < 1) return wrong(item, `a step is a whole number from 1 to ${field.last}`);
  return step;
}

function readValue(field: Field, item: string, text: string, wrong: Wrong): number {
  if (/^\d{1,4}$/.test(text)) {
    const value = Number(text);
    return value < field.first || value > field.last ? wrong(item) : value;
  }
  const lower = text.toLowerCase();
  const index = field.names.findIndex((name) => name === lower || name.slice(0, 3) === lower);
  return index === -1 ? wrong(item) : index + field.first;
}

/** `L`, `LW`, `15W` in the day of month; `5L`, `friL`, `5#2`, `fri#2` in the day of week. */
function specialDay(field: Field, item: string, wrong: Wrong): SpecialDay | undefined {
  if (field === fields.dayOfMonth) {
    if (/^L$/i.test(item)) return { kind: 'last-day' };
    if (/^LW$/i.test(item)) return { kind: 'last-workday' };
    const near = /^(\d{1,2})W$/i.exec(item);
    return near === null
      ? undefined
      : { kind: 'nearest-workday', day: readValue(field, item, near[1] as string, wrong) };
  }
  if (field !== fields.dayOfWeek) return undefined;
  const last = /^([0-7]|[a-z]{3,9})L$/i.exec(item);
  if (last !== null)
    return { kind: 'last-weekday', weekday: readValue(field, item, last[1] as string, wrong) % 7 };
  const nth = /^([0-7a-z]+)#(.*)$/i.exec(item);
  if (nth === null) return undefined;
  if (!/^[1-5]$/.test(nth[2] as string)) return wrong(item, 'the number after # is from 1 to 5');
  return {
    kind: 'nth-weekday',
    weekday: readValue(field, item, nth[1] as string, wrong) % 7,
    nth: Number(nth[2]),
  };
}
