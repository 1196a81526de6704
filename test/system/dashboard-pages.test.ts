/** What the pages of the dashboard tell, in a real browser over the real daemon: logs, runs, jobs, metrics, access, settings. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from '../testkit/chromium.ts';
import { expectNoBarriers } from './browser.ts';
import { DashboardStage, type Place } from './dashboard-stage.ts';

const hasChromium = existsSync(chromiumPath);
const lines = 3_500;
/** Prints in colours, as JSON, and on stderr; then goes on with a line whenever somebody makes the file `more`; ends at `fail`. */
const talker = [
  String.raw`printf 'mail \033[32msent\033[0m, see https://example.org/mail\n'`,
  `echo '{"msg":"batch","smtp":{"host":"mail.example.org"}}'`,
  'echo SMTP 421 >&2',
  `echo '{"level":"warn","msg":"queue is long"}'`,
  'while [ ! -e fail ]; do if [ -e more ]; then rm more; echo one more; fi; sleep 0.1; done',
  'rm fail; exit 3',
].join('; ');
const flood = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i of many"; done; exec sleep 3600`;

// Far more than they take: the machine may be busy.
describe.skipIf(!hasChromium)(
  `the pages of the dashboard${hasChromium ? '' : ` (skipped: no ${chromiumPath})`}`,
  { timeout: 240_000 },
  () => {
    const there = new DashboardStage();
    let environment: Place;
    let deployment: string;
    let failedRun: string;

    beforeAll(async () => {
      await there.open();
      environment = await there.environment('pages', 'L');
      const { name } = environment;
      const inside = `/environments/${name}`;
      await Promise.all([
        there.worker(name, 'mailer', talker),
        there.worker(name, 'flood', flood),
        there.cron(name, 'report', 'echo written; exit 3', { crontab: '0 4 * * *' }),
      ]);
      const ran = () => there.ask<{ id: string }>('POST', `${inside}/jobs/report/run`);
      failedRun = (await ran()).id;
      await ran();
      deployment = (await there.ask<{ id: string }>('POST', `${inside}/deployments`, {})).id;
      await there.ask('PATCH', `${inside}/variables?wait=false`, { variables: { KEY: 'value' } });
    }, 600_000);
    afterAll(() => there.dispose());

    /** Of a page below the environment's, or of any. */
    const addressOf = (path: string): string =>
      path.startsWith('/') ? path : `/environments/${environment.name}${path === '' ? '' : `/${path}`}`;
    const visit = (path: string, look: (page: Page) => Promise<void>) => there.visit(addressOf(path), look);
    const log = (page: Page): Locator => page.getByRole('log');
    const signal = (file: string) => writeFileSync(join(environment.root, file), '');
    const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text });

    test('show a log as it is written: colours without escapes, fields, links, errors, and what is searched for', () =>
      visit('logs?job=mailer', async (page) => {
        await log(page).getByText('SMTP 421').last().waitFor();
        expect(await log(page).textContent()).not.toContain('[32m');
        expect(
          await log(page).getByRole('link', { name: 'https://example.org/mail' }).last().getAttribute('rel'),
        ).toContain('noopener');
        await log(page).getByRole('button', { name: 'The fields of this line' }).last().click();
        await log(page).getByText('mail.example.org', { exact: false }).first().waitFor();
        signal('more');
        await log(page).getByText('one more').first().waitFor();

        await page.getByLabel('Containing this text').fill('SMTP');
        await page.waitForURL(/q=SMTP/);
        await log(page).locator('mark', { hasText: 'SMTP' }).first().waitFor();
        expect(await log(page).textContent()).not.toContain('sent');
        await page.getByRole('button', { name: /^Output/ }).click();
        await page.getByRole('menuitem', { name: 'information' }).click();
        await page.getByText('No line says so').waitFor();
        await page.getByRole('button', { name: 'Show all lines' }).click();
        await log(page).getByText('line 3500 of many').last().waitFor();
      }));

    test('keep the place of a reader of a long log, count what is new, and page back to its first line', () =>
      visit('logs?job=flood,mailer&wrap=no', async (page) => {
        await log(page).getByText(`line ${lines} of many`).last().waitFor();
        const top = () => log(page).evaluate((element) => element.scrollTop);
        await log(page).hover();
        await page.mouse.wheel(0, -2_000);
        await page.getByRole('button', { name: 'Follow' }).waitFor();
        const before = await top();
        signal('more');
        await page.getByRole('button', { name: '1 new line' }).waitFor();
        expect(await top()).toBe(before);

        const first = log(page).getByText('line 1 of many', { exact: true }).first();
        await expect
          .poll(
            async () => {
              await log(page).evaluate((element) => {
                element.scrollTop = 0;
              });
              return await first.isVisible();
            },
            { timeout: 60_000, interval: 100 },
          )
          .toBe(true);
        // Thousands of lines are held, and some dozens drawn.
        expect(await log(page).locator('[data-index]').count()).toBeLessThan(120);
        await page.getByRole('button', { name: '1 new line' }).click();
        await log(page).getByText('one more').last().waitFor();
      }));

    test('give what is filtered as a file', () =>
      visit('logs?job=mailer&level=ERR', async (page) => {
        await log(page).getByText('SMTP 421').first().waitFor();
        await page.getByRole('button', { name: 'Download what is filtered' }).click();
        const contentOf = async (form: string): Promise<Buffer> => {
          const item = page.getByRole('menuitem', { name: form });
          const answer = await page.request.get((await item.getAttribute('href')) ?? '');
          return await answer.body();
        };
        const text = (await contentOf('Text, as it is read here')).toString();
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ERR {2}\(mailer\): SMTP 421\n/);
        expect(text).not.toContain('INFO');
        expect(gunzipSync(await contentOf('Text, compressed')).toString()).toBe(text);
        const [line] = gunzipSync(await contentOf('JSON, compressed'))
          .toString()
          .split('\n');
        expect(JSON.parse(line ?? '')).toMatchObject({ job: 'mailer', level: 'ERR', message: 'SMTP 421' });
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Output: errors' }).click();
        await page.getByRole('menuitem', { name: 'warnings' }).click();
        await log(page).getByText('queue is long').first().waitFor();
        expect(await log(page).getByText('SMTP 421').count()).toBe(0);
        expect(page.url()).toContain('level=WARN');
      }));

    test('find a run that went wrong, with its output, its life and the runs beside it', () =>
      visit('runs?job=report&outcome=bad', async (page) => {
        await row(page, 'failed, exit 3').first().waitFor();
        expect(await row(page, 'failed, exit 3').count()).toBe(2);
        await row(page, 'failed, exit 3').first().getByRole('link').first().click();
        await page.getByRole('heading', { name: 'Run of report' }).waitFor();
        await page.getByText('It ended, exit 3').waitFor();
        await log(page).getByText('written').first().waitFor();
        // On paper all of the output stands, and not only the lines in sight.
        await page.emulateMedia({ media: 'print' });
        await page.locator('pre', { hasText: 'INFO (report): written' }).waitFor();
        await page.emulateMedia({ media: 'screen' });
        await page.getByRole('link', { name: 'Run before' }).click();
        await page.getByRole('link', { name: 'Run after' }).waitFor();
        await log(page).getByText('written').first().waitFor();
      }));

    test('tell why a worker is as it is, while it happens', () =>
      visit('jobs/mailer', async (page) => {
        await page.getByText('running', { exact: true }).first().waitFor();
        signal('fail');
        await page.getByText('failure: exit 3').waitFor();
        await page
          .getByRole('link', { name: /^failed,/ })
          .first()
          .waitFor();
        await page.getByRole('button', { name: 'As nightshift.yml' }).click();
        await page.getByText('type: worker').waitFor();
      }));

    test('tell when a cron is due, and how long its runs took', () =>
      visit('jobs/report', async (page) => {
        await page.getByText('crontab 0 4 * * *, UTC').waitFor();
        await expect
          .poll(() =>
            page
              .getByRole('listitem')
              .filter({ hasText: /^(today|tomorrow|[A-Z][a-z]{2} \d).*in \d/ })
              .count(),
          )
          .toBe(5);
        await page.getByRole('img', { name: /^Lengths of 2 runs/ }).waitFor();
        await page
          .getByRole('button', { name: /nothing was due/ })
          .first()
          .waitFor();
      }));

    test('draw what was used, with the deployment that somebody begins here', () =>
      visit('deployments', async (page) => {
        await page.getByRole('button', { name: 'Deploy …' }).click();
        await page.getByRole('button', { name: 'Deploy', exact: true }).click();
        await row(page, 'done').first().getByText('the dashboard').waitFor();
        await page.getByRole('link', { name: 'Metrics' }).click();
        await page.getByText('What happened in this time').waitFor({ timeout: 60_000 });
        await page.getByText('deployment', { exact: true }).first().waitFor();
        await page.getByRole('img', { name: /^Worker starts: [1-9]/ }).waitFor();
        await page.getByText('month', { exact: true }).click();
        await page.waitForURL(/range=month/);
      }));

    test('let SSH keys in and out, with the refusal beside its field', () =>
      visit('access', async (page) => {
        await page.getByRole('button', { name: 'SSH key' }).click();
        await page.getByLabel('Public key').fill('no key at all');
        await page.getByRole('button', { name: 'Add the key' }).click();
        await page.locator('[aria-invalid="true"]').waitFor();
        await page.getByLabel('Public key').fill(publicKey);
        await page.getByRole('button', { name: 'Add the key' }).click();
        await page.getByText('ssh-ed25519 SHA256:').waitFor();
        await page.getByRole('button', { name: 'Remove the key anna@laptop' }).click();
        await page.getByRole('button', { name: 'Remove the key', exact: true }).click();
        await page.getByText('No key opens this environment yet').waitFor();
        await page.getByRole('link', { name: 'Activity' }).click();
        await row(page, 'removed SSH key').first().waitFor();
      }));

    test('make an account whose link is told once, a member, and a token', async () => {
      await visit('/users', async (page) => {
        await page.getByRole('button', { name: 'Account' }).first().click();
        await page.getByLabel('Name').fill('anna');
        await page.getByRole('button', { name: 'Make the account' }).click();
        await page.getByText(/\/invitation#/).waitFor();
        await page.getByRole('button', { name: 'I have it' }).click();
        await row(page, 'anna').getByText('invited').waitFor();
      });
      await visit('access', async (page) => {
        await page.getByLabel('Add a member').fill('anna');
        await page.getByRole('button', { name: 'Add', exact: true }).click();
        await page.getByRole('button', { name: /from anna$/ }).waitFor();
      });
      await visit('/tokens', async (page) => {
        await page.getByRole('button', { name: 'Token' }).first().click();
        await page.getByLabel('Name').fill('pipeline');
        await page.getByRole('button', { name: 'Make the token' }).click();
        await page.getByText(/^ns_/).waitFor();
        await page.getByRole('button', { name: 'I have it' }).click();
        await row(page, 'pipeline').getByText('reads').waitFor();
      });
    });

    test('hold all crons back, with the way back', () =>
      visit('settings', async (page) => {
        await page.getByRole('switch', { name: 'Hold all crons back' }).click();
        await page.getByText(/All crons of .* are held back/).waitFor();
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByText(/The crons of .* go on/).waitFor();
        await page.getByRole('switch', { name: 'Hold all crons back', checked: false }).waitFor();
      }));

    test('show the first rows of a long list at once, and find the last ones', async () => {
      const { name } = await there.environment('many');
      const jobs = Array.from(
        { length: 230 },
        (_, index) =>
          `  job-${String(index).padStart(3, '0')}: {type: cron, command: 'true', every: 1d, enabled: false}`,
      );
      await there.ask('POST', `/environments/${name}/file`, { text: ['jobs:', ...jobs, ''].join('\n') });
      await there.visit('/account', async (page) => {
        const asked: string[] = [];
        page.on('request', (request) => asked.push(request.url().slice(there.base.length)));
        await page.goto(`/environments/${name}`);
        await row(page, 'job-000').waitFor();
        await page.getByText('Jobs · 230', { exact: true }).waitFor();
        // What the first rows need is asked for before the scripts are there, and not again by those.
        const documents = asked.filter((each) => each.startsWith('/api/'));
        const first = ['/session', `/environments/${name}`, `/environments/${name}/jobs?limit=50`];
        expect(documents.slice(0, 3)).toEqual(first.map((each) => `/api/v1${each}`));
        expect(new Set(documents.slice(0, 6)).size).toBe(6);
        expect(await page.getByRole('row').count()).toBeLessThan(100);
        await page.keyboard.press('/');
        await page.keyboard.type('job-229');
        await row(page, 'job-229').waitFor();
        expect(await row(page, 'job-000').count()).toBe(0);
      });
    });

    test('are gone to, and used, by the keyboard alone', () =>
      visit('', async (page) => {
        await row(page, 'mailer').waitFor();
        await page.keyboard.press('Tab');
        await page.getByRole('link', { name: 'Skip to the page' }).and(page.locator(':focus')).waitFor();
        await page.keyboard.press('?');
        await page.getByRole('dialog', { name: 'Keys' }).getByText('Runs of this environment').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await page.keyboard.press('g');
        await page.keyboard.press('r');
        await row(page, 'failed, exit 3').first().waitFor();
        await page.goto('/tokens');
        await page.getByRole('heading', { name: 'Tokens' }).waitFor();
        await page.keyboard.press('n');
        await page.getByLabel('Name').and(page.locator(':focus')).waitFor();
        await page.keyboard.press('Escape');
        await page.getByLabel('Name').waitFor({ state: 'detached' });
      }));

    test('keep nobody out, light and dark', () =>
      visit('/', async (page) => {
        for (const path of [...everyPage, `deployments/${deployment}`, `runs/${failedRun}`]) {
          await page.goto(addressOf(path));
          await page.getByRole('heading').first().waitFor();
          await expect.poll(() => page.getByLabel('Reading').count(), { timeout: 60_000 }).toBe(0);
          await expectNoBarriers(page);
        }
      }));
  },
);

/** Below an environment, and elsewhere. */
const everyPage = [
  '',
  'new-job',
  'logs',
  'runs',
  'metrics',
  'deployments',
  'variables',
  'activity',
  'access',
  'alerts',
  'component',
  'settings',
  'jobs/mailer',
  'jobs/report',
  'jobs/report/edit',
  '/',
  '/new-environment',
  '/account',
  '/users',
  '/tokens',
  '/incidents',
  '/alerts',
  '/activity',
];

/** Of a pair that was made for this test, and whose private half is gone. */
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFQq6FkE+pZvseA6iBQMaCjQsw+3MYF7NUxpbvBESHEY anna@laptop';
