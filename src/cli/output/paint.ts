import type { CliIo } from '../io.ts';

/** Colours for states, always beside a word that says the same. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

const plain = (text: string): string => text;
const sgr =
  (code: number) =>
  (text: string): string =>
    text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;

const noColours: Paint = { good: plain, bad: plain, warn: plain, dim: plain, bold: plain };
const colours: Paint = { good: sgr(32), bad: sgr(31), warn: sgr(33), dim: sgr(2), bold: sgr(1) };

/** Colours on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is a dumb one. */
export function paintFor(io: CliIo): Paint {
  const unwanted = (io.variables.NO_COLOR ?? '') !== '' || io.variables.TERM === 'dumb';
  return io.stdout.isTTY === true && !unwanted ? colours : noColours;
}
