/** The dashboard in a real browser over the real daemon: what a person does from the set-up link to the removal of a job. */
import { createHmac } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from '../testkit/chromium.ts';
import { expectNoBarriers } from './browser.ts';
import { DashboardStage, password } from './dashboard-stage.ts';

const hasChromium = existsSync(chromiumPath);
/** Runs until somebody makes the file `fail` beside it. */
const untilFail = 'echo up; while [ ! -e fail ]; do sleep 0.1; done; rm fail; exit 3';
/** Ends only when somebody makes the file `go` beside it. */
const untilGo = `trap 'while [ ! -e go ]; do sleep 0.1; done; exit 0' TERM; while :; do sleep 0.1; done`;

// Far more than they take: the machine may be busy.
describe.skipIf(!hasChromium)(`the dashboard${hasChromium ? '' : ` (skipped: no ${chromiumPath})`}`, () => {
  const there = new DashboardStage();

  beforeAll(
    () =>
      there.open(async (page, link) => {
        await page.goto(link);
        await page.getByLabel('Password', { exact: true }).fill(password);
        await page.getByRole('button', { name: 'Make the account and log in' }).click();
        await page.getByRole('heading', { name: 'Environments' }).waitFor();
      }),
    600_000,
  );
  afterAll(() => there.dispose());

  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
  const menu = async (page: Page, job: string, item: string) => {
    await page.getByRole('button', { name: `What to do with ${job}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };

  test('makes an environment, books it, and sees its jobs run, fail and restart without loading anew', async () => {
    const name = there.stage.name('dash');
    const root = there.stage.root(name);
    const { page, complaints } = await there.tab();
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
    await page.close();
  }, 240_000);

  test('tells the second of two people who edit one job, and keeps what they typed', async () => {
    const { name } = await there.environment('both');
    await there.cron(name, 'feed', 'true');
    const [first, second] = [await there.tab(), await there.tab()];
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
    for (const { page } of [first, second]) await page.close();
  }, 240_000);

  test('restarts all workers, and says how far it is until the last one runs anew', async () => {
    const { name, root } = await there.environment('again');
    await there.worker(name, 'quick', 'exec sleep 1000');
    await there.worker(name, 'slow', untilGo, { exitTimeoutSeconds: 600 });
    await there.visit(`/environments/${name}`, async (page) => {
      for (const job of ['quick', 'slow'])
        await row(page, job).getByText('running', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Restart workers …' }).click();
      await page.getByText(/2 workers with 2 runs now/).waitFor();
      await page.getByRole('button', { name: 'Restart workers', exact: true }).click();
      await page.getByRole('button', { name: 'Restarting 2 of 2 …' }).waitFor();
      await row(page, 'slow')
        .getByText(/^stopping/)
        .waitFor();
      writeFileSync(join(root, 'go'), '');
      await page.getByText('2 workers restarted.').waitFor();
      await page.getByRole('button', { name: 'Restart workers …' }).waitFor();
      // What ended stands in the row of each, with the way to its run.
      for (const job of ['quick', 'slow'])
        await row(page, job).getByRole('img', { name: 'stopped' }).waitFor();
    });
  }, 240_000);

  test('says when the daemon is away, and goes on by itself when it is back', async () => {
    const { name, root } = await there.environment('away');
    await there.worker(name, 'mailer', untilFail);
    await there.visit(`/environments/${name}`, async (page) => {
      await row(page, 'mailer').getByText('running', { exact: true }).waitFor();
      await page.evaluate('window.isSamePage = true');
      await there.daemon.kill();
      await page.getByText('Nightshift does not answer').waitFor();
      await there.startDaemon();
      await page.getByText('Nightshift does not answer').waitFor({ state: 'detached' });
      writeFileSync(join(root, 'fail'), '');
      await row(page, 'mailer').getByTitle('fails').getByText('1', { exact: true }).waitFor();
      expect(await page.evaluate('window.isSamePage')).toBe(true);
    });
  }, 240_000);

  /** Fills in the form of the log-in. */
  const logIn = async (page: Page, name: string, secret: string) => {
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(secret);
    await page.keyboard.press('Enter');
  };
  const logOut = async (page: Page) => {
    await page.getByRole('button', { name: 'Log out', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  };

  test('lets nobody in without a password, and goes on to where one wanted to go', async () => {
    const context = await there.stranger();
    const { page } = await there.tab(context);
    await page.goto('/account');
    await logIn(page, 'operator', 'something else');
    await page.getByText('The name or the password is wrong').waitFor();
    await expectNoBarriers(page);
    await logIn(page, 'operator', password);
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    await logOut(page);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await context.close();
  }, 240_000);

  /** The browser of an account whose owner has chosen a password by the link, at the account's page. */
  async function person(name: string): Promise<{ context: BrowserContext; page: Page }> {
    const { link } = await there.ask<{ link: { path: string } }>('POST', '/users', { name });
    const context = await there.stranger();
    const { page } = await there.tab(context);
    await page.goto(link.path);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Choose it and log in' }).click();
    await page.getByRole('heading', { name: 'Environments' }).waitFor();
    await page.goto('/account');
    return { context, page };
  }

  test('logs another browser out, and all of them', async () => {
    const { context, page } = await person('ada');
    const elsewhere = await there.stranger();
    const other = (await there.tab(elsewhere)).page;
    await other.goto('/account');
    await logIn(other, 'ada', password);
    await row(other, 'this browser').waitFor();
    await page.reload();
    await page.getByRole('table', { name: 'Sessions' }).getByRole('button', { name: 'Log out' }).click();
    await page.getByText(/^The browser at .* is logged out/).waitFor();
    await other.reload();
    await logIn(other, 'ada', password);
    await row(other, 'this browser').waitFor();
    await other.getByRole('button', { name: 'Log out everywhere …' }).click();
    await other.getByRole('button', { name: 'Log out everywhere', exact: true }).click();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await Promise.all([context.close(), elsewhere.close()]);
  }, 240_000);

  test('wants the code of an authenticator app where somebody has set that up, until they take it away', async () => {
    const { context, page } = await person('grace');
    await page.getByRole('button', { name: 'Set it up …' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    const secret = (
      (await page.locator('code', { hasText: /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/ }).textContent()) ?? ''
    ).replaceAll(' ', '');
    await expectNoBarriers(page);
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.getByLabel('Present password').last().fill(password);
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.locator('[aria-invalid="true"]').waitFor();
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret, 0));
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('Each is good once in place of a code').waitFor();
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('on', { exact: true }).waitFor();
    await logOut(page);

    await page.goto('/log-in?to=/account');
    await logIn(page, 'grace', password);
    // No code is taken twice: that of the next half minute is good already.
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret, 1));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Turn it off …' }).click();
    await page.getByLabel('Present password').last().fill(password);
    await page.getByRole('button', { name: 'Turn it off', exact: true }).click();
    await page.getByText('off', { exact: true }).waitFor();
    await logOut(page);
    await page.goto('/log-in?to=/account');
    await logIn(page, 'grace', password);
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    await context.close();
  }, 240_000);
});

/** What an authenticator app shows (RFC 6238), so many half minutes from now. */
function codeOf(secret: string, stepsAhead: number): string {
  const bits = [...secret]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsAhead));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
