import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'vitest';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { makeTempFolder } from '../../../test/testkit/temp-folder.ts';
import { testUser } from '../../../test/testkit/test-user.ts';
import { describeRuntime } from '../runtime.contract.ts';
import type { Runtime } from '../runtime.ts';
import { LinuxProcessTable } from './linux-process-table.ts';
import { createProcessRuntime } from './process-runtime.ts';
import type { ProcessTable } from './process-table.ts';
import { PsProcessTable } from './ps-process-table.ts';

/** A process runtime in folders of its own, with this view of the machine's processes. */
async function makeUnderTest(tableOf: (instance: string) => ProcessTable) {
  const temp = await makeTempFolder('process');
  const user = testUser();
  const [root, logs, dataFolder] = ['root', 'logs', 'data'].map((name) => join(temp.path, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(root);
  await mkdir(logs);
  await chown(root, user.uid, user.gid);
  const made: Runtime[] = [];
  const make = () => {
    mkdirSync(dataFolder, { recursive: true });
    const instance = temp.path.replaceAll(/\W/g, '');
    const runtime = createProcessRuntime({
      dataFolder,
      instance,
      clock: systemClock,
      table: tableOf(instance),
    });
    made.push(runtime);
    return runtime;
  };
  return {
    runtime: make(),
    again: async () => {
      for (const deaf of made) deaf.onExit = () => undefined;
      return make();
    },
    user,
    root,
    logPath: (runId: string) => join(logs, `${runId}.log`),
    dispose: async () => {
      for (const runtime of made) await runtime.close();
      await temp.dispose();
    },
  };
}

const options = { findsDetachedByVariable: true };

if (process.platform === 'linux') {
  describeRuntime('process', () => makeUnderTest((instance) => new LinuxProcessTable(instance)), options);
}
// On Linux too, so that the way of other systems is tried on every machine.
if (spawnSync('ps', ['-A']).status === 0) {
  const table = (instance: string) => new PsProcessTable(instance);
  describeRuntime('process (by ps)', () => makeUnderTest(table), {
    ...options,
    manyRuns: 10,
    countsWholeCpuSeconds: true,
  });
} else {
  it('needs ps(1) for the cases of systems without /proc', (context) => context.skip('ps is not installed'));
}
