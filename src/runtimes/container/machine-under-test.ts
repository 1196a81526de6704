/** For this room's tests: a container runtime over fresh folders, and a second one over the same state. */
import { randomBytes } from 'node:crypto';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { makeTempFolder } from '../../../test/testkit/temp-folder.ts';
import { testUser } from '../../../test/testkit/test-user.ts';
import type { SystemUser } from '../runtime.ts';
import {
  type ContainerRuntime,
  type ContainerRuntimeOptions,
  createContainerRuntime,
} from './container-runtime.ts';

export interface MachineUnderTest {
  readonly runtime: ContainerRuntime;
  readonly user: SystemUser;
  /** Belongs to the user. */
  readonly root: string;
  readonly dataFolder: string;
  readonly instance: string;
  readonly troubles: readonly string[];
  logPath(runId: string): string;
  /** The daemon was killed and starts again: the runtime before it is deaf from now on. */
  again(): Promise<ContainerRuntime>;
  /** Ends whatever still runs, as a daemon does that knows of no run, and removes it all. */
  dispose(): Promise<void>;
}

/** `wishes` go to `createContainerRuntime`. */
export async function makeMachine(wishes: Partial<ContainerRuntimeOptions> = {}): Promise<MachineUnderTest> {
  const temp = await makeTempFolder('container');
  const user = testUser();
  const [root, logs, dataFolder] = ['root', 'logs', 'data'].map((name) => join(temp.path, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [root, logs, dataFolder]) await mkdir(folder);
  await chown(root, user.uid, user.gid);
  const instance = `test${randomBytes(4).toString('hex')}`;
  const troubles: string[] = [];
  const made: ContainerRuntime[] = [];
  const make = async (): Promise<ContainerRuntime> => {
    for (const before of made) before.onExit = () => undefined;
    const runtime = await createContainerRuntime({
      dataFolder,
      instance,
      clock: systemClock,
      onTrouble: (sentence) => troubles.push(sentence),
      ...wishes,
    });
    made.push(runtime);
    return runtime;
  };
  return {
    runtime: await make(),
    user,
    root,
    dataFolder,
    instance,
    troubles,
    logPath: (runId) => join(logs, `${runId}.log`),
    again: make,
    dispose: async () => {
      for (const runtime of made) await runtime.close();
      const last = await make();
      await last.recover([]);
      await last.close();
      await temp.dispose();
    },
  };
}
