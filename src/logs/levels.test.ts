import { expect, test } from 'vitest';
import { levelOf } from './levels.ts';

test.each([
  ['[2026-11-22 12:00:00] app.ERROR: Could not send {"exception":"x"} []', 'ERR'],
  ['[2026-11-22T12:00:00.123456+00:00] mail.queue.DEBUG: trying', 'DEBUG'],
  ['[2026-11-22T12:00:00+00:00] app.NOTICE: seen', 'INFO'],
  ['[2026-11-22 12:00:00] production.WARNING: slow', 'WARN'],
  ['[2026-11-22 12:00:00] app.EMERGENCY: gone', 'ERR'],
  ['{"level":30,"time":1764158400000,"pid":7,"msg":"hello"}', 'INFO'],
  ['{"level":50,"msg":"no"}', 'ERR'],
  ['{"level":20,"msg":"detail"}', 'DEBUG'],
  ['{"time":1,"level":"warn","msg":"careful"}', 'WARN'],
  ['{"message":"x","context":{},"level":400,"level_name":"ERROR","channel":"app"}', 'ERR'],
  ['{"severity": "CRITICAL", "message": "x"}', 'ERR'],
  ['{"short_message":"gelf","level":4}', 'WARN'],
  ['<3>disk is full', 'ERR'],
  ['<14>Nov 22 12:00:00 host app: hello', 'INFO'],
  ['<191>debug', 'DEBUG'],
])('%s is %s, whatever its stream', (line, level) => {
  for (const stderr of [false, true]) expect(levelOf(Buffer.from(line), stderr)).toBe(level);
});

test.each([
  'a plain line with ERROR: in it',
  '[x] app.ERROR: no date',
  '[2026-11-22 12:00:00] app.SHOUT: no such level',
  '{"msg":"the \\"level\\":50 is text"}',
  '{"level":"purple"}',
  '{"msg":"none"}',
  '<999>no priority',
  '<b>html</b>',
  '',
])('%s says nothing of its level: the stream does', (line) => {
  expect(levelOf(Buffer.from(line), false)).toBe('INFO');
  expect(levelOf(Buffer.from(line), true)).toBe('ERR');
});
