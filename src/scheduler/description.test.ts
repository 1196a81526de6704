import { expect, test } from 'vitest';
import { describeSchedule } from './schedule.ts';

test.each([
  ['*/15 6-20 * * 1-5', 'Every 15 minutes, between 06:00 and 20:59, Monday to Friday'],
  ['* * * * *', 'Every minute'],
  ['*/5 * * * *', 'Every 5 minutes'],
  ['3-59/10 * * * *', 'Every 10 minutes from minute 3 on'],
  ['*/25 * * * *', 'At minutes 0, 25 and 50 of every hour'],
  ['0 * * * *', 'At minute 0 of every hour'],
  ['@hourly', 'At minute 0 of every hour'],
  ['30 */2 * * *', 'At minute 30 of every 2nd hour'],
  ['0 1-23/3 * * *', 'At minute 0 of every 3rd hour from 01:00 on'],
  ['* 3 * * *', 'Every minute, between 03:00 and 03:59'],
  ['0 9-17 * * *', 'At minute 0 of every hour, between 09:00 and 17:59'],
  ['*/10 8-18/5 * * *', 'Every 10 minutes, in the hours 08, 13 and 18'],
  ['0 4 * * *', 'At 04:00'],
  ['30 4,16 * * *', 'At 04:30 and 16:30'],
  ['@weekly', 'At 00:00, on Sunday'],
  ['@monthly', 'At 00:00, on day 1 of the month'],
  ['@yearly', 'At 00:00, on day 1 of the month, in January'],
  ['0 4 1,15 * *', 'At 04:00, on days 1 and 15 of the month'],
  ['0 4 1-7 * 1', 'At 04:00, on days 1 to 7 of the month or on Monday'],
  ['0 4 */2 * 1', 'At 04:00, on every 2nd day of the month if it is Monday'],
  ['0 4 * * 6,0', 'At 04:00, on Saturday and Sunday'],
  ['0 4 * 6-8,12 *', 'At 04:00, in June to August and December'],
  ['0 4 L * *', 'At 04:00, on the last day of the month'],
  ['0 4 LW * *', 'At 04:00, on the last workday of the month'],
  ['0 4 15W * *', 'At 04:00, on the workday nearest to day 15 of the month'],
  ['0 4 * * 5L', 'At 04:00, on the last Friday of the month'],
  ['0 4 * * fri#2', 'At 04:00, on the second Friday of the month'],
  ['0 4 1-31 * 1', 'At 04:00'],
])('"%s" is: %s', (expression, words) => {
  expect(describeSchedule({ kind: 'crontab', expression, timezone: 'Europe/Berlin', moment: 0 })).toBe(words);
});

test('H is described by the moment that was chosen', () => {
  const schedule = {
    kind: 'crontab',
    expression: 'H H * * *',
    timezone: 'UTC',
    moment: 17 + 5 * 60,
  } as const;
  expect(describeSchedule(schedule)).toBe('At 05:17');
});

test.each([
  ['1m', 37, 'Every minute, at second 37'],
  ['10m', 200, 'Every 10 minutes, at 00:03:20, 00:13:20 … UTC'],
  ['30m', 200, 'Every 30 minutes, at 00:03:20, 00:33:20 … UTC'],
  ['1h', 754, 'Every hour, at minute 12 and second 34'],
  ['1d', 754 + 4 * 3600, 'Every day at 04:12:34 UTC'],
  ['1w', 754, 'Every Monday at 00:12:34 UTC'],
  ['1mo', 754 + 16 * 86_400, 'Every month on day 17 at 00:12:34 UTC'],
] as const)('every %s is: %s s in, "%s"', (interval, moment, words) => {
  expect(describeSchedule({ kind: 'interval', interval, moment })).toBe(words);
});
