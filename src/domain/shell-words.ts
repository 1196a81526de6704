/**
 * Reads a command line as a POSIX shell would split it (Shell Command Language, 2.2, 2.3 and 2.10), just far enough to tell
 * whether it is one simple command and where its first word stands. Whatever is in doubt is "not simple":
 * the shell then gets the line as it was written, which is always right.
 */

export interface FirstWord {
  /** Where the word begins in the line. */
  readonly at: number;
  /** What the shell makes of it; null when that is known only when it runs (expansions, patterns). */
  readonly value: string | null;
  /** Its quotes taken away, expansions left as they stand: enough to see a slash. */
  readonly text: string;
  /** It has an expansion outside quotes, which may become several words, or none. */
  readonly splits: boolean;
}

export interface ReadLine {
  /** The first word that is neither assignment nor redirection; null when there is none. */
  readonly first: FirstWord | null;
  /** One simple command, as far as the grammar goes: neither list nor pipe nor group nor here-document. */
  readonly single: boolean;
}

interface Word {
  readonly end: number;
  readonly value: string;
  readonly literal: boolean;
  readonly splits: boolean;
}

const blank = /[ \t]/;
const operatorCharacters = ';&|()\n';
const endsWord = /[ \t\n;&|()<>]/;
const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/;

/** Reads a whole command line. */
export function readLine(line: string): ReadLine {
  let first: FirstWord | null = null;
  let ended = false;
  let wantsTarget = false;
  let at = skipContinuations(line, 0);
  while (at < line.length) {
    const character = line[at] as string;
    if (blank.test(character)) at += 1;
    else if (character === '#') at = endOfLine(line, at);
    else if (character === '\n') {
      ended = first !== null || ended;
      if (wantsTarget) return { first, single: false };
      at += 1;
    } else if (ended || operatorCharacters.includes(character)) return { first, single: false };
    else if (character === '<' || character === '>') {
      const after = redirection(line, at);
      if (after === null || wantsTarget) return { first, single: false };
      wantsTarget = true;
      at = after;
    } else {
      const word = readWord(line, at);
      if (word === null) return { first, single: false };
      const raw = line.slice(at, word.end);
      const isDescriptor = /^\d+$/.test(raw) && /[<>]/.test(line[word.end] ?? '');
      if (wantsTarget) wantsTarget = false;
      else if (!isDescriptor && first === null && !assignment.test(raw)) first = wordAt(at, word);
      at = word.end;
    }
    at = skipContinuations(line, at);
  }
  return { first, single: first !== null && !wantsTarget };
}

const wordAt = (at: number, word: Word): FirstWord => ({
  at,
  value: word.literal ? word.value : null,
  text: word.value,
  splits: word.splits,
});

/** A backslash before a line's end joins the lines. */
function skipContinuations(line: string, from: number): number {
  let at = from;
  while (line[at] === '\\' && line[at + 1] === '\n') at += 2;
  return at;
}

function endOfLine(line: string, at: number): number {
  const end = line.indexOf('\n', at);
  return end === -1 ? line.length : end;
}

/** Where a redirection's target may begin; null for a here-document. */
function redirection(line: string, at: number): number | null {
  const operator = /^(<<|<>|<&|>>|>&|>\||<|>)/.exec(line.slice(at, at + 2))?.[0];
  return operator === undefined || operator === '<<' ? null : at + operator.length;
}

/** Reads one word; null when it does not end, or when shells differ on it. */
function readWord(line: string, from: number): Word | null {
  let value = '';
  let literal = true;
  let splits = false;
  let at = from;
  while (at < line.length && !endsWord.test(line[at] as string)) {
    const character = line[at] as string;
    if (character === '\\') {
      if (at + 1 >= line.length) return null;
      if (line[at + 1] !== '\n') value += line[at + 1];
      at += 2;
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) return null;
      value += line.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      const quoted = readDoubleQuoted(line, at);
      if (quoted === null) return null;
      value += quoted.value;
      literal &&= quoted.literal;
      at = quoted.end;
    } else if (character === '$' || character === '`') {
      const end = endOfExpansion(line, at);
      if (end === null) return null;
      if (end > at + 1) {
        literal = false;
        splits = true;
      }
      value += line.slice(at, end);
      at = end;
    } else {
      // Patterns, the tilde and braces (bash) become something else when the line runs.
      if ('*?[{}'.includes(character) || (character === '~' && at === from)) literal = false;
      value += character;
      at += 1;
    }
  }
  return { end: at, value, literal, splits };
}

function readDoubleQuoted(
  line: string,
  from: number,
): { end: number; value: string; literal: boolean } | null {
  let value = '';
  let literal = true;
  let at = from + 1;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === '"') return { end: at + 1, value, literal };
    if (character === '\\') {
      const next = line[at + 1];
      if (next === undefined) return null;
      // Within double quotes a backslash means something only before these.
      if (next === '\n') value += '';
      else value += '$`"\\'.includes(next) ? next : `\\${next}`;
      at += 2;
    } else if (character === '$' || character === '`') {
      const end = character === '$' && '"\''.includes(line[at + 1] ?? '') ? at + 1 : endOfExpansion(line, at);
      if (end === null) return null;
      if (end > at + 1) literal = false;
      value += line.slice(at, end);
      at = end;
    } else {
      value += character;
      at += 1;
    }
  }
  return null;
}

/** Where the expansion that begins at `at` ends; `at + 1` for a dollar sign that stands for itself; null when in doubt. */
function endOfExpansion(line: string, at: number): number | null {
  if (line[at] === '`') return endOfBackquotes(line, at);
  const next = line[at + 1] ?? '';
  if (next === '(') return endOfNest(line, at + 1, '(', ')');
  if (next === '{') return endOfNest(line, at + 1, '{', '}');
  // $'…' and $"…" are read differently by different shells.
  if (next === "'" || next === '"') return null;
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(line.slice(at + 1))?.[0];
  return at + 1 + (name?.length ?? 0);
}

function endOfBackquotes(line: string, from: number): number | null {
  for (let at = from + 1; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '`') return at + 1;
  }
  return null;
}

/**
 * The end of `(…)` or `{…}` with what is nested in it. A comment, a here-document or a `case` in it could hold
 * brackets that don't count: then it is in doubt.
 */
function endOfNest(line: string, from: number, open: string, close: string): number | null {
  let depth = 0;
  let at = from;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === '\\') at += 2;
    else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) return null;
      at = end + 1;
    } else if (character === '"') {
      const quoted = readDoubleQuoted(line, at);
      if (quoted === null) return null;
      at = quoted.end;
    } else if (character === '`' || (character === '$' && /[({'"]/.test(line[at + 1] ?? ''))) {
      const end = endOfExpansion(line, at);
      if (end === null) return null;
      at = end;
    } else if (open === '(' && (/^<</.test(line.slice(at)) || /^#/.test(line.slice(at)))) return null;
    else if (open === '(' && /^case\b/.test(line.slice(at))) return null;
    else {
      if (character === open) depth += 1;
      if (character === close) depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  return null;
}
