/** Output that is sent on: to a receiver that is away for a while, from a daemon that is killed meanwhile. */
import { afterEach, expect, test, vi } from 'vitest';
import type { LogReceiverOrNone } from '../../src/contract/log-receiver.ts';
import { OtlpReceiver } from '../testkit/otlp-receiver.ts';
import { type Daemon, Stage } from './daemon.ts';

const soon = { timeout: 120_000, interval: 200 };
const secret = 'geheim-4711';

let stage: Stage | undefined;
const receiver = new OtlpReceiver();
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
  await receiver.down();
});

test('output reaches a receiver of OpenTelemetry logs, however often it and the daemon are away, and without secrets', async (context) => {
  stage = new Stage();
  await receiver.up();
  let daemon: Daemon = await stage.start();
  if (!daemon.lines.all.includes('runtime: container')) context.skip('only containers outlive the daemon');
  const { name } = await stage.environment(daemon, 'ship');
  const refused = await daemon.cli('ship', 'set', name, receiver.url);
  expect(refused.stderr).toMatch(/private network.*alerts set --allow/s);
  await daemon.do('alerts', 'set', '--allow', '127.0.0.1');
  await daemon.do('env', 'set', name, `DB_PASSWORD=${secret}`);
  await daemon.do('env', 'edit', name, '--mask-secrets');
  await daemon.do('ship', 'set', name, receiver.url);
  const counting = `sh -c 'i=0; while :; do i=$((i+1)); echo "line $i of ${secret}"; sleep 0.05; done'`;
  await daemon.do('job', 'add', name, 'counter', 'worker', '--command', counting);

  const numbers = (): number[] => receiver.texts.map((text) => Number(/^line (\d+) /.exec(text)?.[1] ?? 0));
  const reached = (number: number) =>
    vi.waitFor(() => expect(Math.max(0, ...numbers())).toBeGreaterThan(number), soon);
  const shown = async () =>
    (await daemon.get<LogReceiverOrNone>(`/environments/${name}/log-receiver`)).receiver;

  await reached(20);
  expect(receiver.got.all[0]).toMatchObject({
    resource: { 'service.name': name, 'nightshift.job': 'counter', 'nightshift.run': expect.any(String) },
    attributes: { 'log.iostream': 'stdout' },
    severityText: 'INFO',
    body: 'line 1 of [DB_PASSWORD]',
  });

  // The receiver is away; the daemon says so, and is killed while it is.
  await receiver.down();
  const before = Math.max(...numbers());
  await vi.waitFor(async () => expect((await shown())?.held?.why).toContain('ECONNREFUSED'), soon);
  expect(await daemon.do('ship', 'show', name)).toMatch(/Held\s+since .*ECONNREFUSED/);
  await daemon.kill();
  daemon = await stage.start();
  await vi.waitFor(async () => expect(await shown()).toMatchObject({ held: expect.anything() }), soon);
  await receiver.up();
  await reached(before + 100);
  await daemon.kill();
  daemon = await stage.start();
  await reached(Math.max(...numbers()) + 20);
  await daemon.do('job', 'stop', name, 'counter');

  // Everything that was printed, and of what came twice no more than a request for each kill.
  const printed = (await daemon.do('logs', name, '-n', 'all', '--json')).trim().split('\n');
  const last = printed.filter((line) => line.includes('"message":"line ')).length;
  await reached(last - 1);
  expect([...new Set(numbers())].sort((a, b) => a - b)).toEqual(
    Array.from({ length: last }, (_, i) => i + 1),
  );
  expect(numbers().length - last).toBeLessThanOrEqual(2 * 512);
  expect(receiver.texts.filter((text) => text.includes(secret))).toEqual([]);
  await vi.waitFor(async () => expect(await shown()).toMatchObject({ held: null, behindSince: null }), soon);
  await daemon.do('ship', 'stop', name, '--yes');
  expect(await shown()).toBeNull();
  console.log(`${last} lines arrived, ${numbers().length - last} of them twice`);
}, 300_000);
