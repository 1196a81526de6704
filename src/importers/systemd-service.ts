/** What one service of systemd runs, and how. */
import { limits } from '../domain/limits.ts';
import { exitSignals, parseSignal } from '../domain/signals.ts';
import { parseSize } from '../domain/units.ts';
import type { Destination, Directive, Findings, ImportedJob, SourceFile } from './imported.ts';
import { inFolder, noteUser, resolvePath } from './places.ts';
import { shellLine, splitWords, variable } from './shell-text.ts';
import { serviceDirectives, unitSections, wallDirective, wallSetting } from './systemd-directives.ts';
import { lastOf, timeSpan, type UnitSetting, valuesOf } from './unit-file.ts';
import { fillIn, isTemplate, type UnitName } from './unit-name.ts';
import { usableVariable } from './variables.ts';

export interface ServiceDraft {
  /** Where the command stands. */
  readonly line: number;
  readonly findings: Findings;
  readonly command: string;
  readonly simple: boolean;
  readonly settings: Partial<ImportedJob>;
  /** Only where it becomes a cron. */
  readonly cron: Partial<ImportedJob>;
  readonly variables: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
  readonly memoryBytes: number;
  readonly wanted: readonly string[];
}

interface Around {
  readonly to: Destination;
  /** Of the unit's own file. */
  readonly findings: Findings;
  readonly files: readonly SourceFile[];
  /** The folder of the unit. */
  readonly folder: string;
  readonly name: UnitName;
}

/** Null where there is no command that can be run here; a note says so then. */
export function serviceOf(unfilled: readonly UnitSetting[], around: Around): ServiceDraft | null {
  const { findings, name } = around;
  const settings = filledSettings(unfilled, name);
  const starts = valuesOf(settings, 'Service', 'ExecStart');
  const before = valuesOf(settings, 'Service', 'ExecStartPre');
  for (const each of settings) noteSetting(each);
  const [first] = starts;
  if (first === undefined) {
    findings.note(1, '[Service]', 'left out', 'it has no ExecStart: there is nothing to run');
    return null;
  }
  const commands = [...before, ...starts].map((each) => commandOf(each, name));
  if (commands.some((each) => each === null)) return null;
  for (const { line, value, findings: where } of before)
    where.note(line, `ExecStartPre=${value}`, 'adapted', 'stands before the command, joined by "&&"');
  const last = commands.at(-1) as string;
  const joined = [...commands.slice(0, -1), commands.length === 1 ? last : `exec ${last}`].join(' && ');
  const placed = placedIn(settings, joined, commands.length === 1, around);
  const { variables, wanted } = variablesOf(settings, around);
  return {
    line: first.line,
    findings: first.findings,
    ...placed,
    settings: settingsOf(settings, around),
    cron: cronSettingsOf(settings),
    variables,
    wanted,
    memoryBytes: memoryOf(settings),
  };
}

const adaptedInPlace = new Set([
  'ExecStartPre',
  'WorkingDirectory',
  'UMask',
  'User',
  'MemoryMax',
  'MemoryLimit',
  'Type',
  'Restart',
]);

/** Whole values; commands and variables are filled in word by word, after they are split. */
const filledWhole = new Set(['WorkingDirectory', 'User', 'EnvironmentFile', 'UMask']);

/** Their values with what stands for the unit's name; what can't be known is told and left away. */
function filledSettings(settings: readonly UnitSetting[], name: UnitName): UnitSetting[] {
  return settings.flatMap((each) => {
    if (each.section !== 'Service' || !filledWhole.has(each.name)) return [each];
    const value = filledWord(each.value, each, name);
    return value === null ? [] : [{ ...each, value }];
  });
}

/** Null where only systemd knows what a part of it stands for; a note says so then. */
function filledWord(word: string, setting: UnitSetting, name: UnitName): string | null {
  const filled = fillIn(word, name);
  if ('text' in filled) return filled.text;
  const { prefix } = name;
  setting.findings.note(
    setting.line,
    `${setting.name}=${setting.value}`,
    'left out',
    isTemplate(name) && /[iInN]/.test(filled.unknown)
      ? `${filled.unknown} stands for the instance of a template: name its instances, such as ${prefix}@NAME.${name.kind}, in place of ${prefix}@.${name.kind}`
      : `${word} is filled in by systemd: write what it stands for, and import again`,
  );
  return null;
}

