/** A crontab, line by line: crontab(5) of Debian's cron, in the form of a user and that of the system. */

export interface CrontabEntry {
  readonly kind: 'entry';
  readonly line: number;
  readonly text: string;
  /** Five fields, or a nickname. */
  readonly expression: string;
  /** Of the system's form. */
  readonly user: string | null;
  /** What runs, its `%` read. */
  readonly command: string;
  /** What is written to its standard input; null for nothing. */
  readonly input: string | null;
}

export interface CrontabVariable {
  readonly kind: 'variable';
  readonly line: number;
  readonly text: string;
  readonly name: string;
  readonly value: string;
}

export interface CrontabOther {
  readonly kind: 'comment' | 'empty' | 'unreadable';
  readonly line: number;
  readonly text: string;
}

export type CrontabLine = CrontabEntry | CrontabVariable | CrontabOther;

const timed = /^(@[A-Za-z]+|(?:[^\s@]\S*\s+){4}\S+)\s+(.*)$/;

export function readCrontab(text: string, withUser: boolean): CrontabLine[] {
  return text.split(/\r\n|\r|\n/).map((raw, index): CrontabLine => {
    const line = index + 1;
    const content = raw.trim();
    if (content === '') return { kind: 'empty', line, text: raw };
    if (content.startsWith('#')) return { kind: 'comment', line, text: content };
    const variable = readVariable(content);
    if (variable !== null) return { kind: 'variable', line, text: content, ...variable };
    return entryOf(content, line, withUser) ?? { kind: 'unreadable', line, text: content };
  });
}

/** Null for what is no entry; whether its times can be read is another's to say. */
export function entryOf(content: string, line: number, withUser: boolean): CrontabEntry | null {
  const match = timed.exec(content);
  const [, expression = '', rest = ''] = match ?? [];
  const named = withUser ? /^(\S+)\s+(.*)$/.exec(rest) : null;
  if (match === null || rest === '' || (withUser && named === null)) return null;
  const { command, input } = splitInput(named?.[2] ?? rest);
  if (command.trim() === '') return null;
  return {
    kind: 'entry',
    line,
    text: content,
    expression: expression.replaceAll(/\s+/g, ' '),
    user: named?.[1] ?? null,
    command: command.trim(),
    input,
  };
}

/** `NAME = value`; quotes around either are taken away. Entries begin with a digit, `*`, `@` or such. */
function readVariable(content: string): { name: string; value: string } | null {
  const match = /^("[^"]*"|'[^']*'|[A-Za-z_][^\s=]*)\s*=\s*(.*)$/.exec(content);
  if (match === null) return null;
  const bare = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
  return { name: bare(match[1] as string), value: bare((match[2] as string).trim()) };
}

/** The first `%` ends the command, and what follows is its input, a line after each further one; `\%` is a percent sign. */
function splitInput(text: string): { command: string; input: string | null } {
  const parts = text.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
  const [command = '', ...input] = parts;
  return { command, input: input.length === 0 ? null : input.join('\n') };
}

/** Users that entries of the system's form name as a rule. */
const usualUsers = new Set(
  'root www-data nobody daemon backup mail postgres mysql redis nginx apache http git deploy forge ubuntu debian admin'.split(
    ' ',
  ),
);

/** Whether each entry has a user: the system's own files do, and others show it by who stands there. */
export function hasUsers(path: string, text: string, user: string): boolean {
  if (/(^|\/)etc\/(crontab$|cron\.d\/)/.test(path)) return true;
  const entries = readCrontab(text, false).filter((each) => each.kind === 'entry');
  const firsts = entries.map(({ command }) => command.split(/\s+/));
  return (
    firsts.length > 0 &&
    firsts.every(([first = '', second]) => second !== undefined && (usualUsers.has(first) || first === user))
  );
}
