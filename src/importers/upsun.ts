/** The workers and crons of Upsun and Platform.sh (`.upsun/config.yaml`, `.platform.app.yaml`). */
import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { whyNotDue } from './crontab.ts';
import { type Draft, importedDrafts } from './drafts.ts';
import { type Destination, type Directive, Findings, type Imported, type SourceFile } from './imported.ts';
import { JobNames } from './job-names.ts';
import { withoutMarks } from './shell-text.ts';
import { appDirectives, cronDirectives, workerDirectives } from './upsun-directives.ts';
import { type JobVariables, usableVariable } from './variables.ts';

type Entry = { readonly name: string; readonly value: unknown; readonly line: number };

export function importUpsun(files: readonly SourceFile[], _to: Destination): Imported {
  const names = new JobNames();
  const read = files.map((file) => {
    const findings = new Findings(file.name);
    return { findings, drafts: new Reading(file, findings, names).drafts() };
  });
  return importedDrafts(read, () => false);
}

class Reading {
  readonly #findings: Findings;
  readonly #names: JobNames;
  readonly #lines = new LineCounter();
  readonly #root: unknown;

  constructor(file: SourceFile, findings: Findings, names: JobNames) {
    this.#findings = findings;
    this.#names = names;
    const document = parseDocument(withoutMarks(file.text), { lineCounter: this.#lines, stringKeys: true });
    const [error] = document.errors;
    if (error !== undefined) {
      const why = `line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]?.replace(/ at line .*$/, '')}`;
      throw new Refusal('import.file', { file: file.name, why }, { cause: error });
    }
    this.#root = document.contents;
  }

  drafts(): Draft[] {
    const apps = this.#entries(this.#root).find(({ name }) => name === 'applications');
    if (apps === undefined) return this.#app(this.#root, '');
    for (const { name, line } of this.#entries(this.#root))
      if (name !== 'applications')
        this.#said(
          line,
          name,
          'left out',
          'services and routes are not jobs: run them beside, and tell the app where by "nightshift env set"',
        );
    const all = this.#entries(apps.value);
    return all.flatMap(({ name, value }) => this.#app(value, all.length > 1 ? `${name}-` : ''));
  }

  #app(app: unknown, prefix: string): Draft[] {
    const entries = this.#entries(app);
    const zone = textOf(entries.find(({ name }) => name === 'timezone')?.value) ?? 'UTC';
    const variables = this.#variables(app);
    const drafts: Draft[] = [];
    for (const { name, value, line } of entries) {
      const known = (appDirectives as Readonly<Record<string, Directive>>)[name];
      if (name === 'workers')
        drafts.push(...this.#entries(value).flatMap((worker) => this.#worker(worker, prefix, variables)));
      else if (name === 'crons')
        drafts.push(...this.#entries(value).flatMap((cron) => this.#cron(cron, prefix, zone, variables)));
      else if (known === undefined) this.#said(line, name, 'left out', 'it is nothing of a job');
      else if (known.fate !== 'kept') this.#said(line, name, known.fate, known.becomes);
    }
    return drafts;
  }

  #worker(entry: Entry, prefix: string, common: JobVariables['values']): Draft[] {
    const { name, value, line } = entry;
    this.#noteAll(value, workerDirectives, name);
    const commands = this.#get(value, 'commands');
    const start = textOf(this.#get(commands, 'start'));
    if (start === undefined) {
      this.#said(line, name, 'left out', 'it has no commands: start: there is nothing to run');
      return [];
    }
    const before = textOf(this.#get(commands, 'pre_start'));
    const command = [before, start]
      .filter((each) => each !== undefined)
      .map((each) => each.trim())
      .join('\n');
    const variables = new Map([...common, ...this.#variables(value)]);
    return [{ line, variables, name: this.#named(entry, prefix), type: 'worker', command }];
  }

  #cron(entry: Entry, prefix: string, zone: string, variables: JobVariables['values']): Draft[] {
    const { name, value, line } = entry;
    this.#noteAll(value, cronDirectives, name);
    const spec = textOf(this.#get(value, 'spec'));
    const command =
      textOf(this.#get(this.#get(value, 'commands'), 'start')) ?? textOf(this.#get(value, 'cmd'));
    const why =
      spec === undefined
        ? 'it has no spec, which says when it is due'
        : command === undefined
          ? 'it has no commands: start: there is nothing to run'
          : whyNotDue(spec, zone);
    if (why !== null || spec === undefined || command === undefined) {
      this.#said(line, name, 'left out', String(why));
      return [];
    }
    const seconds = (setting: string, unit: number, most: number): number | undefined => {
      const amount = Number(textOf(this.#get(value, setting)) ?? Number.NaN);
      return Number.isFinite(amount) ? Math.min(Math.max(Math.round(amount * unit), 1), most) : undefined;
    };
    const maxRuntimeSeconds = seconds('timeout', 60, limits.maxRuntimeSecondsMax);
    const exitTimeoutSeconds = seconds('shutdown_timeout', 1, limits.exitTimeoutSecondsMax);
    const job: Omit<Draft, 'line' | 'variables'> = {
      ...{
        name: this.#named(entry, prefix),
        type: 'cron',
        command: command.trim(),
        crontab: spec,
        timezone: zone,
      },
      // Upsun never runs one cron twice at once.
      maxInstances: 1,
      ...(maxRuntimeSeconds === undefined ? {} : { maxRuntimeSeconds }),
      ...(exitTimeoutSeconds === undefined ? {} : { exitTimeoutSeconds }),
    };
    return [{ ...job, line, variables }];
  }

  #named({ name, line }: Entry, prefix: string): string {
    const given = this.#names.take(`${prefix}${name}`, `job-${line}`);
    if (given !== name) this.#said(line, name, 'adapted', `the job is called ${given}`);
    return given;
  }

  #variables(of: unknown): Map<string, { value: string; line: number }> {
    const found = new Map<string, { value: string; line: number }>();
    for (const { name: prefix, value: group, line: at } of this.#entries(this.#get(of, 'variables'))) {
      if (prefix !== 'env') {
        this.#said(
          at,
          `variables: ${prefix}`,
          'left out',
          'only those below "env:" are variables of the environment: set what is needed with "nightshift env set"',
        );
        continue;
      }
      for (const { name, value, line } of this.#entries(group)) {
        const text = textOf(value);
        if (text === undefined)
          this.#said(line, name, 'left out', 'its value is no text: set it with "nightshift env set"');
        else if (usableVariable(name, text, this.#findings, line)) found.set(name, { value: text, line });
      }
    }
    return found;
  }

  #noteAll(of: unknown, table: Readonly<Record<string, Directive>>, job: string): void {
    for (const { name, line } of this.#entries(of)) {
      const known = table[name];
      if (known === undefined) this.#said(line, `${job}: ${name}`, 'left out', 'it is nothing of a job');
      else if (known.fate !== 'kept') this.#said(line, `${job}: ${name}`, known.fate, known.becomes);
    }
    if (this.#get(this.#get(of, 'commands'), 'stop') !== undefined)
      this.#said(
        this.#lineOf(this.#get(this.#get(of, 'commands'), 'stop')),
        `${job}: commands: stop`,
        'left out',
        cronDirectives['commands: stop'].becomes,
      );
  }

  #said(
    line: number,
    directive: string,
    fate: 'adapted' | 'not needed' | 'left out',
    sentence: string,
  ): void {
    this.#findings.note(line, directive, fate, sentence.replaceAll('`', '"'));
  }

  #lineOf = (node: unknown): number =>
    this.#lines.linePos((node as Node | null | undefined)?.range?.[0] ?? 0).line || 1;

  #get = (of: unknown, name: string): unknown =>
    isMap(of) ? ((of as YAMLMap).get(name, true) as unknown) : undefined;

  #entries(of: unknown): Entry[] {
    if (!isMap(of)) return [];
    return of.items.map(({ key, value }) => ({
      name: isScalar(key) ? String(key.value) : String(key),
      value,
      line: this.#lineOf(key),
    }));
  }
}

/** As it is written: 1.10 stays 1.10. */
function textOf(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}
