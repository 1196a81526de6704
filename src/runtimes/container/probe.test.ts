import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { makeTempFolder } from '../../../test/testkit/temp-folder.ts';
import { createContainerRuntime } from './container-runtime.ts';
import { whyNoContainers } from './probe.ts';
import { instancesOnRun } from './state-folder.ts';

const why = await whyNoContainers({ dataFolder: '/tmp', instance: 'test' });
if (why !== null) console.warn(`\nThe probe of containers is NOT tested on this machine: ${why}\n`);

describe.skipIf(why !== null)('the probe', () => {
  test('leaves nothing behind, and takes away what a probe that was killed had left', async () => {
    const temp = await makeTempFolder('probe');
    const instance = `test${randomBytes(4).toString('hex')}`;
    const { pid: dead } = spawnSync('true');
    const left = `${instance}probe${dead}`;
    // Never closed: as if its process had been killed.
    await createContainerRuntime({
      dataFolder: temp.path,
      instance: left,
      clock: systemClock,
      onTrouble: () => undefined,
    });
    expect(instancesOnRun()).toContain(left);
    expect(await whyNoContainers({ dataFolder: temp.path, instance })).toBeNull();
    expect(instancesOnRun().filter((name) => name.startsWith(instance))).toEqual([]);
    await temp.dispose();
  });
});
