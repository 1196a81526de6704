/**
 * The dashboard in Chromium over the real daemon: how soon the list of 10,000 jobs shows its first rows and how soon all of
 * them can be scrolled and searched; how large what is loaded for it is; and how soon a killed worker's row changes.
 *
 *   script/web && node bench/pages.ts [--jobs 10000] [--visits 9] [--workers 20]
 *
 * It prints one JSON document; milliseconds and kB. Each visit is of a browser that has nothing cached. An event's time is from the kill
 * until the first frame that shows another state.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../test/testkit/chromium.ts';
import { findFreePort } from '../test/testkit/free-port.ts';
import { defineJobs, nameOf, startDaemon } from './many-jobs.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    visits: { type: 'string', default: '9' },
    workers: { type: 'string', default: '20' },
  },
});
const jobs = Number(values.jobs);
const visits = Number(values.visits);
const workers = Number(values.workers);
const viewport = { width: 1280, height: 800 };
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-pages-'));
const [data, root, other] = [join(folder, 'data'), join(folder, 'root'), join(folder, 'other')];

const median = (numbers: readonly number[]): number =>
  Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN);

/** The session of the first operator, made by the set-up link that the daemon printed. */
async function signIn(browser: Browser, base: string, lines: readonly string[]) {
  const secret = lines.find((line) => line.startsWith('set-up:'))?.split('#')[1];
  const context = await browser.newContext({ baseURL: base });
  const answer = await context.request.post('/api/v1/set-up', {
    headers: { 'nightshift-request': 'bench' },
    data: { secret, name: 'operator', password: 'four quiet words here' },
  });
  if (!answer.ok()) throw new Error(`set-up: ${await answer.text()}`);
  const state = await context.storageState();
  await context.close();
  return state;
}

interface Visit {
  readonly firstRowsMs: number;
  readonly allRowsMs: number;
  readonly searchedMs: number;
  readonly endOfListMs: number;
  readonly loadedKb: number;
}

async function visitList(context: BrowserContext): Promise<Visit> {
  const page = await context.newPage();
  const began = performance.now();
  await page.goto('/environments/many', { waitUntil: 'commit' });
  await page
    .getByRole('row')
    .filter({ hasText: nameOf(0) })
    .waitFor();
  const firstRowsMs = performance.now() - began;
  const loadedKb = (await page.evaluate(
    'performance.getEntriesByType("resource").filter(({ name }) => /\\.(js|css)/.test(name)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1024',
  )) as number;
  await page.getByText(`Jobs · ${jobs.toLocaleString('en')}`, { exact: true }).waitFor();
  const allRowsMs = performance.now() - began;
  const searching = performance.now();
  const last = nameOf(jobs - 1);
  await page.getByLabel('Search jobs').fill(last);
  await page
    .getByRole('row')
    .filter({ hasText: nameOf(0) })
    .waitFor({ state: 'detached' });
  await page.getByRole('row').filter({ hasText: last }).waitFor();
  const searchedMs = performance.now() - searching;
  await page.getByLabel('Search jobs').fill('');
  await page
    .getByRole('row')
    .filter({ hasText: nameOf(0) })
    .waitFor();
  const scrolling = performance.now();
  await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
  await page.getByRole('row').filter({ hasText: last }).waitFor();
  const endOfListMs = performance.now() - scrolling;
  await page.close();
  return { firstRowsMs, allRowsMs, searchedMs, endOfListMs, loadedKb };
}

/** The processes of the workers, by the number that each sleeps for. */
function sleepers(): Map<number, number> {
  const found = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const seconds = /^sleep\0(7{3}\d{4})\0$/.exec(readFileSync(`/proc/${entry}/cmdline`, 'utf8'))?.[1];
      if (seconds !== undefined) found.set(Number(seconds), Number(entry));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}
const sleepOf = (worker: number): number => 7_770_000 + worker;

