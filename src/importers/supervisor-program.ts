/** One `[program:x]` of supervisord, as one worker or several. */
import { limits } from '../domain/limits.ts';
import { exitSignals, parseSignal, type SignalName } from '../domain/signals.ts';
import { type Expansions, expand } from './expansions.ts';
import type { Destination, Directive, Findings, ImportedJob } from './imported.ts';
import type { IniOption, IniSection } from './ini.ts';
import type { JobNames } from './job-names.ts';
import { inFolder, noteUser } from './places.ts';
import { shellLine, splitWords } from './shell-text.ts';
import { programDirectives } from './supervisor-directives.ts';

export interface WorkerDraft extends Omit<ImportedJob, 'file'> {
  /** The command is a single one. */
  readonly simple: boolean;
  readonly variables: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
  readonly variablesLine: number;
}

interface Around {
  readonly to: Destination;
  readonly findings: Findings;
  readonly names: JobNames;
  /** The folder of the file. */
  readonly here: string;
}

/** Answers no job where the program has no command that can be run here; a note says so then. */
export function programJobs(section: IniSection, program: string, around: Around): WorkerDraft[] {
  const { findings } = around;
  const command = section.options.get('command');
  if (command === undefined || command.value.trim() === '') {
    findings.note(
      section.line,
      `[${section.name}]`,
      'left out',
      'it has no command: there is nothing to run',
    );
    return [];
  }
  const numbers = numbersOf(section, findings);
  const counted = /%\((process_num|numprocs)\)/.test(command.value) && numbers.count > 1;
  noteDirectives(section, findings);
  const copies = counted
    ? Array.from({ length: numbers.count }, (_, index) => numbers.start + index)
    : [numbers.start];
  const drafts: WorkerDraft[] = [];
  for (const number of copies) {
    const values: Expansions = {
      here: around.here,
      program_name: program,
      group_name: program,
      process_num: number,
      numprocs: numbers.count,
    };
    const fresh = drafts.length === 0 ? findings : findings.silent();
    const line = commandOf(command, values, fresh);
    if (line === null) return drafts;
    const name = around.names.take(
      counted ? `${program}_${String(number).padStart(2, '0')}` : program,
      'worker',
    );
    drafts.push({
      ...settingsOf(section, around, fresh),
      ...commandIn(section, line, values, { ...around, findings: fresh }),
      name,
      type: 'worker',
      ...(counted || numbers.count === 1 ? {} : { instances: numbers.count }),
      line: section.line,
      variables: variablesOf(section, values, fresh),
      variablesLine: section.options.get('environment')?.line ?? section.line,
    });
    if (drafts.length === 1 && name !== program)
      findings.note(section.line, `[${section.name}]`, 'adapted', `the job is called ${name}`);
  }
  return drafts;
}

function numbersOf(section: IniSection, findings: Findings): { count: number; start: number } {
  const count = wholeOf(section.options.get('numprocs'), 1, findings);
  const start = wholeOf(section.options.get('numprocs_start'), 0, findings);
  if (count >= 1 && count <= limits.instancesPerJob) return { count, start };
  const bounded = Math.min(Math.max(count, 1), limits.instancesPerJob);
  const { line = section.line } = section.options.get('numprocs') ?? {};
  findings.note(
    line,
    `numprocs = ${count}`,
    'adapted',
    `instances are ${bounded}: between 1 and ${limits.instancesPerJob} are possible`,
  );
  return { count: bounded, start };
}

function wholeOf(option: IniOption | undefined, usual: number, findings: Findings): number {
  if (option === undefined) return usual;
  if (/^\d{1,6}$/.test(option.value.trim())) return Number(option.value);
  findings.note(
    option.line,
    `${option.name} = ${option.value}`,
    'left out',
    `it is not a whole number: ${usual} is taken`,
  );
  return usual;
}

/** What needs more than to be taken over is said where it is. */
const spokenOfElsewhere = new Set([
  'user',
  'directory',
  'umask',
  'stopsignal',
  'stopwaitsecs',
  'process_name',
  'environment',
]);

function noteDirectives(section: IniSection, findings: Findings): void {
  for (const { name, value, line } of section.options.values()) {
    const text = `${name} = ${value}`;
    const known = (programDirectives as Readonly<Record<string, Directive>>)[name];
    if (known === undefined)
      findings.note(
        line,
        text,
        'left out',
        'supervisord has no such setting: is its name written as it should be?',
      );
    else if (known.fate === 'kept' || spokenOfElsewhere.has(name)) continue;
    else if (name === 'autorestart' && /^(true|1|yes|on|t|y)$/i.test(value.trim())) continue;
    else if (known.fate === 'adapted' && isOff(value)) continue;
    else findings.note(line, text, known.fate, known.becomes.replaceAll('`', '"'));
  }
}

const isOff = (value: string): boolean => /^(false|0|no|off|f|n|none)$/i.test(value.trim());