function noteSetting({ section, name, value, line, findings }: UnitSetting): void {
  const directive = `${name}=${value}`;
  const whole = (unitSections as Readonly<Record<string, Directive>>)[section];
  if (whole !== undefined) {
    if (!/^(Description|Documentation)$/.test(name))
      findings.note(line, directive, 'not needed', whole.becomes.replaceAll('`', '"'));
    return;
  }
  if (section !== 'Service') return;
  const known = (serviceDirectives as Readonly<Record<string, Directive>>)[name];
  if (name === 'Type' && value === 'forking')
    findings.note(
      line,
      directive,
      'left out',
      'what goes into the background is ended with its run: start the program so that it stays in front',
    );
  else if (name === 'Restart' && value === 'no')
    findings.note(
      line,
      directive,
      'left out',
      'workers are restarted whenever they exit: what shall run once and end is a cron',
    );
  else if (known === undefined)
    findings.note(
      line,
      directive,
      wallSetting.test(name) ? 'not needed' : 'left out',
      wallSetting.test(name)
        ? wallDirective.becomes
        : 'it has no equivalent: see to it in the program itself',
    );
  else if (known.fate !== 'kept' && !adaptedInPlace.has(name))
    findings.note(line, directive, known.fate, known.becomes.replaceAll('`', '"'));
}

/** systemd splits like a shell and knows no shell: variables are put in, everything else is a word. */
function commandOf(setting: UnitSetting, unit: UnitName): string | null {
  const { name, value, line, findings } = setting;
  const directive = `${name}=${value}`;
  const [, prefix = '', rest = ''] = /^([-@:+!|]*)([\s\S]*)$/.exec(value) ?? [];
  const words = splitWords(rest);
  if (words === null || words.length === 0) {
    findings.note(line, directive, 'left out', 'a quote in it is not closed: close it, and import again');
    return null;
  }
  if (prefix.includes('@')) words.splice(1, 1);
  const filled: string[] = [];
  for (const word of words) {
    const text = filledWord(word, setting, unit);
    if (text === null) return null;
    filled.push(text);
  }
  const read = filled.map((word) =>
    word.replaceAll(/\$(?:\$|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, bare?: string) => {
      const named = braced ?? bare;
      return named === undefined ? '$' : variable(named);
    }),
  );
  if (/[+!]/.test(prefix))
    findings.note(
      line,
      directive,
      'left out',
      'it ran with more rights than its service: here it runs as the environment’s user',
    );
  const command = shellLine(read);
  return prefix.includes('-') ? `{ ${command} || true; }` : command;
}

function placedIn(
  settings: readonly UnitSetting[],
  command: string,
  simple: boolean,
  { to }: Around,
): { command: string; simple: boolean } {
  let placed = command;
  const folder = lastOf(settings, 'Service', 'WorkingDirectory');
  if (folder !== undefined && folder.value !== '~') {
    const directive = `WorkingDirectory=${folder.value}`;
    placed = inFolder(
      command,
      folder.value.replace(/^-/, ''),
      { to, findings: folder.findings, line: folder.line, directive },
      simple,
    );
  }
  const umask = lastOf(settings, 'Service', 'UMask');
  if (umask !== undefined && /^[0-7]{1,4}$/.test(umask.value)) {
    umask.findings.note(
      umask.line,
      `UMask=${umask.value}`,
      'adapted',
      `the command begins with "umask ${umask.value}"`,
    );
    placed = `umask ${umask.value} && ${placed === command && simple ? 'exec ' : ''}${placed}`;
  }
  return { command: placed, simple: simple && placed === command };
}

