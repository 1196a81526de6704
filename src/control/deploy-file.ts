/** nightshift.yml: what a repository says of its jobs, its plan and its deployment (docs/guides/deploying.md). */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { parseDuration } from '../domain/units.ts';
import type { JobSettingsInput, NewJob } from './control.ts';
import { type FileSettingName, fileSettingNames, fileSettings, likelyKey } from './file-settings.ts';

export const deployFileName = 'nightshift.yml';
/** The branch that is deployed, where the file does not say. */
export const usualBranch = 'main';

export interface FileJob extends NewJob {
  /** Where it stands in the file, for what only other rules find. */
  readonly line: number;
  /** The file that it was imported from: it is not nightshift.yml then, and the job is people's. */
  readonly file?: string;
}

export interface DeployFile {
  readonly branch: string;
  readonly commands: readonly string[];
  /** For all of them together. */
  readonly commandsSeconds: number;
  /** The plan wished for; null: none in particular. */
  readonly plan: string | null;
  /** Null: the file says nothing of jobs, and manages none. */
  readonly jobs: readonly FileJob[] | null;
}

/** Of a tree without the file. */
export const noDeployFile: DeployFile = {
  branch: usualBranch,
  commands: [],
  commandsSeconds: limits.deployCommandsSecondsMax,
  plan: null,
  jobs: null,
};

/** Says what is wrong at which place. */
type Refuse = (node: unknown, why: string) => never;

interface Reading {
  readonly refuse: Refuse;
  readonly lineOf: (node: unknown) => number;
}

/** Throws Refusal `deploy.file` that names line and column of the first mistake. */
export function parseDeployFile(text: string): DeployFile {
  if (Buffer.byteLength(text) > limits.deployFileBytes)
    throw new Refusal('deploy.file', { why: `it is longer than ${limits.deployFileBytes / 1024} KB` });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true, merge: false });
  const offsetOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
  const refuse: Refuse = (node, why) => {
    const at = offsetOf(node);
    const place = at === undefined ? null : lines.linePos(at);
    const where = place === null ? '' : `line ${place.line}, column ${place.col}: `;
    throw new Refusal('deploy.file', { why: `${where}${why}` });
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const place = error.linePos?.[0] ?? lines.linePos(error.pos[0]);
    const said = error.message.split('\n')[0]?.replace(/ at line .*$/, '');
    throw new Refusal('deploy.file', { why: `line ${place.line}, column ${place.col}: ${said}` });
  }
  const root = document.contents;
  if (root === null) return noDeployFile;
  const lineOf = (node: unknown): number => lines.linePos(offsetOf(node) ?? 0).line;
  return fileOf(root, { refuse, lineOf });
}

function fileOf(root: unknown, reading: Reading): DeployFile {
  const top = mapOf(root, 'the file', ['deploy', 'plan', 'jobs'], reading);
  const deploy = top.has('deploy')
    ? mapOf(top.get('deploy', true), '"deploy"', ['branch', 'commands', 'timeout'], reading)
    : undefined;
  return {
    branch: deploy === undefined ? usualBranch : branchOf(deploy, reading),
    commands: deploy === undefined ? [] : commandsOf(deploy, reading),
    commandsSeconds: deploy === undefined ? noDeployFile.commandsSeconds : timeoutOf(deploy, reading),
    plan: top.has('plan') ? textOf(top.get('plan', true), 'the plan', reading) : null,
    jobs: top.has('jobs') ? jobsOf(top.get('jobs', true), reading) : null,
  };
}

const wordOf = (node: unknown): string => String(isScalar(node) ? node.value : node);

/** A map with known keys only. An alias is refused: what it means could be anything by the time it is read. */
function mapOf(node: unknown, what: string, keys: readonly string[], { refuse }: Reading): YAMLMap {
  if (isAlias(node)) return refuse(node, `${what} can't be an alias: write it out`);
  if (!isMap(node))
    return refuse(node, `${what} must be a list of settings such as "${keys[0]}: …", each on a line`);
  for (const { key } of node.items) {
    const word = wordOf(key);
    if (keys.includes(word)) continue;
    const likely = likelyKey(word, keys);
    const meant = likely === undefined ? '' : `did you mean ${likely}? `;
    refuse(
      key,
      `"${word}" is not known in ${what}: ${meant}${meant === '' ? 'use' : 'Use'} ${keys.join(', ')}`,
    );
  }
  return node;
}

/** Text as it was written: 0.10 and yes are texts too, where a text is wanted. */
function textOf(node: unknown, what: string, { refuse }: Reading): string {
  if (isAlias(node) || !isScalar(node) || node.value === null)
    return refuse(node, `${what} must be a text on one line`);
  const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  if (text.trim() === '') return refuse(node, `${what} is empty`);
  return text;
}

