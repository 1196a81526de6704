/** The pictures of docs/images: each page once it has settled, on a desktop or a phone, light or dark. Called by `script/screenshots`. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../test/testkit/chromium.ts';
import { findFreePort } from '../test/testkit/free-port.ts';
import { writeShop } from './shop-history.ts';

const checkout = join(import.meta.dirname, '..');
const root = '/srv/shop';
/** Where Debian's pngquant is installed, pictures have a palette and are a third as large. */
const canPalette = spawnSync('pngquant', ['--version']).status === 0;
/** There on every Debian. */
const user = { name: 'www-data', id: 33 };
const settledMs = 1_500;

const { values, positionals } = parseArgs({
  options: { into: { type: 'string', default: join(checkout, 'docs', 'images') } },
  allowPositionals: true,
});

interface Picture {
  readonly name: string;
  /** Below the environment `shop`, or of any page where it begins with a slash. */
  readonly path: string;
  /** What is done before the picture is taken. */
  readonly before?: (page: Page) => Promise<void>;
}

/** That section at the top. */
const fold = (title: string) => (page: Page) =>
  page
    .locator('section')
    .filter({ hasText: title })
    .first()
    .evaluate((section) => section.scrollIntoView({ block: 'start' }));

const desktop: readonly Picture[] = [
  { name: 'environments', path: '/' },
  { name: 'environment', path: '' },
  { name: 'worker', path: 'jobs/thumbnails' },
  { name: 'cron', path: 'jobs/report' },
  { name: 'cron-calendar', path: 'jobs/report', before: fold('What became of its due times') },
  { name: 'run', path: 'runs/FAILED' },
  { name: 'runs', path: 'runs' },
  { name: 'logs', path: 'logs' },
  { name: 'logs-search', path: 'logs?q=SMTP' },
  { name: 'metrics', path: 'metrics?range=day' },
  { name: 'deployment', path: 'deployments/NEWEST' },
  { name: 'component', path: 'component' },
  { name: 'variables', path: 'variables' },
  { name: 'access', path: 'access' },
  { name: 'activity', path: 'activity' },
  { name: 'alerts', path: 'alerts' },
  { name: 'new-job', path: 'new-job' },
  { name: 'users', path: '/users' },
  { name: 'tokens', path: '/tokens' },
];
const dark: readonly Picture[] = [
  { name: 'dark-environment', path: '' },
  { name: 'dark-metrics', path: 'metrics?range=day' },
  { name: 'dark-cron', path: 'jobs/report', before: fold('What became of its due times') },
];
const phone: readonly Picture[] = [
  { name: 'phone-environments', path: '/' },
  { name: 'phone-environment', path: '' },
  { name: 'phone-jobs', path: '', before: fold('Jobs ·') },
  { name: 'phone-runs', path: 'runs' },
  { name: 'phone-cron', path: 'jobs/report' },
  { name: 'phone-metrics', path: 'metrics?range=day' },
  { name: 'phone-component', path: 'component' },
  { name: 'phone-activity', path: 'activity' },
];
const darkPhone: readonly Picture[] = [
  { name: 'darkphone-environment', path: '' },
  { name: 'darkphone-logs', path: 'logs' },
  { name: 'darkphone-worker', path: 'jobs/thumbnails' },
];

