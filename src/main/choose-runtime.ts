/** `--runtime auto` takes the best that works here, and says what it can't do. */
import type { Clock } from '../domain/clock.ts';
import { Refusal } from '../domain/errors.ts';
import { createContainerRuntime } from '../runtimes/container/container-runtime.ts';
import { whyNoContainers } from '../runtimes/container/probe.ts';
import { createProcessRuntime } from '../runtimes/process/process-runtime.ts';
import type { Capabilities, Runtime } from '../runtimes/runtime.ts';
import type { DataFolder } from './data-folder.ts';
import type { InjectedFaults } from './injected-faults.ts';

export interface ChosenRuntime {
  readonly runtime: Runtime;
  /** What it can't do, in sentences. */
  readonly cannot: readonly string[];
}

interface Surroundings {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly onTrouble: (sentence: string) => void;
  readonly faults: InjectedFaults;
}

/** @throws Refusal `runtime.unavailable` when the one that was asked for does not work here */
export async function chooseRuntime(
  wanted: 'auto' | 'container' | 'process',
  { folder, clock, onTrouble, faults }: Surroundings,
): Promise<ChosenRuntime> {
  const common = { dataFolder: folder.path, instance: folder.instance, clock, onTrouble };
  if (wanted === 'process') return told(createProcessRuntime(common), []);
  const why = await whyNoContainers({ dataFolder: folder.path, instance: folder.instance });
  if (why === null) return told(await createContainerRuntime({ ...common, ...faults.container }), []);
  if (wanted === 'container') throw new Refusal('runtime.unavailable', { runtime: 'container', why });
  return told(createProcessRuntime(common), [`the container runtime does not work here: ${why}`]);
}

const told = (runtime: Runtime, before: readonly string[]): ChosenRuntime => ({
  runtime,
  cannot: [...before, ...shortcomings(runtime.capabilities)],
});

/** What people must know of a runtime that can't do everything. */
function shortcomings(capabilities: Capabilities): string[] {
  return [
    ...(capabilities.isolation ? [] : ['jobs are not isolated: they see what their user sees']),
    ...(capabilities.limits ? [] : ["the plan's memory and CPU are measured and not limited"]),
    ...(capabilities.killsDetached ? [] : ['a process that detaches and hides may escape']),
    ...(capabilities.outlivesDaemon ? [] : ['jobs end with the daemon']),
  ];
}