/** As a shell line; null where it can't be known what would run. */
function commandOf(option: IniOption, values: Expansions, findings: Findings): string | null {
  const text = `command = ${option.value}`;
  const expanded = expand(option.value, values);
  if (expanded.unknown !== null) {
    findings.note(
      option.line,
      text,
      'left out',
      `${expanded.unknown} is not known here: write what it stands for, and import again`,
    );
    return null;
  }
  const words = splitWords(expanded.text);
  if (words === null || words.length === 0) {
    findings.note(option.line, text, 'left out', 'a quote in it is not closed: close it, and import again');
    return null;
  }
  for (const name of new Set(expanded.variables))
    findings.note(
      option.line,
      text,
      'adapted',
      `%(ENV_${name})s became the variable ${name}: give it a value with "nightshift env set"`,
    );
  const line = shellLine(words);
  return findings.isTooLong(option.line, text, line) ? null : line;
}

function commandIn(
  section: IniSection,
  line: string,
  values: Expansions,
  around: Around,
): { command: string; simple: boolean } {
  const { findings, to } = around;
  let command = line;
  const directory = section.options.get('directory');
  if (directory !== undefined) {
    const expanded = expand(directory.value, values);
    const directive = `directory = ${directory.value}`;
    const place = { to, findings, line: directory.line, directive };
    if (expanded.unknown !== null || expanded.variables.length > 0)
      findings.note(
        directory.line,
        directive,
        'left out',
        'which folder that is, is not known here: jobs begin in the root',
      );
    else command = inFolder(line, expanded.text, place, true);
  }
  const umask = section.options.get('umask');
  if (umask !== undefined && /^[0-7]{1,4}$/.test(umask.value.trim())) {
    findings.note(
      umask.line,
      `umask = ${umask.value}`,
      'adapted',
      `the command begins with "umask ${umask.value.trim()}"`,
    );
    command = `umask ${umask.value.trim()} && ${command === line ? 'exec ' : ''}${command}`;
  } else if (umask !== undefined)
    findings.note(umask.line, `umask = ${umask.value}`, 'left out', 'it is not an octal number such as 022');
  return { command, simple: command === line };
}

function settingsOf(section: IniSection, { to }: Around, findings: Findings): Partial<ImportedJob> {
  const { options } = section;
  const user = options.get('user');
  const disabled =
    user === undefined
      ? {}
      : noteUser(user.value, { to, findings, line: user.line, directive: `user = ${user.value}` });
  const autostart = options.get('autostart');
  return {
    ...disabled,
    ...(autostart !== undefined && isOff(autostart.value) ? { status: 'disabled' as const } : {}),
    ...signalOf(options.get('stopsignal'), findings),
    ...timeoutOf(options.get('stopwaitsecs'), findings),
  };
}

function signalOf(option: IniOption | undefined, findings: Findings): { exitSignal?: SignalName } {
  if (option === undefined) return {};
  const signal = parseSignal(option.value);
  if (signal !== undefined && (exitSignals as readonly string[]).includes(signal))
    return { exitSignal: signal };
  findings.note(
    option.line,
    `stopsignal = ${option.value}`,
    'left out',
    `the exit signal is TERM: choose one of ${exitSignals.join(', ')}`,
  );
  return {};
}

function timeoutOf(option: IniOption | undefined, findings: Findings): { exitTimeoutSeconds?: number } {
  if (option === undefined) return {};
  const wanted = wholeOf(option, 10, findings);
  const bounded = Math.min(Math.max(wanted, 1), limits.exitTimeoutSecondsMax);
  if (bounded !== wanted)
    findings.note(
      option.line,
      `stopwaitsecs = ${wanted}`,
      'adapted',
      `the exit timeout is ${bounded} s: between 1 s and 1 h are possible`,
    );
  return { exitTimeoutSeconds: bounded };
}

function variablesOf(
  section: IniSection,
  values: Expansions,
  findings: Findings,
): Map<string, { value: string; line: number }> {
  const option = section.options.get('environment');
  if (option === undefined) return new Map();
  const read = environmentOf(option, values, findings);
  return new Map([...read].map(([key, value]) => [key, { value, line: option.line }]));
}

/** `KEY="value",OTHER="value"`. */
export function environmentOf(
  option: IniOption,
  values: Expansions,
  findings: Findings,
): Map<string, string> {
  const found = new Map<string, string>();
  const expanded = expand(option.value, values);
  const pair = /\s*([^\s=,]+)\s*=\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^,"'])*)\s*(?:,|$)/gy;
  let end = 0;
  for (const match of expanded.text.matchAll(pair)) {
    end = match.index + match[0].length;
    const [, key = '', raw = ''] = match;
    if (raw.includes('\uE000'))
      findings.note(
        option.line,
        key,
        'left out',
        'its value comes from the surroundings of supervisord: set it with "nightshift env set"',
      );
    else found.set(key, (splitWords(raw.trim()) ?? [raw.trim()]).join(' '));
  }
  const rest = expanded.text.slice(end).trim();
  if (rest !== '')
    findings.note(
      option.line,
      `environment: ${rest}`,
      'left out',
      'it is not KEY="value": set it with "nightshift env set"',
    );
  return found;
}
