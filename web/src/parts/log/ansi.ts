/**
 * What programs print for a terminal, as pieces of text with their look. Only looks are taken (SGR); movements of the cursor,
 * titles and links are left out, and no byte of a job reaches the page as anything else than text.
 */
export interface Look {
  /** 0–15: the terminal's colours; a text is a colour as CSS has it, made from numbers only. */
  readonly colour?: number | string;
  readonly ground?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underlined?: true;
  readonly struck?: true;
  readonly inverse?: true;
}

export interface Piece {
  readonly text: string;
  readonly look: Look;
}

const plain: Look = {};

const esc = String.fromCharCode(0x1b);
const bell = String.fromCharCode(0x07);
/** A sequence with parameters and its last letter; a title or link up to its end; a string of the device; any other; or half of one. */
const sequence = new RegExp(
  [
    String.raw`${esc}(?:\[([0-?]*)[ -/]*([@-~]|$)`,
    String.raw`\][^${bell}${esc}]*(?:${bell}|${esc}\\|$)`,
    String.raw`[PX^_][^${esc}]*(?:${esc}\\|$)`,
    '[ -/]*[0-~]|$)',
  ].join('|'),
  'g',
);

/** The pieces of one line. A line that was written over (`10 %\r20 %`) is what a terminal would show in the end. */
export function parseAnsi(message: string): readonly Piece[] {
  const line = afterReturn(message);
  if (!line.includes('\u001b')) return line === '' ? [] : [{ text: visible(line), look: plain }];
  const pieces: Piece[] = [];
  let look = plain;
  let from = 0;
  const add = (text: string) => {
    if (text !== '') pieces.push({ text: visible(text), look });
  };
  for (const match of line.matchAll(sequence)) {
    add(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') look = lookAfter(look, match[1] ?? '');
  }
  add(line.slice(from));
  return pieces;
}

/** The text alone, as it is shown. */
export const plainText = (message: string): string =>
  parseAnsi(message)
    .map(({ text }) => text)
    .join('');

function afterReturn(message: string): string {
  const line = message.endsWith('\r') ? message.slice(0, -1) : message;
  const last = line.lastIndexOf('\r');
  return last === -1 ? line : line.slice(last + 1);
}

/** Control characters as their pictures: `␇`. The tab stays. */
const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, (sign) => {
    const code = sign.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
  });

const flags: Readonly<Record<number, Partial<Look>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underlined: true },
  7: { inverse: true },
  9: { struck: true },
};
const ends: Readonly<Record<number, readonly (keyof Look)[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underlined'],
  27: ['inverse'],
  29: ['struck'],
  39: ['colour'],
  49: ['ground'],
};

function lookAfter(before: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let look = before;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    const bright = code >= 90 ? 8 : 0;
    if (code === 0) look = plain;
    else if (code in flags) look = { ...look, ...flags[code] };
    else if (code in ends) look = without(look, ends[code] ?? []);
    else if (code === 38 || code === 48) {
      const [colour, taken] = extended(codes.slice(at + 1));
      at += taken;
      if (colour !== undefined) look = { ...look, [code === 38 ? 'colour' : 'ground']: colour };
    } else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97))
      look = { ...look, colour: (code % 10) + bright };
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107))
      look = { ...look, ground: (code % 10) + bright };
  }
  return look;
}

const without = (look: Look, keys: readonly (keyof Look)[]): Look =>
  Object.fromEntries(Object.entries(look).filter(([key]) => !keys.includes(key as keyof Look)));

/** What follows 38 or 48: `5;N` of 256 colours, or `2;R;G;B`; and how many numbers that took. */
function extended(codes: readonly number[]): readonly [number | string | undefined, number] {
  const byte = (value: number | undefined): value is number =>
    value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255;
  if (codes[0] === 5) return [byte(codes[1]) ? ofPalette(codes[1]) : undefined, 2];
  if (codes[0] !== 2) return [undefined, codes.length];
  const [red, green, blue] = codes.slice(1, 4);
  return [byte(red) && byte(green) && byte(blue) ? `rgb(${red} ${green} ${blue})` : undefined, 4];
}

function ofPalette(index: number): number | string {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
