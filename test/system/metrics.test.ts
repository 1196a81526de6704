/** Metrics of the real daemon: what its looks find, across a kill of the daemon. */
import { afterEach, expect, test, vi } from 'vitest';
import type { Metrics, MetricsNow } from '../../src/contract/metrics.ts';
import { Stage } from './daemon.ts';

const megabyte = 1024 * 1024;
/** Looks are ten seconds apart; a machine under load gets more. */
const soon = { timeout: 60_000, interval: 250 };
/** tail keeps the last line, and there is but one; nobody takes it from it. */
const holdsForty = `head -c ${40 * megabyte} /dev/zero | tail | sleep 1000`;

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

const known = (series: readonly (number | null)[]): number[] => series.filter((value) => value !== null);

test('what jobs hold is there after ten seconds, and still after the daemon was killed', async () => {
  stage = new Stage();
  const first = await stage.start();
  const { name } = await stage.environment(first, 'metrics');
  await first.do('job', 'add', name, 'holder', 'worker', '--command', holdsForty);
  const path = `/environments/${name}/metrics`;
  const before = await vi.waitFor(async () => {
    const { series } = await first.get<Metrics>(path);
    expect(Math.max(...known(series.memoryMaxBytes))).toBeGreaterThan(30 * megabyte);
    return series;
  }, soon);
  expect(known(before.memoryLimitBytes ?? [])).toContain(512 * megabyte);
  await first.kill();

  const second = await stage.start();
  const looks = known(before.memoryBytes).length;
  const after = await vi.waitFor(async () => {
    const { series } = await second.get<Metrics>(`${path}?job=holder`);
    expect(known(series.memoryBytes).length).toBeGreaterThan(looks);
    return series;
  }, soon);
  expect(Math.max(...known(after.memoryMaxBytes))).toBeGreaterThan(30 * megabyte);
  // It runs on, and was started once.
  expect(known(after.workerStarts).reduce((sum, each) => sum + each, 0)).toBe(1);

  const { items } = await second.get<{ items: MetricsNow[] }>('/metrics/now');
  expect(items.map((each) => [each.environment, each.jobs.map((job) => job.name)])).toEqual([
    [name, ['holder']],
  ]);
  const drawn = await second.do('metrics', name, '--since', '10m');
  expect(drawn).toMatch(/^memory {2}.*plan 512 MB$/m);
  expect(drawn).toMatch(/[⡀-⣿]/);
}, 180_000);
