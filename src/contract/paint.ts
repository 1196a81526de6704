/** Colours for states, always beside a word that says the same; for whatever writes to a terminal. */
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

export const noColours: Paint = { good: plain, bad: plain, warn: plain, dim: plain, bold: plain };
export const colours: Paint = { good: sgr(32), bad: sgr(31), warn: sgr(33), dim: sgr(2), bold: sgr(1) };
