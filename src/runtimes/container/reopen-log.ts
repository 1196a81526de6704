import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type ContainerHandle, conmonOf } from './handle.ts';
import { isAlive } from './processes.ts';
import { bundlePaths, type StateFolder } from './state-folder.ts';
import type { Timers } from './timers.ts';

const waitMsMax = 2_000;

/**
 * Has conmon go on in a new file after the old one was renamed, and waits until that is there: conmon replaces the path,
 * so whoever asks again without renaming first would lose lines.
 */
export async function reopenLog(state: StateFolder, handle: ContainerHandle, timers: Timers): Promise<void> {
  const monitor = conmonOf(handle);
  if (handle.logPath === null || monitor === undefined || !isAlive(monitor)) return;
  // Read and write: opening the pipe does not wait for a reader that has gone.
  const control = await open(bundlePaths(state, handle.runId).control, constants.O_RDWR);
  try {
    await control.write('2 0 0\n');
  } finally {
    await control.close();
  }
  let waited = 0;
  for (let pauseMs = 1; !existsSync(handle.logPath) && waited < waitMsMax && isAlive(monitor); pauseMs *= 2) {
    await timers.pause(pauseMs);
    waited += pauseMs;
  }
}
