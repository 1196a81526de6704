import { test } from 'vitest';
import { describeRuntime } from '../runtime.contract.ts';
import { makeMachine } from './machine-under-test.ts';
import { whyNoContainers } from './probe.ts';

const why = await whyNoContainers({ dataFolder: '/tmp', instance: 'test' });

if (why === null) {
  describeRuntime('container', () => makeMachine(), { manyRuns: 40 });
} else {
  console.warn(`\nThe container runtime is NOT tested on this machine: ${why}\n`);
  test.skip(`the container runtime can't be used here: ${why}`);
}
