/** Words and shell command lines: what other programs split by rules of their own is written so that a shell reads the same words. */

/** What a shell takes as it stands. */
const plain = /^[A-Za-z0-9_./:,@%+-][A-Za-z0-9_./:,@%+=-]*$/;

/** Stands for the beginning and the end of a variable's name inside a word; no file holds these characters by right. */
const opens = '\uE000';
const closes = '\uE001';

/** A variable inside a word: {@link shellWord} writes it so that the shell puts its value there. */
export const variable = (name: string): string => `${opens}${name}${closes}`;

/** Takes characters away that only {@link variable} may use. */
export const withoutMarks = (text: string): string => text.replaceAll(/[\uE000\uE001]/g, '\uFFFD');

/** The word as a shell reads it back. */
export function shellWord(word: string): string {
  if (plain.test(word)) return word;
  if (!word.includes(opens)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replaceAll(/["$`\\]/g, String.raw`\$&`);
  return `"${escaped.replaceAll(/\uE000([^\uE001]*)\uE001/g, '$${$1}')}"`;
}

export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ');

/** Splits as Python's shlex does in its POSIX form, without comments; null where a quote is not closed. */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === "'" || character === '"') {
      const quoted = readQuoted(text, at);
      if (quoted === null) return null;
      word = (word ?? '') + quoted.value;
      at = quoted.end;
    } else if (character === '\\') {
      const next = text[at + 1];
      if (next === undefined) return null;
      // Who ends a line so means that it goes on, whatever shlex makes of it.
      if (next !== '\n') word = (word ?? '') + next;
      at += 1;
    } else word = (word ?? '') + character;
  }
  if (word !== null) words.push(word);
  return words;
}

/** From its opening to its closing quote, whose place is `end`. */
function readQuoted(text: string, from: number): { value: string; end: number } | null {
  const quote = text[from];
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === quote) return { value, end: at };
    const next = text[at + 1];
    if (character === '\\' && quote === '"' && (next === '"' || next === '\\')) {
      value += next;
      at += 1;
    } else value += character;
  }
  return null;
}
