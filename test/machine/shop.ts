/** The environment that the daemon is tried with: three jobs that keep an account of themselves, and how it is compared with Nightshift's. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DueTime } from '../../src/contract/cron.ts';
import type { Run } from '../../src/contract/run.ts';
import { type Process, programOf } from './groups.ts';
import { client, run } from './unit.ts';
import { must, until } from './until.ts';

export const shop = 'shop';
const root = '/srv/shop';
const runsMax = 10_000;

const programs = {
  // Numbered lines: whoever reads them sees whether one is lost or doubled.
  talk: 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.2; done',
  // Long enough to be begun again at once. What it is about to end with it writes down first.
  crash:
    'n=$(cat crashes 2>/dev/null | wc -l); sleep 11; code=$((n % 7 + 1)); echo "$NIGHTSHIFT_RUN_ID $code" >>crashes; exit $code',
  tick: 'echo "$NIGHTSHIFT_DUE_AT $NIGHTSHIFT_RUN_ID" >>ticks',
} as const;

export async function makeShop(): Promise<void> {
  await makeEnvironment(shop, root, 'M');
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(root, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  await addJob(shop, { name: 'talk', type: 'worker', command: './talk' });
  await addJob(shop, { name: 'crash', type: 'worker', command: './crash' });
  await addJob(shop, { name: 'tick', type: 'cron', command: './tick', crontab: '* * * * *' });
}

export async function makeEnvironment(name: string, folder: string, plan: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await client.call('POST', '/environments', {}, { name, root: folder });
  await book(name, plan);
}

export const book = (environment: string, plan: string): Promise<unknown> =>
  client.call('PUT', `/environments/${environment}/component`, {}, { plan });

export const addJob = (environment: string, job: object): Promise<unknown> =>
  client.call('POST', `/environments/${environment}/jobs`, {}, job);

export const runsOf = (environment: string, job: string): Promise<readonly Run[]> =>
  client.history<Run>(`/environments/${environment}/runs`, { job }, runsMax);

/** The program that talks, once it is there. */
export const talker = (): Promise<Process> =>
  until('the worker "talk" to run', 60, () => programOf(shop, '/bin/sh ./talk'));

/** Rejects when it is not the very same process, still running, and the only one. */
export async function mustStillTalk(before: Process): Promise<void> {
  const now = await programOf(shop, '/bin/sh ./talk');
  const same = now?.pid === before.pid && now.startTime === before.startTime;
  must(same, `pid ${before.pid} was expected to run on, and there is ${now?.pid ?? 'none'}`);
}

/** The present run of "talk", for which nothing may change. */
export async function openTalk(): Promise<Run> {
  const open = (await runsOf(shop, 'talk')).filter((each) => each.endedAt === null);
  const [only] = open;
  must(only !== undefined && open.length === 1, `"talk" has ${open.length} open runs`);
  return only;
}

/** Reads all lines of "talk" through the command line: numbered from 1 in every run, no number twice, none left out. */
export async function linesAreWhole(): Promise<string> {
  const text = await run('nightshift', 'logs', shop, '--json', '--job', 'talk', '--lines', 'all');
  const last = new Map<string, number>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const entry = JSON.parse(line) as { readonly run: string; readonly message: string };
    const expected = (last.get(entry.run) ?? 0) + 1;
    must(
      entry.message === `line ${expected}`,
      `run ${entry.run}: "line ${expected}" was expected, not "${entry.message}"`,
    );
    last.set(entry.run, expected);
  }
  must(last.size > 0, 'there are no lines');
  return `${[...last.values()].join(' + ')} lines, no gap, none twice`;
}

/** How many lines of "talk" there are, by the last one. */
export async function linesSoFar(): Promise<number> {
  const response = await client.stream(
    `/environments/${shop}/logs`,
    { job: 'talk', last: 1 },
    AbortSignal.timeout(60_000),
  );
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return Number(/"message":"line (\d+)"/.exec(text)?.[1] ?? 0);
}