function settingsOf(settings: readonly UnitSetting[], { to }: Around): Partial<ImportedJob> {
  const user = lastOf(settings, 'Service', 'User');
  const signal = lastOf(settings, 'Service', 'KillSignal');
  const timeout = lastOf(settings, 'Service', 'TimeoutStopSec');
  const parsed = signal === undefined ? undefined : parseSignal(signal.value);
  const known =
    parsed !== undefined && (exitSignals as readonly string[]).includes(parsed) ? parsed : undefined;
  if (signal !== undefined && known === undefined)
    signal.findings.note(
      signal.line,
      `KillSignal=${signal.value}`,
      'left out',
      `the exit signal is TERM: choose one of ${exitSignals.join(', ')}`,
    );
  return {
    ...(user === undefined
      ? {}
      : noteUser(user.value, {
          ...{ to, findings: user.findings, line: user.line },
          directive: `User=${user.value}`,
        })),
    ...(known === undefined ? {} : { exitSignal: known }),
    ...(timeout === undefined ? {} : timeoutOf(timeout)),
  };
}

function timeoutOf({ value, line, findings }: UnitSetting): { exitTimeoutSeconds?: number } {
  const wanted = value === 'infinity' ? limits.exitTimeoutSecondsMax : timeSpan(value);
  const bounded = Math.min(Math.max(Math.round(wanted ?? 0), 1), limits.exitTimeoutSecondsMax);
  if (bounded !== wanted)
    findings.note(
      line,
      `TimeoutStopSec=${value}`,
      'adapted',
      `the exit timeout is ${bounded} s: between 1 s and 1 h are possible`,
    );
  return wanted === undefined ? {} : { exitTimeoutSeconds: bounded };
}

function cronSettingsOf(settings: readonly UnitSetting[]): Partial<ImportedJob> {
  const longest = timeSpan(lastOf(settings, 'Service', 'RuntimeMaxSec')?.value ?? '');
  // systemd never starts a service that runs.
  const maxRuntime =
    longest === undefined
      ? {}
      : { maxRuntimeSeconds: Math.min(Math.max(Math.round(longest), 1), limits.maxRuntimeSecondsMax) };
  return { maxInstances: 1, ...maxRuntime };
}

function memoryOf(settings: readonly UnitSetting[]): number {
  const stated = lastOf(settings, 'Service', 'MemoryMax') ?? lastOf(settings, 'Service', 'MemoryLimit');
  return (stated === undefined ? undefined : parseSize(stated.value)) ?? 0;
}

function variablesOf(
  settings: readonly UnitSetting[],
  { files, folder, name: unit }: Around,
): { variables: Map<string, { value: string; line: number }>; wanted: string[] } {
  const variables = new Map<string, { value: string; line: number }>();
  const wanted: string[] = [];
  const take = (text: string, { line, findings }: UnitSetting): void => {
    const at = text.indexOf('=');
    const [name, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
    if (usableVariable(name, value, findings, line)) variables.set(name, { value, line });
  };
  for (const setting of valuesOf(settings, 'Service', 'Environment'))
    for (const word of splitWords(setting.value) ?? []) {
      const filled = filledWord(word, setting, unit);
      if (filled !== null) take(filled, setting);
    }
  for (const setting of valuesOf(settings, 'Service', 'EnvironmentFile')) {
    const { value, line, findings } = setting;
    const path = resolvePath(folder, value.replace(/^-/, ''));
    const file = files.find(({ name }) => name === path);
    if (file !== undefined) for (const each of linesOf(file.text)) take(each, setting);
    else if (!value.startsWith('-') || folder.startsWith('/')) {
      wanted.push(path);
      findings.note(
        line,
        `EnvironmentFile=${value}`,
        'left out',
        `${path} was not read: set its variables with "nightshift env set"`,
      );
    }
  }
  return { variables, wanted };
}

/** `NAME="value"` a line, as in a file of variables. */
const linesOf = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => /^[A-Za-z_]\w*=/.test(line))
    .map((line) => {
      const at = line.indexOf('=') + 1;
      return line.slice(0, at) + (splitWords(line.slice(at)) ?? [line.slice(at)]).join(' ');
    });
