/**
 * The level of a line: what it says itself where its form is known (Monolog, JSON of pino and its kind, syslog prefixes),
 * else by its stream.
 */
import type { Level } from './log-store.ts';

/** `[2026-11-22T12:00:00.000+00:00] app.ERROR: …` */
const monolog =
  /^\[\d{4}-\d\d-\d\d[T ][^\]]{1,40}\] [\w.-]{1,100}\.(DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY): /;
/** `<3>…`, with or without a facility. */
const syslog = /^<(\d{1,3})>/;
const jsonLevel =
  /"(?:level|severity|lvl|level_name|levelname|log\.level)"\s*:\s*(?:"([A-Za-z]{1,20})"|(\d{1,4})\b)/;
/** So many bytes of a line are looked at. */
const lookedAt = 2_048;

const words: Readonly<Record<string, Level>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  information: 'INFO',
  informational: 'INFO',
  notice: 'INFO',
  warn: 'WARN',
  warning: 'WARN',
  err: 'ERR',
  error: 'ERR',
  fatal: 'ERR',
  severe: 'ERR',
  crit: 'ERR',
  critical: 'ERR',
  alert: 'ERR',
  emerg: 'ERR',
  emergency: 'ERR',
  panic: 'ERR',
};

const [bracket, brace, less] = [0x5b, 0x7b, 0x3c];

export function levelOf(message: Uint8Array, stderr: boolean): Level {
  const usual = stderr ? 'ERR' : 'INFO';
  const first = message[0];
  if (first !== bracket && first !== brace && first !== less) return usual;
  const head = Buffer.from(message.buffer, message.byteOffset, Math.min(message.length, lookedAt)).toString(
    'latin1',
  );
  if (first === less) {
    const priority = Number(syslog.exec(head)?.[1] ?? Number.NaN);
    return priority <= 191 ? bySeverity(priority & 7) : usual;
  }
  if (first === bracket) return words[(monolog.exec(head)?.[1] ?? '').toLowerCase()] ?? usual;
  const [, word, number] = jsonLevel.exec(head) ?? [];
  if (word !== undefined) return words[word.toLowerCase()] ?? usual;
  return number === undefined ? usual : byNumber(Number(number));
}

const bySeverity = (severity: number): Level =>
  severity <= 3 ? 'ERR' : severity === 4 ? 'WARN' : severity === 7 ? 'DEBUG' : 'INFO';

/** Syslog's (and GELF's) go up to 7, pino's and bunyan's to 60, Monolog's begin at 100. */
function byNumber(level: number): Level {
  if (level <= 7) return bySeverity(level);
  const [info, warn, error] = level < 100 ? [30, 40, 50] : [200, 300, 400];
  return level < info ? 'DEBUG' : level < warn ? 'INFO' : level < error ? 'WARN' : 'ERR';
}
