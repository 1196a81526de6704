import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Random order on purpose: a test that needs another one before it is a bug. The seed is printed; VITEST_SEED replays it. */
const seed = Number(process.env['VITEST_SEED'] ?? Date.now() % 1_000_000);

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts'],
    sequence: { shuffle: true, seed },
    pool: 'forks',
    // Most files wait for something most of the time: a second one at a time costs little, also where there are two processors.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a test waits for comes on a machine that is busy with other things, too.
    expect: { poll: { timeout: 20_000 } },
  },
});
