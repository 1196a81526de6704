/**
 * The dashboard for system tests: one daemon, one browser and one operator for all tests of a file. What a test needs beforehand is made
 * through the API, by the operator's own session; pages share the browser's cache, as a person's do.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openBrowser } from '../testkit/chromium.ts';
import { findFreePort } from '../testkit/free-port.ts';
import { openContext, openTab, type Tab } from './browser.ts';
import { checkout, type Daemon, Stage } from './daemon.ts';

export const password = 'four quiet words here';
const own = { 'nightshift-request': 'test' };

export interface Place {
  readonly name: string;
  readonly root: string;
}

export class DashboardStage {
  readonly stage = new Stage();
  daemon!: Daemon;
  browser!: Browser;
  /** The operator's browser. */
  operator!: BrowserContext;
  base = '';
  #listen = '';

  /** @param enter by which page the first operator comes in; by the API when absent */
  async open(enter?: (page: Page, link: string) => Promise<void>): Promise<void> {
    execFileSync(join(checkout, 'script', 'web'));
    this.#listen = `127.0.0.1:${await findFreePort()}`;
    this.base = `http://${this.#listen}`;
    await this.startDaemon();
    this.browser = await openBrowser();
    this.operator = await this.stranger();
    const link =
      this.daemon.lines.all.find((line) => line.startsWith('set-up: '))?.slice('set-up: '.length) ?? '';
    if (enter === undefined) {
      const data = { secret: link.split('#')[1], name: 'operator', password };
      await this.ask('POST', '/set-up', data);
      return;
    }
    const { page, complaints } = await this.tab();
    await enter(page, link);
    expect(complaints).toEqual([]);
    await page.close();
  }

  /** At the same address as the one before it. */
  async startDaemon(): Promise<void> {
    this.daemon = await this.stage.start('--listen', this.#listen);
  }

  async dispose(): Promise<void> {
    await this.browser?.close();
    await this.stage.dispose();
  }

  /** A browser of somebody who is not logged in. */
  stranger(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return openContext(this.browser, { baseURL: this.base, ...options });
  }

  tab(context: BrowserContext = this.operator): Promise<Tab> {
    return openTab(context);
  }

  /** A page of the operator, and what is to be done with it; the browser has nothing to complain about. */
  async visit(path: string, look: (page: Page) => Promise<void>): Promise<void> {
    const { page, complaints } = await this.tab();
    await page.goto(path);
    await look(page);
    expect(complaints).toEqual([]);
    await page.close();
  }

  /** Asks the API as the operator's page does; what is refused fails the test. */
  async ask<Answer = unknown>(method: string, path: string, data?: unknown): Promise<Answer> {
    const answer = await this.operator.request.fetch(`/api/v1${path}`, {
      method,
      headers: own,
      ...(data === undefined ? {} : { data }),
    });
    const text = await answer.text();
    expect(answer.ok(), `${method} ${path}: ${text}`).toBe(true);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  /** An environment on a plan, ready for jobs. */
  async environment(word: string, plan = 'M'): Promise<Place> {
    const name = this.stage.name(word);
    const root = this.stage.root(name);
    await this.ask('POST', '/environments', { name, root });
    await this.ask('PUT', `/environments/${name}/component`, { plan });
    return { name, root };
  }

  worker(environment: string, name: string, command: string, more: object = {}): Promise<unknown> {
    return this.ask('POST', `/environments/${environment}/jobs`, { name, type: 'worker', command, ...more });
  }

  cron(
    environment: string,
    name: string,
    command: string,
    more: object = { interval: '1h' },
  ): Promise<unknown> {
    return this.ask('POST', `/environments/${environment}/jobs`, { name, type: 'cron', command, ...more });
  }
}
