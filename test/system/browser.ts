/** Debian's Chromium for system tests: real pages, and an error for whatever the browser complains about. */
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Nothing that moves is waited for: people who ask for that get the same. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const viewport = { width: 1280, height: 800 };
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(60_000);
  return context;
}

export interface Tab {
  readonly page: Page;
  /** What the browser complained about. A refused request is no complaint. */
  readonly complaints: readonly string[];
}

export async function openTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isRequest = /Failed to load resource|net::ERR_|WebSocket connection/.test(message.text());
    if (message.type() === 'error' && !isRequest) complaints.push(message.text());
  });
  return { page, complaints };
}

/** Colours that are on their way from light to dark are nobody's fault. */
const settled = `Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
  .map((each) => each.finished.catch(() => undefined)))`;

/** What keeps people out of the page as it is now: findings of axe that are serious or critical. */
async function barriers(page: Page, rules: 'all' | 'colours'): Promise<string[]> {
  // By the debugger, which the page's policy does not concern.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source);
  await page.evaluate(settled);
  const options = {
    resultTypes: ['violations'],
    ...(rules === 'colours' ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {}),
  };
  const results = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** No finding, light and dark; in the dark only the colours are others. */
export async function expectNoBarriers(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.waitForSelector(`html[data-mantine-color-scheme="${colorScheme}"]`);
    const found = await barriers(page, colorScheme === 'light' ? 'all' : 'colours');
    expect.soft(found, `${page.url()}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
