import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shellLines } from '../docs/pages.ts';
import { checkout, type Daemon, run, Stage } from './daemon.ts';

/** The guide's own words, with the environment and its root named as this test's own. */
describe('the guide "Start in five minutes"', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let environment: string;
  let root: string;

  beforeAll(async () => {
    daemon = await stage.start('--ephemeral');
    environment = stage.name('shop');
    root = stage.root(environment);
  });
  afterAll(() => stage.dispose());

  test('works as it is written, from the first line to the last', async () => {
    const printed: string[] = [];
    for (const { where, text } of shellLines('docs/guides/start.md', (mark) => mark !== 'no-run')) {
      const line = text.replaceAll('/srv/shop', root).replaceAll(/\bshop\b(?!@|-)/g, environment);
      const { code, stdout, stderr } = await run('sh', ['-ec', line], {
        env: { NIGHTSHIFT_DATA: daemon.data, PATH: `${checkout}/bin:${process.env['PATH']}` },
      });
      expect({ where, line, code, stderr }).toMatchObject({ code: 0 });
      printed.push(stdout);
    }
    const all = printed.join('');
    expect(all).toMatch(/^mails +│/m);
    expect(all).toContain('(mails): a mail is sent');
    expect(all).toContain('mails come from shop@example.org');
    expect(all).toContain('(broken): no such table');
    expect(await daemon.json('env', 'list')).toEqual([]);
  }, 120_000);
});
