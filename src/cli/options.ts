/** How the values of options are read; what can't be read is wrong usage. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration, parseMoment } from '../contract/format.ts';

/** `10s`, `1h30m`, `2d`: seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('Write a duration such as 10s, 5m, 1h30m or 2d.');
  return seconds;
}

/** A duration; `none` takes a limit away. */
export const limit = (text: string): number | 'none' =>
  text.trim().toLowerCase() === 'none' ? 'none' : duration(text);

/** `75,111`; `any`, which is none in particular. */
export function exitCodes(text: string): readonly number[] {
  if (text.trim().toLowerCase() === 'any') return [];
  return text.split(',').map((code) => {
    if (!/^\s*\d{1,3}\s*$/.test(code))
      throw new InvalidArgumentError('Write exit codes such as 75,111, or any.');
    return Number(code);
  });
}

/** A moment, or how long ago: wall time, ms. */
export const momentBefore =
  (now: number) =>
  (text: string): number => {
    const wall = parseMoment(text, now);
    if (wall === undefined) {
      throw new InvalidArgumentError(
        'Write a time such as 2026-11-22T03:00:00Z, or how long ago, such as 1h.',
      );
    }
    return wall;
  };

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

export function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number < 1) throw new InvalidArgumentError('Write a whole number from 1.');
  return number;
}

export const lines = (text: string): number | 'all' => (text === 'all' ? 'all' : wholeNumber(text));

/** Repeated, or with commas. */
export const gathered = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...text.split(',').filter((each) => each !== ''),
];

/** `22:00-07:00` */
export function quiet(text: string): { readonly from: string; readonly until: string } {
  const [from, until, ...rest] = text.split('-').map((clock) => clock.trim().padStart(5, '0'));
  if (from === undefined || until === undefined || rest.length > 0)
    throw new InvalidArgumentError('Write hours such as 22:00-07:00.');
  return { from, until };
}

/** One of a few words, in any case. */
export function oneOf(flags: string, summary: string, words: readonly string[]): Option {
  return new Option(flags, `${summary} (${words.join(', ')})`).argParser((text) => {
    const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`);
    return found;
  });
}