function branchOf(deploy: YAMLMap, reading: Reading): string {
  if (!deploy.has('branch')) return usualBranch;
  const node = deploy.get('branch', true);
  const branch = textOf(node, 'the branch', reading);
  // What git takes for a name, and some less: git-check-ref-format(1).
  if (!/^(?![/.-])(?!.*(\.\.|\/\/|@\{|\/\.|\.lock$|[/.]$))[A-Za-z0-9._/+@-]{1,200}$/.test(branch))
    reading.refuse(node, `"${branch}" is not a name for a branch`);
  return branch;
}

function commandsOf(deploy: YAMLMap, reading: Reading): readonly string[] {
  if (!deploy.has('commands')) return [];
  const node = deploy.get('commands', true);
  if (!isSeq(node)) return reading.refuse(node, '"commands" must be a list: each command after "- "');
  if (node.items.length > limits.deployCommands)
    reading.refuse(node, `"commands" lists more than ${limits.deployCommands} commands`);
  return node.items.map((item) => {
    const command = textOf(item, 'a command', reading);
    if (command.length > limits.commandCharacters || command.includes('\0'))
      reading.refuse(item, `a command is longer than ${limits.commandCharacters} characters, or holds a NUL`);
    return command;
  });
}

function timeoutOf(deploy: YAMLMap, { refuse }: Reading): number {
  if (!deploy.has('timeout')) return limits.deployCommandsSecondsMax;
  const node = deploy.get('timeout', true);
  const seconds = parseDuration(wordOf(node));
  if (seconds === undefined || seconds < 1 || seconds > limits.deployCommandsSecondsMax)
    return refuse(node, `the timeout is "${wordOf(node)}" and must be between 1s and 1h`);
  return seconds;
}

function jobsOf(node: unknown, reading: Reading): readonly FileJob[] {
  if (isScalar(node) && node.value === null) return [];
  if (!isMap(node))
    return reading.refuse(node, '"jobs" must be a list of names, each with its settings below it');
  return node.items.map(({ key, value }) => jobOf(key, value, reading));
}

function jobOf(key: unknown, value: unknown, reading: Reading): FileJob {
  const name = isScalar(key) && typeof key.value !== 'string' ? (key.source ?? '') : wordOf(key);
  const settings = mapOf(value, `job "${name}"`, ['type', ...fileSettingNames], reading);
  const type = typeOf(settings, name, reading);
  const input: Record<string, unknown> = {};
  for (const { key: settingKey, value: settingValue } of settings.items) {
    const setting = wordOf(settingKey);
    if (setting === 'type') continue;
    const { field } = fileSettings[setting as FileSettingName];
    input[field] = readValue(settingValue, setting as FileSettingName, `job "${name}"`, reading);
  }
  return { ...(input as JobSettingsInput), name, type, line: reading.lineOf(key) };
}

/** Where the file does not say it: what has a schedule is a cron. */
function typeOf(settings: YAMLMap, name: string, { refuse }: Reading): FileJob['type'] {
  if (!settings.has('type')) return settings.has('every') || settings.has('crontab') ? 'cron' : 'worker';
  const node = settings.get('type', true);
  const type = wordOf(node);
  if (type !== 'worker' && type !== 'cron')
    return refuse(node, `the type of job "${name}" is "${type}" and must be worker or cron`);
  return type;
}

function readValue(node: unknown, name: FileSettingName, of: string, reading: Reading): unknown {
  const { refuse } = reading;
  const { kind } = fileSettings[name];
  const word = wordOf(node);
  const wrong = (wanted: string): never =>
    refuse(node, `"${name}" of ${of} is "${word}" and must be ${wanted}`);
  if (isAlias(node)) return wrong('written out');
  if (typeof kind === 'object') {
    const found = kind.find((each) => each.toLowerCase() === word.replace(/^SIG/i, '').toLowerCase());
    return found ?? wrong(`one of ${kind.join(', ')}`);
  }
  switch (kind) {
    case 'text':
      return textOf(node, `"${name}" of ${of}`, reading);
    case 'whole':
      return isScalar(node) && Number.isInteger(node.value) ? node.value : wrong('a whole number');
    case 'flag':
      if (!isScalar(node) || typeof node.value !== 'boolean') return wrong('true or false');
      return node.value ? 'enabled' : 'disabled';
    case 'limit':
      if (word === 'none') return null;
      return parseDuration(word) ?? wrong('a duration such as 90s, 10m or 2h, or none');
    case 'duration':
      return parseDuration(word) ?? wrong('a duration such as 90s, 10m or 2h');
    case 'codes': {
      if (word === 'any') return null;
      const codes = isSeq(node) ? node.items.map(wordOf) : word.split(',');
      const numbers = codes.map((code) =>
        /^\s*\d{1,3}\s*$/.test(code) ? Number(code) : wrong('any, or a list such as [75, 111]'),
      );
      return numbers;
    }
  }
}