const sets = [
  { pictures: desktop, options: { viewport: { width: 1280, height: 800 } } },
  { pictures: dark, options: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' } },
  { pictures: phone, options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
  {
    pictures: darkPhone,
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
  },
] as const;

/** The daemon and what it printed until it was ready. */
async function startDaemon(data: string, listen: string) {
  const options = ['--data', data, '--listen', listen, '--ssh', 'none', '--ephemeral'];
  const child = spawn(join(checkout, 'bin', 'nightshift'), ['serve', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('ready:')) break;
  }
  return { child, lines };
}

async function take(context: BrowserContext, pictures: readonly Picture[], ids: Ids) {
  const wanted = pictures.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const { name, path, before } of wanted) {
    const page = await context.newPage();
    const inside = path.replace('NEWEST', ids.deployment).replace('FAILED', ids.run);
    await page.goto(
      inside.startsWith('/') ? inside : `/environments/shop${inside === '' ? '' : `/${inside}`}`,
    );
    await page.getByRole('heading').first().waitFor();
    while ((await page.getByLabel('Reading').count()) > 0) await page.waitForTimeout(100);
    await page.waitForTimeout(settledMs);
    await before?.(page);
    await page.waitForTimeout(300);
    const wide = (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) as boolean;
    const file = join(values.into, `dashboard-${name}.png`);
    await page.screenshot({ path: file });
    if (canPalette) execFileSync('pngquant', ['--force', '--skip-if-larger', '--output', file, '64', file]);
    console.log(
      `${name}: ${Math.round(statSync(file).size / 1024)} kB${wide ? ', WIDER THAN THE SCREEN' : ''}`,
    );
    await page.close();
  }
}

interface Ids {
  readonly deployment: string;
  readonly run: string;
}

if (process.getuid?.() !== 0) throw new Error('script/screenshots: run it as root, it makes /srv/shop');
for (const each of ['shop', 'blog', 'intranet'])
  if (existsSync(`/srv/${each}`))
    throw new Error(`script/screenshots: /srv/${each} is there already: move it away`);
const folder = mkdtempSync(join(tmpdir(), 'nightshift-screenshots-'));
const data = join(folder, 'data');
let daemon: Awaited<ReturnType<typeof startDaemon>> | undefined;
let browser: Browser | undefined;
try {
  for (const each of ['shop', 'blog', 'intranet']) {
    mkdirSync(`/srv/${each}`);
    chownSync(`/srv/${each}`, user.id, user.id);
  }
  mkdirSync(values.into, { recursive: true });
  await writeShop({ data, root, user: user.name, now: Date.now() });
  const listen = `127.0.0.1:${await findFreePort()}`;
  daemon = await startDaemon(data, listen);
  browser = await openBrowser();
  const baseURL = `http://${listen}`;
  const operator = await browser.newContext({ baseURL });
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const headers = { 'nightshift-request': 'screenshots' };
    const answer = await operator.request.fetch(`/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { data: body }),
    });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${await answer.text()}`);
    const text = await answer.text();
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  };
  const secret = daemon.lines.find((line) => line.startsWith('set-up:'))?.split('#')[1];
  await ask('POST', '/set-up', { secret, name: 'operator', password: 'four quiet words here' });
  await ask('POST', '/users', { name: 'developer', role: 'member', environments: ['shop'] });
  await ask('POST', '/tokens', { name: 'monitoring', scope: 'read' });
  await ask('POST', '/alerts/channels', {
    name: 'on-call',
    kind: 'webhook',
    environment: 'shop',
    url: 'https://hooks.example.org/services/shop',
    shape: 'slack',
  });
  const failed = await ask<{ id: string }>('POST', '/environments/shop/jobs/report/run?wait=false');
  // Until the workers have said and used something.
  await new Promise((resolve) => setTimeout(resolve, 75_000));
  const { items: deployments } = await ask<{ items: { id: string }[] }>(
    'GET',
    '/environments/shop/deployments',
  );
  const ids = { deployment: deployments[0]?.id ?? '', run: failed.id };
  const storageState = await operator.storageState();
  for (const { pictures, options } of sets) {
    const context = await browser.newContext({ baseURL, storageState, ...options });
    await take(context, pictures, ids);
    await context.close();
  }
} finally {
  await browser?.close();
  if (daemon !== undefined) {
    daemon.child.kill('SIGTERM');
    if (daemon.child.exitCode === null) await once(daemon.child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
  for (const each of ['shop', 'blog', 'intranet']) rmSync(`/srv/${each}`, { recursive: true, force: true });
}
