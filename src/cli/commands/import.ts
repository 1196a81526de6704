/** `import`: reads files of other programs, tells what becomes of each line, and has the jobs made. `export`: the way back. */
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatPlanSize } from '../../contract/format.ts';
import type { ExportedJobs, ImportedJobs, ImportNote } from '../../contract/moving.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { printable } from '../output/table.ts';

interface ImportOptions {
  readonly env: string;
  readonly dryRun?: boolean;
  readonly plan?: string;
  readonly timezone?: string;
  readonly print?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

interface Source {
  readonly name: string;
  readonly text: string;
}

/** Includes may include further files; who goes on like that for ever has made a ring. */
const roundsMax = 5;

export async function importJobs(
  context: Context,
  [format = '', ...names]: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const url = path`/environments/${options.env}/import`;
  const timezone = options.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const files = await Promise.all(names.map((name) => read(context, name)));
  const ask = (dryRun: boolean) =>
    context.client.call<ImportedJobs>(
      'POST',
      url,
      { wait: options.wait !== false },
      { format, files, timezone, plan: options.plan ?? null, dryRun },
    );
  let told = await ask(true);
  for (let round = 0; round < roundsMax; round++) {
    const more = await readWanted([...told.wanted, ...told.optional], files);
    if (more.length === 0) break;
    files.push(...more);
    told = await ask(true);
  }
  if (options.print === true) {
    context.show(told, () => told.file);
    tellNotes(context, told);
    return 0;
  }
  if (!context.json) context.say(page(context, told, options));
  if (options.dryRun === true) {
    if (context.json) context.show(told, () => '');
    return 0;
  }
  if (told.refused !== null) throw new CliFailure('import.refused', withPlan(told));
  if (told.changed.length > 0) {
    const jobs = told.changed.map(({ name }) => name).join(', ');
    await context.confirm(`changes jobs that are there already: ${jobs}`, options.yes);
  }
  const done = await ask(false);
  context.show(done, () =>
    done.lines.length === 0
      ? ''
      : `"${options.env}" has these jobs now: see "nightshift jobs ${options.env}"`,
  );
  return 0;
}

/** `-` is standard input. */
async function read(context: Context, name: string): Promise<Source> {
  try {
    if (name !== '-') {
      const whole = resolve(context.io.workingFolder, name);
      return { name: whole, text: await textOf(whole) };
    }
    const parts: Buffer[] = [];
    for await (const part of context.io.stdin) parts.push(Buffer.from(part as Buffer));
    return { name: 'standard input', text: Buffer.concat(parts).toString('utf8') };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CliFailure('usage', `${printable(name)} can't be read (${why})`, 2, { cause });
  }
}

/** An instance of systemd, such as mails@eu.service, has no file of its own: what it says stands in that of its template, mails@.service. */
const templateOf = (file: string): string => file.replace(/@[^@/]+(\.(?:service|timer))$/, '@$1');

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const template = templateOf(file);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || template === file) throw error;
    // Where there is none either, it is the file as it was named that is missing.
    return await readFile(template, 'utf8').catch(() => Promise.reject(error));
  }
}

/** Those that are there, each once. */
async function readWanted(wanted: readonly string[], known: readonly Source[]): Promise<Source[]> {
  const found = new Set<string>();
  for (const pattern of wanted) {
    for await (const file of glob(pattern)) found.add(file);
    if (templateOf(pattern) !== pattern && existsSync(templateOf(pattern))) found.add(pattern);
  }
  const fresh = [...found].sort().filter((file) => !known.some(({ name }) => name === file));
  return await Promise.all(fresh.map(async (name) => ({ name, text: await textOf(name) })));
}

/** The difference, the notes, and the plan. */
function page(context: Context, told: ImportedJobs, { env }: ImportOptions): string {
  const lines = told.lines.map(printable);
  const nothing = lines.length === 0 ? [nothingIn(told, env)] : [];
  const unchanged = told.unchanged.length === 0 ? [] : [`as it is already: ${told.unchanged.join(', ')}`];
  const notes = told.notes.flatMap((note) => ['', ...noteLines(context, note)]);
  return [...lines, ...nothing, ...unchanged, ...notes, ...missing(told), ...planLines(told, env), ''].join(
    '\n',
  );
}

const nothingIn = (told: ImportedJobs, environment: string): string =>
  told.unchanged.length > 0 ? `"${environment}" has all of it already` : 'no jobs that can be imported';

function noteLines({ paint }: Context, { file, line, directive, fate, sentence }: ImportNote): string[] {
  const words = fate === 'left out' ? paint.warn(fate) : fate;
  return [
    `${printable(file)}:${line}: ${paint.dim(printable(directive))}`,
    `  ${words}: ${printable(sentence)}`,
  ];
}

/** With `--print` the file is what stands on standard output. */
function tellNotes(context: Context, told: ImportedJobs): void {
  const lines = told.notes.flatMap((note) => noteLines(context, note));
  for (const line of [...lines, ...missing(told)]) context.io.stderr.write(`${line}\n`);
}

const missing = ({ wanted }: ImportedJobs): string[] =>
  wanted.map((file) => `not read, because there is no such file: ${printable(file)}`);

function planLines({ proposal }: ImportedJobs, environment: string): string[] {
  if (proposal === null) return [];
  const { jobs, memoryBytes } = proposal;
  const wants = `${jobs} enabled ${jobs === 1 ? 'job' : 'jobs'}, ${formatPlanSize(memoryBytes)}`;
  if (proposal.plan === null)
    return ['', `no plan is large enough for "${environment}" (${wants}): import into two environments`];
  return [
    '',
    `plan ${proposal.plan} is the smallest that fits "${environment}" (${wants}): book it with --plan ${proposal.plan}`,
  ];
}

const withPlan = ({ refused, proposal }: ImportedJobs): string =>
  proposal?.plan ? `${refused} (with --plan ${proposal.plan} it fits)` : String(refused);

export async function exportJobs(context: Context, [format = '', environment = '']: readonly string[]) {
  const url = path`/environments/${environment}/export`;
  const exported = await context.client.get<ExportedJobs>(url, { format });
  context.show(exported, () => exported.text);
}
