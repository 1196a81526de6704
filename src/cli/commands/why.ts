/** `why`: what a tired operator asks first. */
import { formatLocal, formatUtc } from '../../contract/format.ts';
import { printable } from '../../contract/printable.ts';
import type { Why } from '../../contract/why.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { relativeTime } from '../output/moments.ts';

export async function showWhy(context: Context, [environment = '', job = '']: readonly string[]) {
  const why = await context.client.get<Why>(path`/environments/${environment}/jobs/${job}/why`);
  context.show(
    why,
    () => `${[...present(context, why), ...output(context, why), ...past(context, why)].join('\n')}\n`,
  );
}

function present(context: Context, why: Why): string[] {
  const when = why.since === null ? whenWas(context, 'at', why.at) : whenWas(context, 'since', why.since);
  const because = why.because === null ? '' : `: ${printable(why.because)}`;
  return [
    `${paintMood(context, why.mood, why.what)}${when}${because}.`,
    ...why.details.map(printable),
    ...(why.next === null ? [] : [nextOf(context, why.next)]),
    ...why.remedies.map((remedy) => `→ ${printable(remedy)}`),
  ];
}

const whenWas = (context: Context, word: string, time: string | null): string =>
  time === null ? '' : ` ${word} ${clock(context, time)}, ${relativeTime(context, time)}`;

function nextOf(context: Context, { text, at }: NonNullable<Why['next']>): string {
  const when = at === null ? '' : ` ${relativeTime(context, at)}, at ${clock(context, at)}`;
  return `${text[0]?.toUpperCase() ?? ''}${printable(text.slice(1))}${when}.`;
}

function output({ paint }: Context, why: Why): string[] {
  if (why.output.length === 0) return [];
  return [
    '',
    paint.dim(`The last lines of run ${why.run}:`),
    ...why.output.map((line) => `  ${printable(line)}`),
  ];
}

function past(context: Context, { history }: Why): string[] {
  if (history.length === 0) return [];
  const whenOf = ({ at, from }: Why['history'][number]): string =>
    from === null ? clock(context, at) : `${withoutZone(clock(context, from))} – ${clock(context, at)}`;
  const width = Math.max(...history.map((line) => whenOf(line).length));
  return [
    '',
    context.paint.dim('What happened, newest first:'),
    ...history.map(
      (line) =>
        `  ${context.paint.dim(whenOf(line).padStart(width))}  ${paintMood(context, line.mood, line.text)}`,
    ),
  ];
}

const withoutZone = (text: string): string => text.replace(/ [^ ]+$/, '');

function paintMood({ paint }: Context, mood: Why['mood'], text: string): string {
  const told = printable(text);
  return mood === 'still' ? told : paint[mood](told);
}

const halfDayMs = 43_200_000;

/** By the reader's own clock, with the day where it is not of the last hours: `03:12:07 UTC`, `2026-11-22 03:12:07 UTC`. */
function clock(context: Context, time: string): string {
  const wall = Date.parse(time);
  const offset = context.io.offsetMinutes(wall);
  const whole = offset === 0 ? formatUtc(wall) : formatLocal(wall, offset);
  return Math.abs(context.now - wall) < halfDayMs ? whole.slice('2026-11-22 '.length) : whole;
}
