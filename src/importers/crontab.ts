/** The lines of a crontab as crons. */

import { Refusal } from '../domain/errors.ts';
import { readLine } from '../domain/shell-words.ts';
import { meaningOf } from '../scheduler/crontab-meaning.ts';
import { withInput, withoutFolder, withoutSink } from './cron-command.ts';
import { crontabDirectives } from './crontab-directives.ts';
import {
  type CrontabEntry,
  type CrontabLine,
  type CrontabVariable,
  entryOf,
  hasUsers,
  readCrontab,
} from './crontab-lines.ts';
import { type Draft, importedDrafts } from './drafts.ts';
import { type Destination, Findings, type Imported, type SourceFile } from './imported.ts';
import { JobNames, nameOfCommand, nameOfWords } from './job-names.ts';
import { noteUser } from './places.ts';
import { shellWord, withoutMarks } from './shell-text.ts';
import { usableVariable } from './variables.ts';

/** What earlier lines say of those below them. */
interface Settings {
  timezone: string;
  shell: string;
  readonly variables: Map<string, { value: string; line: number }>;
}

export function importCrontab(files: readonly SourceFile[], to: Destination): Imported {
  const names = new JobNames();
  const read = files.map((file) => {
    const findings = new Findings(file.name);
    return { findings, drafts: draftsOf(file, to, findings, names) };
  });
  return importedDrafts(read, (command) => readLine(command).single);
}

function draftsOf(file: SourceFile, to: Destination, findings: Findings, names: JobNames): Draft[] {
  const text = withoutMarks(file.text);
  const withUser = hasUsers(file.name, text, to.user);
  const settings: Settings = { timezone: to.timezone, shell: '/bin/sh', variables: new Map() };
  const drafts: Draft[] = [];
  let comment: CrontabLine | null = null;
  for (const each of readCrontab(text, withUser)) {
    switch (each.kind) {
      case 'comment':
        // The last words are those of the drawing in Debian's own file.
        if (
          isEntry(each.text.replace(/^#+\s*/, ''), withUser) &&
          !each.text.endsWith('command to be executed')
        )
          findings.note(
            each.line,
            each.text,
            'left out',
            'it is commented out: take the # away and import again if it shall run',
          );
        comment = each;
        break;
      case 'empty':
        comment = null;
        break;
      case 'unreadable':
        findings.note(
          each.line,
          each.text,
          'left out',
          'it is neither a variable nor five fields and a command: correct it and import again',
        );
        break;
      case 'variable':
        takeVariable(each, settings, findings);
        break;
      case 'entry': {
        const draft = cronOf(each, settings, to, findings);
        if (draft !== null)
          drafts.push({
            ...draft,
            name: names.take(nameFor(each, draft.command, comment), `cron-${each.line}`),
          });
        comment = null;
      }
    }
  }
  return drafts;
}

const isEntry = (text: string, withUser: boolean): boolean => {
  const entry = entryOf(text, 0, withUser);
  return entry !== null && whyNotDue(entry.expression, 'UTC') === null;
};

/** A comment that is a name or a short sentence names the job; what looks like a rule of dashes or like code does not. */
function nameFor(entry: CrontabEntry, command: string, comment: CrontabLine | null): string {
  const words =
    comment === null || comment.line !== entry.line - 1
      ? ''
      : comment.text.replace(/^#+\s*/, '').replace(/[.:]+$/, '');
  const isName =
    /^[\p{L}\p{N}]/u.test(words) &&
    words.split(/\s+/).length <= 6 &&
    !/[=*/\\<>|]/.test(words) &&
    !/^m\s+h\s+dom\b/.test(words);
  return (isName ? nameOfWords(words) : '') || nameOfCommand(command);
}

function takeVariable(stated: CrontabVariable, settings: Settings, findings: Findings): void {
  const { name, value, line, text } = stated;
  const known = Object.hasOwn(crontabDirectives, name)
    ? crontabDirectives[name as keyof typeof crontabDirectives]
    : undefined;
  if (name === 'SHELL') settings.shell = value === '' ? '/bin/sh' : value;
  else if (name === 'CRON_TZ') {
    const why = whyNotDue('0 0 * * *', value);
    if (why === null) settings.timezone = value;
    else findings.note(line, text, 'left out', why);
  } else if (known !== undefined) {
    if (known.fate === 'left out' || known.fate === 'not needed')
      findings.note(line, text, known.fate, known.becomes.replaceAll('`', '"'));
  } else if (usableVariable(name, value, findings, line)) settings.variables.set(name, { value, line });
}

function cronOf(entry: CrontabEntry, settings: Settings, to: Destination, findings: Findings): Draft | null {
  const { line, text, expression } = entry;
  if (/^@reboot$/i.test(expression)) {
    findings.note(line, text, 'left out', crontabDirectives['@reboot command'].becomes.replaceAll('`', '"'));
    return null;
  }
  const why = whyNotDue(expression, settings.timezone);
  if (why !== null) {
    findings.note(line, text, 'left out', why);
    return null;
  }
  const said = (sentence: string): void => findings.note(line, text, 'adapted', sentence);
  let command = withoutSink(withoutFolder(entry.command, to, said), to, said);
  if (entry.input !== null) {
    command = withInput(command, entry.input);
    said('what stood behind % is given to it by printf');
  }
  if (!/^\/(usr\/)?bin\/(da)?sh$/.test(settings.shell)) {
    command = `${shellWord(settings.shell)} -c ${shellWord(command)}`;
    said(`it is run by ${settings.shell}`);
  }
  const disabled = entry.user === null ? {} : noteUser(entry.user, { to, findings, line, directive: text });
  return {
    name: '',
    type: 'cron',
    command,
    crontab: expression,
    timezone: settings.timezone,
    ...disabled,
    line,
    variables: new Map(settings.variables),
  };
}

/** Why it is never due, in a sentence; null when it is. */
export function whyNotDue(expression: string, timezone: string): string | null {
  try {
    meaningOf(expression, timezone, 0, 1);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
