/** Waiting for the daemon of the unit: systemd tells that it was begun, and not that it is ready. */
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../domain/errors.ts';
import type { Machine } from './machine.ts';
import { unitName } from './unit.ts';

const pauseMs = 250;
/** With ten thousand jobs, on a slow machine, taking up takes its time. */
const readyWithinMs = 600_000;

/** What the person at the terminal is to know of the start. */
const worthTelling = /^(runtime|note|taken up|set-up|ready): /;

/**
 * Resolves with what the daemon said when it is ready.
 * @throws Refusal `install.start` when it ends instead
 */
export async function started(machine: Machine): Promise<readonly string[]> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    const said = await machine.saidBy(await machine.presentDaemon());
    if (said.some((line) => line.startsWith('ready: ')))
      return said.filter((line) => worthTelling.test(line));
    const state = (await machine.systemctl('is-active', unitName)).output.trim();
    if (!['active', 'reloading'].includes(state) || performance.now() > deadline) {
      const why = said.findLast((line) => line.startsWith('nightshift: ')) ?? `it is ${state}`;
      throw new Refusal('install.start', { why: why.replace(/^nightshift: /, '') });
    }
    await pause(pauseMs);
  }
}

/** Resolves when the unit's daemon has ended; jobs that are asked to end may take as long as their exit timeout. */
export async function ended(machine: Machine): Promise<void> {
  for (;;) {
    const state = (await machine.systemctl('is-active', unitName)).output.trim();
    if (state !== 'active' && state !== 'deactivating') return;
    await pause(pauseMs);
  }
}
