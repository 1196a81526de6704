/**
 * A short form of the campaign `script/faults`, whose pages are docs/reference/faults.md: a few kills of the daemon at random moments,
 * one at every boundary of a run, and each other kind of fault once.
 */
import { describe, expect, test } from 'vitest';
import { boundaries as ofRuns } from '../../src/main/injected-faults.ts';
import { whyNoContainers } from '../../src/runtimes/container/probe.ts';
import { Random } from '../simulation/random.ts';
import { boundaries } from './boundaries.ts';
import { conmon } from './conmon.ts';
import { fullDisk } from './full-disk.ts';
import { kill } from './kill.ts';
import type { Kind } from './kinds.ts';
import { reboot } from './reboot.ts';
import { Scene } from './scene.ts';
import { soak } from './soak.ts';

const why = Scene.whyNot() ?? (await whyNoContainers({ dataFolder: '/srv', instance: 'test' }));
if (why !== null) console.warn(`\nFaults are NOT played on this machine: ${why}\n`);

const seed = Date.now() % 1_000_000;

describe.skipIf(why !== null)(`the daemon, its jobs and its ledger (seed ${seed})`, () => {
  const kinds: readonly (readonly [string, Kind, number])[] = [
    ['kills at random moments', kill, 3],
    // Those of packing, which come behind them, take a minute more: script/faults plays them.
    ['a kill at every boundary of a run', boundaries, ofRuns.length],
    ['the end of a conmon', conmon, 1],
    ['a full disk', fullDisk, 1],
    ['a restart of the machine', reboot, 1],
    ['short runs, without growing', soak, 25],
  ];
  test.each(kinds)('stand %s', { timeout: 300_000 }, async (_what, kind, rounds) => {
    const said: string[] = [];
    const play = { random: new Random(seed), rounds, say: (line: string) => said.push(line), brief: true };
    const { violations } = await kind(play);
    expect(violations, said.join('\n')).toEqual([]);
  });
});
