import { describe, expect, test } from 'vitest';
import { intervals, type Schedule } from '../domain/job.ts';
import {
  compileSchedule,
  countDue,
  defaultCatchUp,
  dueBetween,
  nextDue,
  parseInterval,
  previousDue,
} from './schedule.ts';

const crontab = (expression: string, timezone = 'UTC', moment = 0): Schedule => ({
  kind: 'crontab',
  expression,
  timezone,
  moment,
});
const every = (interval: (typeof intervals)[number], moment: number): Schedule => ({
  kind: 'interval',
  interval,
  moment,
});

/** The next due times after a day's beginning, as `2026-03-29T01:00`. */
function next(schedule: Schedule, from: string, count: number): string[] {
  const compiled = compileSchedule(schedule);
  return dueBetween(compiled, Date.parse(`${from}Z`) - 1, Number.POSITIVE_INFINITY, count).map((due) =>
    new Date(due).toISOString().replace(/:00\.000Z$|\.000Z$/, ''),
  );
}

describe('crontab expressions', () => {
  test.each([
    ['every 15 minutes', '*/15 * * * *', ['2026-03-02T00:00', '2026-03-02T00:15', '2026-03-02T00:30']],
    ['lists and ranges', '5,10-12 3 * * *', ['2026-03-02T03:05', '2026-03-02T03:10', '2026-03-02T03:11']],
    ['steps within a range', '0 8-18/5 * * *', ['2026-03-02T08:00', '2026-03-02T13:00', '2026-03-02T18:00']],
    ['a month by name, in any case', '0 0 1 JAN,jul *', ['2026-07-01T00:00', '2027-01-01T00:00']],
    [
      'weekdays by name, whole or short',
      '0 0 * * Monday-wed',
      ['2026-03-02T00:00', '2026-03-03T00:00', '2026-03-04T00:00', '2026-03-09T00:00'],
    ],
    ['Sunday as 0', '0 0 * * 0', ['2026-03-08T00:00', '2026-03-15T00:00']],
    ['Sunday as 7', '0 0 * * 7', ['2026-03-08T00:00', '2026-03-15T00:00']],
    [
      'a week that ends on Sunday',
      '0 0 * * sat-sun',
      ['2026-03-07T00:00', '2026-03-08T00:00', '2026-03-14T00:00'],
    ],
    [
      'day of month or day of week when both are given',
      '0 0 13 * 5',
      [
        '2026-03-06T00:00',
        '2026-03-13T00:00',
        '2026-03-20T00:00',
        '2026-03-27T00:00',
        '2026-04-03T00:00',
        '2026-04-10T00:00',
        '2026-04-13T00:00',
      ],
    ],
    [
      'both days when one begins with a star, as Debian has it',
      '0 0 */2 * 1',
      ['2026-03-09T00:00', '2026-03-23T00:00', '2026-04-13T00:00'],
    ],
    ['leap days', '0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    [
      'leap days on a Sunday, decades away',
      '0 0 29 2 */7',
      ['2032-02-29T00:00', '2060-02-29T00:00', '2088-02-29T00:00', '2128-02-29T00:00'],
    ],
    ['the last day of the month', '0 0 L * *', ['2026-03-31T00:00', '2026-04-30T00:00', '2026-05-31T00:00']],
    ['the last workday', '0 0 LW * *', ['2026-03-31T00:00', '2026-04-30T00:00', '2026-05-29T00:00']],
    [
      'the workday nearest to the 15th',
      '0 0 15W * *',
      [
        '2026-03-16T00:00',
        '2026-04-15T00:00',
        '2026-05-15T00:00',
        '2026-06-15T00:00',
        '2026-07-15T00:00',
        '2026-08-14T00:00',
      ],
    ],
    [
      'the workday nearest to the 1st stays in its month',
      '0 0 1W * *',
      [
        '2026-03-02T00:00',
        '2026-04-01T00:00',
        '2026-05-01T00:00',
        '2026-06-01T00:00',
        '2026-07-01T00:00',
        '2026-08-03T00:00',
      ],
    ],
    ['the last Friday', '0 0 * * 5L', ['2026-03-27T00:00', '2026-04-24T00:00']],
    ['the second Friday', '0 0 * * fri#2', ['2026-03-13T00:00', '2026-04-10T00:00']],
    ['@hourly', '@hourly', ['2026-03-02T00:00', '2026-03-02T01:00']],
    ['@daily', '@daily', ['2026-03-02T00:00', '2026-03-03T00:00']],
    ['@midnight', '@MIDNIGHT', ['2026-03-02T00:00', '2026-03-03T00:00']],
    ['@weekly', '@weekly', ['2026-03-08T00:00', '2026-03-15T00:00']],
    ['@monthly', '@monthly', ['2026-04-01T00:00', '2026-05-01T00:00']],
    ['@yearly', '@yearly', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['@annually', '@annually', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['any white space between fields', '  0\t4   * * *  ', ['2026-03-02T04:00']],
  ])('know %s', (_, expression, due) => {
    expect(next(crontab(expression), '2026-03-02T00:00', due.length)).toEqual(due);
  });

  test.each([
    ['', 'it is empty'],
    ['* * * *', 'it has 4 fields and needs five: minute, hour, day of month, month, day of week'],
    ['* * * * * *', 'there are no seconds'],
    ['60 * * * *', 'the minute "60" is not possible: allowed are 0-59'],
    ['* 24 * * *', 'the hour "24" is not possible: allowed are 0-23'],
    ['* * 0 * *', 'the day of month "0" is not possible: allowed are 1-31'],
    ['* * 32 * *', 'the day of month "32" is not possible'],
    ['* * * 13 *', 'the month "13" is not possible: allowed are 1-12 or jan-dec'],
    ['* * * januar *', 'the month "januar" is not possible'],
    ['* * * * 8', 'the day of week "8" is not possible: allowed are 0-7 (0 and 7 are Sunday)'],
    ['* * * * mon-', 'the day of week "mon-" is not possible'],
    ['1,,2 * * * *', 'the minute has an empty place in its list'],
    ['*/0 * * * *', 'a step is a whole number from 1 to 59'],
    ['*/x * * * *', 'a step is a whole number'],
    ['*/-5 * * * *', 'a step is a whole number'],
    ['5/15 * * * *', 'a step needs a range before it: write 5-59/15, or */15'],
    ['0 22-2 * * *', 'the range runs backwards: write 22-23,0-2'],
    ['** * * * *', 'the minute "**" is not possible'],
    ['*5 * * * *', 'the minute "*5" is not possible'],
    ['1-2-3 * * * *', 'the minute "1-2-3" is not possible'],
    ['1.5 * * * *', 'the minute "1.5" is not possible'],
    ['0 0 ? * 1', 'the day of month "?" is not possible'],
    ['0 0 * * 5#6', 'the number after # is from 1 to 5'],
    ['0 L * * *', 'the hour "L" is not possible'],
    ['H(5-70) * * * *', 'the minute "H(5-70)" is not possible'],
    ['H( * * * *', 'the minute "H(" is not possible'],
    ['@reboot', '@reboot names an event, not a time: use a worker'],
    ['@every 5m', 'it is not one of @yearly'],
    ['@fortnightly', 'it is not one of @yearly'],
    [`${'1,'.repeat(600)}1 * * * *`, 'it is longer than 1000 characters'],
  ])('"%s" is refused, with what is wrong', (expression, why) => {
    expect(() => compileSchedule(crontab(expression))).toThrow(
      expect.objectContaining({ code: 'cron.expression', message: expect.stringContaining(why) }),
    );
  });

  test.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 31W 2 *', '0 0 30,31 2 */2'])(
    '"%s" is refused: never due',
    (expression) => {
      expect(() => compileSchedule(crontab(expression))).toThrow(
        expect.objectContaining({ code: 'cron.never-due' }),
      );
    },
  );

  test('a date that never is does no harm beside a weekday', () => {
    expect(next(crontab('0 0 30 2 1'), '2026-02-01T00:00', 2)).toEqual([
      '2026-02-02T00:00',
      '2026-02-09T00:00',
    ]);
  });

  test('a zone that does not exist is refused, with the nearest', () => {
    expect(() => compileSchedule(crontab('* * * * *', 'Europe/Berln'))).toThrow(
      'there is no time zone "Europe/Berln": did you mean Europe/Berlin?',
    );
    expect(() => compileSchedule(crontab('* * * * *', '+02:00'))).toThrow('use a name such as Europe/Berlin');
  });
});

describe('H, a chosen moment', () => {
  test.each([
    ['H * * * *', 17, ['2026-03-02T00:17', '2026-03-02T01:17']],
    ['H H * * *', 17 + 60 * 5, ['2026-03-02T05:17', '2026-03-03T05:17']],
    ['H H(0-7) * * *', 17 + 60 * 13, ['2026-03-02T05:17', '2026-03-03T05:17']],
    [
      'H/15 * * * *',
      17,
      ['2026-03-02T00:02', '2026-03-02T00:17', '2026-03-02T00:32', '2026-03-02T00:47', '2026-03-02T01:02'],
    ],
    [
      'H(0-29)/10 * * * *',
      17,
      ['2026-03-02T00:07', '2026-03-02T00:17', '2026-03-02T00:27', '2026-03-02T01:07'],
    ],
    ['0 0 H * *', 1440 * 30, ['2026-03-03T00:00', '2026-04-03T00:00']],
    ['0 0 * * H', 1440 * 3, ['2026-03-04T00:00', '2026-03-11T00:00']],
  ])('%s with the moment %i', (expression, moment, due) => {
    expect(next(crontab(expression, 'UTC', moment), '2026-03-02T00:00', due.length)).toEqual(due);
  });

  test('H alone is never a day that a month lacks', () => {
    for (let day = 0; day < 400; day++)
      expect(next(crontab('0 0 H * *', 'UTC', day * 1440), '2026-02-01T00:00', 1)[0]).toMatch(/^2026-02/);
  });
});

describe('daylight saving, as Debian cron has it', () => {
  test('a time that is skipped runs once, right after', () => {
    expect(next(crontab('30 2 * * *', 'Europe/Berlin'), '2026-03-28T00:00', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  test('several times that are skipped run once together', () => {
    expect(next(crontab('0,20,40 2 * * *', 'Europe/Berlin'), '2026-03-29T00:00', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });

  test('a skipped time and one that falls on the first instant after it are one due time', () => {
    expect(next(crontab('0 2,3,4 * * *', 'Europe/Berlin'), '2026-03-29T00:00', 3)).toEqual([
      '2026-03-29T01:00',
      '2026-03-29T02:00',
      '2026-03-30T00:00',
    ]);
  });

  test('a time that is repeated runs the first time only', () => {
    expect(next(crontab('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  test('a wildcard hour runs by elapsed time: nothing is skipped, and the repeated hour counts twice', () => {
    expect(next(crontab('30 * * * *', 'Europe/Berlin'), '2026-03-29T00:00', 3)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
    expect(next(crontab('30 * * * *', 'Europe/Berlin'), '2026-10-25T00:00', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ]);
  });

  test('a wildcard minute within a skipped hour does not run', () => {
    expect(next(crontab('*/30 2 * * *', 'Europe/Berlin'), '2026-03-29T00:00', 1)).toEqual([
      '2026-03-30T00:00',
    ]);
  });

  test('0-23 is no wildcard', () => {
    expect(next(crontab('30 0-23 * * *', 'Europe/Berlin'), '2026-10-25T00:00', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T02:30',
      '2026-10-25T03:30',
    ]);
  });

  test('a day that a zone left out is a correction: nothing runs for it', () => {
    // Samoa went from 29 to 31 December 2011.
    expect(next(crontab('0 5 * * *', 'Pacific/Apia'), '2011-12-29T00:00', 3)).toEqual([
      '2011-12-29T15:00',
      '2011-12-30T15:00',
      '2011-12-31T15:00',
    ]);
  });
});

describe('intervals', () => {
  test.each([
    ['1m', 37, ['2026-03-04T00:00:37', '2026-03-04T00:01:37']],
    ['10m', 200, ['2026-03-04T00:03:20', '2026-03-04T00:13:20']],
    ['30m', 200, ['2026-03-04T00:03:20', '2026-03-04T00:33:20']],
    ['1h', 754, ['2026-03-04T00:12:34', '2026-03-04T01:12:34']],
    ['1d', 754, ['2026-03-04T00:12:34', '2026-03-05T00:12:34']],
    ['1w', 754, ['2026-03-09T00:12:34', '2026-03-16T00:12:34']],
    ['1mo', 754 + 16 * 86_400, ['2026-03-17T00:12:34', '2026-04-17T00:12:34', '2026-05-17T00:12:34']],
  ] as const)('%s comes at its exact distance', (interval, moment, due) => {
    expect(next(every(interval, moment), '2026-03-04T00:00', due.length)).toEqual(due);
  });

  test('a due time is strictly after the instant, and looking back includes it', () => {
    for (const interval of intervals) {
      const compiled = compileSchedule(every(interval, 754));
      const due = nextDue(compiled, Date.UTC(2026, 4, 5)) ?? 0;
      const following = nextDue(compiled, due) ?? 0;
      expect(following).toBeGreaterThan(due);
      expect(nextDue(compiled, due - 1)).toBe(due);
      expect(previousDue(compiled, due - 1, due)).toBe(due);
      expect(previousDue(compiled, due, following - 1)).toBeNull();
      expect(countDue(compiled, due - 1, following)).toBe(2);
      expect(countDue(compiled, due, following - 1)).toBe(0);
    }
  });

  test.each([
    ['1m', '1m'],
    ['60s', '1m'],
    ['10 minutes', '10m'],
    ['60m', '1h'],
    ['Hourly', '1h'],
    ['24h', '1d'],
    ['daily', '1d'],
    ['7d', '1w'],
    ['1 month', '1mo'],
    ['monthly', '1mo'],
  ])('"%s" is %s', (text, interval) => expect(parseInterval(text)).toBe(interval));

  test.each(['', '5m', '2h', '1M', '30d', '0m', '-1m', '1y', 'm', '1e3s', '60', 'constructor'])(
    '"%s" is none, and the seven are listed',
    (text) => {
      expect(() => parseInterval(text)).toThrow('choose 1m, 10m, 30m, 1h, 1d, 1w or 1mo');
    },
  );
});

test('daily and rarer crons are caught up once by default, others are not', () => {
  expect(intervals.map((interval) => defaultCatchUp(every(interval, 0)))).toEqual([
    'none',
    'none',
    'none',
    'none',
    'latest',
    'latest',
    'latest',
  ]);
  expect(
    ['0 4 * * *', '@weekly', '0 0 1 1 *', '0 4,5 * * *', '*/5 4 * * *', 'H H * * *'].map((each) =>
      defaultCatchUp(crontab(each)),
    ),
  ).toEqual(['latest', 'latest', 'latest', 'none', 'none', 'latest']);
});

test('no instant makes it fail, however far', () => {
  const compiled = compileSchedule(crontab('0 0 29 2 *', 'Europe/Berlin'));
  expect(nextDue(compiled, 253_402_300_799_000)).toBeNull();
  expect(nextDue(compiled, 8.64e15)).toBeNull();
  expect(nextDue(compiled, 0)).toBe(Date.UTC(1972, 1, 28, 23));
  expect(nextDue(compiled, -1e12)).toBeLessThan(0);
});