/** Every exit that "crash" wrote down was recorded once with its code; nothing else is said to have happened. */
export async function exitsAreTrue(): Promise<string> {
  const runs = new Map((await runsOf(shop, 'crash')).map((each) => [each.id, each]));
  const told = linesOf('crashes');
  for (const [id = '', code] of told) {
    const found = runs.get(id);
    must(found !== undefined, `run ${id} ended with ${code} and is not recorded`);
    if (found.endedAt === null) continue; // it wrote a moment ago
    const recorded = `${found.outcome}, exit code ${found.exitCode}`;
    must(
      found.outcome === 'failed' && found.exitCode === Number(code),
      `run ${id} ended with ${code}; recorded is ${recorded} (${found.reason})`,
    );
  }
  const known = new Set(told.map(([id]) => id));
  const invented = [...runs.values()].filter(({ id, endedAt }) => endedAt !== null && !known.has(id));
  const excused = invented.filter(neverBegan);
  must(
    excused.length === invented.length,
    `recorded and never happened: ${JSON.stringify(invented.filter((each) => !excused.includes(each)))}`,
  );
  return `${told.length} exits with their codes${saidOf(excused)}`;
}

/**
 * The two ways in which a run may end without its program's word, each told as what it is: the daemon's end cut its start short, or
 * the OCI runtime took longer than it is given, as it may where a processor is emulated.
 */
function neverBegan({ outcome, reason, startedAt, exitCode }: Run): boolean {
  if (reason === null || exitCode !== null) return false;
  return outcome === 'lost' || (startedAt === null && reason.includes('did not answer in time'));
}

const saidOf = (excused: readonly Run[]): string =>
  excused.length === 0 ? '' : `; never began: ${excused.map(({ reason }) => reason).join('; ')}`;

/** No due time was run twice; each since the first has its line in the ledger, and each that ran its run. */
export async function dueTimesAreTrue(): Promise<string> {
  const ticks = linesOf('ticks').map(([dueAt = '', id = '']) => ({ at: Date.parse(dueAt), id }));
  must(new Set(ticks.map(({ at }) => at)).size === ticks.length, 'a due time was run twice');
  const ledger = await client.history<DueTime>(`/environments/${shop}/due-times`, { job: 'tick' }, runsMax);
  const inLedger = new Set<number>();
  const counts = { ran: 0, skipped: 0, missed: 0 };
  for (const { dueAt, untilDueAt, fate, run: id, reason } of ledger) {
    const until = Date.parse(untilDueAt ?? dueAt);
    for (let at = Date.parse(dueAt); at <= until; at += 60_000) {
      inLedger.add(at);
      counts[fate] += 1;
    }
    if (fate !== 'ran') must(reason !== null, `${dueAt} was ${fate}, and no reason is told`);
    else await mustHaveTicked(ticks, dueAt, id);
  }
  for (const { at } of ticks) {
    must(inLedger.has(at), `${new Date(at).toISOString()} was run and is not in the ledger`);
  }
  const [first, last] = [Math.min(...inLedger), Math.max(...inLedger)];
  must(inLedger.size === (last - first) / 60_000 + 1, 'the ledger has a gap');
  return `${counts.ran} ran once, ${counts.missed} missed and ${counts.skipped} skipped with their reason`;
}

/** A due time that "ran" without a tick is allowed where the run says that it never began, or has only just begun. */
async function mustHaveTicked(
  ticks: readonly { at: number; id: string }[],
  dueAt: string,
  id: string | null,
): Promise<void> {
  if (ticks.some((tick) => tick.id === id && tick.at === Date.parse(dueAt))) return;
  const found = (await runsOf(shop, 'tick')).find((each) => each.id === id);
  must(
    found !== undefined && (found.endedAt === null || neverBegan(found)),
    `${dueAt} "ran" as ${id}, which did nothing: ${JSON.stringify(found)}`,
  );
}

/** What the jobs wrote down for themselves. */
function linesOf(file: string): string[][] {
  const path = join(root, file);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => line.split(' '));
}
