/** The dashboard in a real browser over the real daemon: what a person does from the set-up link to the removal of a job. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../testkit/free-port.ts';
import { chromiumPath, expectNoBarriers, openBrowser, openPage } from './browser.ts';
import { checkout, type Daemon, Stage } from './daemon.ts';

const password = 'four quiet words here';
const hasChromium = existsSync(chromiumPath);
/** Runs until somebody makes the file `fail` beside it. */
const untilFail = 'echo up; while [ ! -e fail ]; do sleep 0.1; done; rm fail; exit 3';

describe.skipIf(!hasChromium)(`the dashboard${hasChromium ? '' : ` (skipped: no ${chromiumPath})`}`, () => {
  const stage = new Stage();
  let daemon: Daemon;
  let browser: Browser;
  let listen: string;
  let base: string;
  /** Cookies of the operator. */
  let signedIn: Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;

  beforeAll(async () => {
    execFileSync(join(checkout, 'script', 'web'));
    const port = await findFreePort();
    listen = `127.0.0.1:${port}`;
    base = `http://${listen}`;
    daemon = await stage.start('--listen', listen);
    browser = await openBrowser();
    const link = daemon.lines.all.find((line) => line.startsWith('set-up: '))?.slice('set-up: '.length) ?? '';
    const { page, complaints } = await openPage(browser);
    await page.goto(link);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Make the account and log in' }).click();
    await page.getByRole('heading', { name: 'Environments' }).waitFor();
    signedIn = await page.context().storageState();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await stage.dispose();
  });

  const operator = () => openPage(browser, { baseURL: base, storageState: signedIn });
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
  const menu = async (page: Page, job: string, item: string) => {
    await page.getByRole('button', { name: `What to do with ${job}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };

  test('makes an environment, books it, and sees its jobs run, fail and restart without loading anew', async () => {
    const name = stage.name('dash');
    const root = stage.root(name);
    const { page, complaints } = await operator();
    await page.goto('/');
    await page.getByRole('link', { name: 'Environment', exact: true }).first().click();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Root folder').fill('/nowhere/at/all');
    await page.keyboard.press('Enter');
    // The refusal stands beside its field, and nothing that was typed is lost.
    await page.getByText('The root folder /nowhere/at/all does not exist').waitFor();
    await page.getByLabel('Root folder').fill(root);
    await page.keyboard.press('Enter');

    await page.getByRole('radio', { name: /^M / }).click();
    await page.getByText('All jobs together get 512 MB').waitFor();
    await page.getByRole('button', { name: 'Book M' }).click();
    await page.getByText('booked', { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('link', { name: 'Job', exact: true }).click();
    await page.getByLabel('Name').fill('mailer');
    await page.getByLabel('Command').fill('echo from $NIGHTSHIFT_ENVIRONMENT');
    await page.getByRole('button', { name: 'Try it once' }).click();
    await page.getByText(`from ${name}`).waitFor();
    await page.getByText('It ended well, with exit code 0.').waitFor();
    await page.getByLabel('Command').fill(untilFail);
    await page.getByRole('button', { name: 'Add the worker' }).click();
    await row(page, 'mailer').getByText('running', { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Job', exact: true }).click();
    await page.getByText('Cron', { exact: true }).click();
    await page.getByLabel('Name').fill('report');
    await page.getByLabel('Command').fill('echo written');
    await page.getByText('A crontab expression').click();
    await page.getByLabel('Crontab', { exact: true }).fill('15 3 * * 8');
    await page.getByText('is not a crontab expression').waitFor();
    await page.getByLabel('Crontab', { exact: true }).fill('15 3 * * 1-5');
    await page.getByText(/03:15.*Monday to Friday|Monday to Friday.*03:15/i).waitFor();
    await page.getByText(/^next:/).waitFor();
    await page.getByRole('button', { name: 'Add the cron' }).click();
    await row(page, 'report').getByText('scheduled').waitFor();

    // From here on the page is not loaded again: what changes comes by events.
    await page.evaluate('window.isSamePage = true');
    writeFileSync(join(root, 'fail'), '');
    await row(page, 'mailer').getByTitle('fails').getByText('1', { exact: true }).waitFor();
    await row(page, 'mailer').getByText('running', { exact: true }).waitFor();
    await menu(page, 'report', 'Run now');
    await row(page, 'report')
      .getByTitle(/^at most/)
      .first()
      .waitFor();

    await menu(page, 'mailer', 'Stop …');
    await page.getByText(/Ends 1 run.*TERM first, and KILL/).waitFor();
    await page.getByRole('button', { name: 'Stop mailer' }).click();
    await row(page, 'mailer').getByText('disabled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'mailer').getByText('running', { exact: true }).waitFor();

    await menu(page, 'mailer', 'Remove …');
    await page.getByLabel('Type mailer to go on').fill('mailer');
    await page.getByRole('button', { name: 'Remove mailer' }).click();
    await row(page, 'mailer').waitFor({ state: 'detached' });
    expect(await page.evaluate('window.isSamePage')).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  test('tells the second of two people who edit one job, and keeps what they typed', async () => {
    const { name } = await stage.environment(daemon, 'both');
    await daemon.do('job', 'add', name, 'feed', 'cron', '--command', 'true', '--every', '1h');
    const [first, second] = [await operator(), await operator()];
    for (const { page } of [first, second]) {
      await page.goto(`/environments/${name}/jobs/feed/edit`);
      await page.getByLabel('Command').waitFor();
    }
    await first.page.getByLabel('Command').fill('echo first');
    await second.page.getByLabel('Command').fill('echo second');
    await first.page.getByRole('button', { name: 'Save' }).click();
    await second.page.getByText('feed was changed meanwhile: command is echo first now').waitFor();
    expect(await second.page.getByLabel('Command').inputValue()).toBe('echo second');
    await second.page.getByRole('button', { name: 'Save' }).click();
    await second.page.getByText(/The job "feed" was changed.* since you read it/).waitFor();
    await second.page.getByRole('button', { name: 'Take the new settings' }).click();
    await expect
      .poll(() => second.page.getByLabel('Command').inputValue(), { timeout: 30_000 })
      .toBe('echo first');
    expect([...first.complaints, ...second.complaints]).toEqual([]);
    for (const { page } of [first, second]) await page.context().close();
  }, 90_000);

  test('says when the daemon is away, and goes on by itself when it is back', async () => {
    const { name, root } = await stage.environment(daemon, 'away');
    await daemon.do('job', 'add', name, 'mailer', 'worker', '--command', untilFail);
    const { page, complaints } = await operator();
    await page.goto(`/environments/${name}`);
    await row(page, 'mailer').getByText('running', { exact: true }).waitFor();
    await page.evaluate('window.isSamePage = true');
    await daemon.kill();
    await page.getByText('Nightshift does not answer').waitFor();
    daemon = await stage.start('--listen', listen);
    await page.getByText('Nightshift does not answer').waitFor({ state: 'detached' });
    writeFileSync(join(root, 'fail'), '');
    await row(page, 'mailer').getByTitle('fails').getByText('1', { exact: true }).waitFor();
    expect(await page.evaluate('window.isSamePage')).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  test('lets nobody in without a password, and goes on to where one wanted to go', async () => {
    const { page } = await openPage(browser, { baseURL: base });
    await page.goto('/account');
    await page.getByLabel('Name').fill('operator');
    await page.getByLabel('Password', { exact: true }).fill('something else');
    await page.keyboard.press('Enter');
    await page.getByText('The name or the password is wrong').waitFor();
    await expectNoBarriers(page);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.goto('/');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.context().close();
  }, 90_000);

  test('keeps nobody out of a page: axe finds nothing serious, light and dark', async () => {
    const { name } = await stage.environment(daemon, 'open');
    await daemon.do('job', 'add', name, 'mailer', 'worker', '--command', 'echo up; exec sleep 1000');
    await daemon.do('job', 'add', name, 'feed', 'cron', '--command', 'exit 3', '--every', '1h');
    await daemon.cli('job', 'run', name, 'feed');
    await daemon.do('env', 'set', name, 'KEY=value');
    const inside = ['', '/new-job', '/jobs/mailer', '/jobs/feed', '/jobs/feed/edit', '/runs', '/logs'];
    const more = [
      '/deployments',
      '/variables',
      '/access',
      '/activity',
      '/component',
      '/settings',
      '/metrics',
    ];
    const addresses = ['/', '/new-environment', '/account', '/activity', '/incidents'];
    const { page, complaints } = await operator();
    for (const address of [
      ...addresses,
      ...[...inside, ...more].map((each) => `/environments/${name}${each}`),
    ]) {
      await page.goto(address);
      await page.getByRole('heading').first().waitFor();
      await page.waitForLoadState('load');
      await expectNoBarriers(page);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 180_000);
});