/** In the page: the moment of the frame in which the state of a row is another one than "running". */
const watchRow = (name: string): string => `new Promise((resolve, reject) => {
  const rows = [...document.querySelectorAll('[role=row]')];
  const row = rows.find((each) => [...each.querySelectorAll('a')].some((link) => link.textContent === '${name}'));
  if (row === undefined) return reject(new Error('no row ${name}'));
  const runs = () => [...row.querySelectorAll('span')].some((each) => each.textContent === 'running');
  const watch = new MutationObserver(() => {
    if (runs()) return;
    watch.disconnect();
    requestAnimationFrame(() => resolve(Date.now()));
  });
  watch.observe(row, { subtree: true, childList: true, characterData: true });
})`;

/** Each worker is killed once, so that none has to wait for its next start. */
async function killWorkers(page: Page): Promise<number[]> {
  await page.goto('/environments/few');
  for (let worker = 0; worker < workers; worker += 1)
    await page
      .getByRole('row')
      .filter({ hasText: `w${worker}x` })
      .getByText('running', { exact: true })
      .waitFor();
  const pids = sleepers();
  const times: number[] = [];
  for (let worker = 0; worker < workers; worker += 1) {
    const pid = pids.get(sleepOf(worker));
    if (pid === undefined) throw new Error(`worker ${worker} has no process`);
    const seen = page.evaluate(watchRow(`w${worker}x`)) as Promise<number>;
    // The page has begun to watch when it answers the next question.
    await page.evaluate('0');
    const killed = Date.now();
    process.kill(pid, 'SIGKILL');
    times.push((await seen) - killed);
    await wait(200);
  }
  return times;
}

for (const each of [root, other]) mkdirSync(each);
let daemon: Awaited<ReturnType<typeof startDaemon>> | undefined;
let browser: Browser | undefined;
try {
  await defineJobs({ data, root, jobs, environments: ['many'], environmentOf: () => 'many' });
  const listen = `127.0.0.1:${await findFreePort()}`;
  daemon = await startDaemon(data, '--listen', listen);
  browser = await openBrowser();
  const baseURL = `http://${listen}`;
  const storageState = await signIn(browser, baseURL, daemon.lines);
  const found: Visit[] = [];
  for (let visit = 0; visit < visits; visit += 1) {
    const context = await browser.newContext({ baseURL, storageState, viewport });
    found.push(await visitList(context));
    await context.close();
  }
  const context = await browser.newContext({ baseURL, storageState, viewport });
  const headers = { 'nightshift-request': 'bench' };
  const ask = async (method: string, path: string, body: object): Promise<void> => {
    const answer = await context.request.fetch(`/api/v1${path}`, { method, headers, data: body });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${await answer.text()}`);
  };
  await ask('POST', '/environments', { name: 'few', root: other, user: 'nobody' });
  await ask('PUT', '/environments/few/component', { plan: '2XL' });
  for (let worker = 0; worker < workers; worker += 1)
    await ask('POST', '/environments/few/jobs', {
      name: `w${worker}x`,
      type: 'worker',
      command: `exec sleep ${sleepOf(worker)}`,
    });
  const events = await killWorkers(await context.newPage());
  await context.request.delete('/api/v1/environments/few', { headers });
  const of = (figure: keyof Visit) => found.map((visit) => visit[figure]);
  console.log(
    JSON.stringify(
      {
        list: {
          jobs,
          visits,
          firstRowsMs: {
            median: median(of('firstRowsMs')),
            worst: Math.round(Math.max(...of('firstRowsMs'))),
          },
          allRowsMs: median(of('allRowsMs')),
          searchedMs: median(of('searchedMs')),
          endOfListMs: median(of('endOfListMs')),
          scriptsAndStylesKb: median(of('loadedKb')),
        },
        event: { kills: workers, medianMs: median(events), worstMs: Math.max(...events) },
      },
      null,
      2,
    ),
  );
} finally {
  await browser?.close();
  daemon?.child.kill('SIGTERM');
  if (daemon !== undefined && daemon.child.exitCode === null) await once(daemon.child, 'close');
  rmSync(folder, { recursive: true, force: true });
}
