import { expect, test } from 'vitest';
import type { DaemonView } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { anInstant } from '../http/control-double.testkit.ts';
import { socketServer } from '../http/socket-server.testkit.ts';
import { call } from './cli-run.testkit.ts';

const aDaemon: DaemonView = {
  version: '0.1.0',
  pid: 4242,
  startedAt: anInstant,
  dataFolder: '/var/lib/nightshift',
  runtime: 'fake',
  cannot: [],
  schedulerHeartbeatAt: null,
  store: 'ok',
};

test('doctor says that no daemon answers, or what the daemon says of itself', async () => {
  expect((await call(undefined, ['doctor'])).stdout).toMatch(/limited {2}daemon +no daemon answers at /);
  const healthy = await socketServer({
    daemon: async () => ({ ...aDaemon, schedulerHeartbeatAt: anInstant - 12_000 }),
    incidents: async () => [],
  });
  const { stdout } = await call(healthy, ['doctor']);
  expect(stdout).toMatch(/ok +daemon +version 0.1.0, pid 4242, fake runtime/);
  expect(stdout).toMatch(/ok +scheduler +last sign of life 12 s ago, 2026-11-22 03:11:55 UTC/);
  expect(stdout).toMatch(/ok +incidents +none is open/);
});

test('doctor says when the scheduler is silent, the database away, and incidents open', async () => {
  const ill = await socketServer({
    daemon: async () => ({ ...aDaemon, schedulerHeartbeatAt: anInstant - 120_000, store: 'unavailable' }),
  });
  const { stdout } = await call(ill, ['doctor']);
  expect(stdout).toMatch(/missing +scheduler +no sign of life since 2 min ago/);
  expect(stdout).toMatch(/missing +database +can't be read or written/);
  expect(stdout).toMatch(/limited +incidents +1 open/);
  const silent = await socketServer({
    daemon: async () => aDaemon,
    incidents: () => Promise.reject(new Refusal('store.unavailable', { why: 'the disk is gone' })),
  });
  const said = (await call(silent, ['doctor'])).stdout;
  expect(said).toMatch(/missing +scheduler +no sign of life yet/);
  expect(said).toMatch(/limited +incidents +not known/);
});
