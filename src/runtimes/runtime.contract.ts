/**
 * One suite that every runtime passes: what the port promises, and nothing of how it is kept.
 * Cases that depend on a capability ask the runtime for it. Programs are named by what they do, so that a scripted
 * runtime can take part; cases about real processes are left out there, and every program used is `/bin/sh` or of
 * coreutils, so that they run anywhere. `suite/` holds the cases, a file for each side of a runtime.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { describeAttached } from './suite/attached.ts';
import { describeEnvironmentWalls } from './suite/environment-walls.ts';
import { describeLeftovers } from './suite/leftovers.ts';
import { describeLife } from './suite/life.ts';
import { describeOutput } from './suite/output.ts';
import { describeRecovery } from './suite/recovery.ts';
import { type RuntimeContractOptions, type RuntimeUnderTest, Scene } from './suite/scene.ts';

export { type Program, shellProgram } from './suite/programs.ts';
export type { RuntimeContractOptions, RuntimeUnderTest } from './suite/scene.ts';

/** Registers the suite for one runtime; `make` sets up a fresh one for each case. */
export function describeRuntime(
  name: string,
  make: () => Promise<RuntimeUnderTest>,
  options: RuntimeContractOptions = {},
): void {
  describe(`the ${name} runtime`, () => {
    let current: Scene;
    const scene = () => current;
    beforeEach(async () => {
      current = new Scene(await make(), options);
      await current.open();
    });
    afterEach(() => current.close());

    describe('the life of a run', () => describeLife(scene));
    describe('the walls of an environment', () => describeEnvironmentWalls(scene));
    describe('after the daemon was killed', () => describeRecovery(scene));
    if (options.scripted === true) return;
    describe('output and surroundings', () => describeOutput(scene));
    describe('what is left behind', () => describeLeftovers(scene));
    describe('attached runs', () => describeAttached(scene));
  });
}
