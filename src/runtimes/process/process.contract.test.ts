import { mkdirSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { makeTempFolder } from '../../../test/testkit/temp-folder.ts';
import { testUser } from '../../../test/testkit/test-user.ts';
import { describeRuntime } from '../runtime.contract.ts';
import type { Runtime } from '../runtime.ts';
import { createProcessRuntime } from './process-runtime.ts';

describeRuntime(
  'process',
  async () => {
    const temp = await makeTempFolder('process');
    const user = testUser();
    const root = join(temp.path, 'root');
    const logs = join(temp.path, 'logs');
    await mkdir(root);
    await mkdir(logs);
    await chown(root, user.uid, user.gid);
    const made: Runtime[] = [];
    const make = () => {
      const dataFolder = join(temp.path, 'data');
      mkdirSync(dataFolder, { recursive: true });
      const instance = temp.path.replaceAll(/\W/g, '');
      const runtime = createProcessRuntime({ dataFolder, instance, clock: systemClock });
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
      logPath: (runId) => join(logs, `${runId}.log`),
      dispose: async () => {
        for (const runtime of made) await runtime.close();
        await temp.dispose();
      },
    };
  },
  { findsDetachedByVariable: true },
);
