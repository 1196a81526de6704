import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../test/testkit/system-clock.ts';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { proveExactness } from './exactness.testkit.ts';

let temp: TempFolder;
beforeEach(async () => {
  temp = await makeTempFolder('exactness');
});
afterEach(() => temp.dispose());

// `node bench/logs-exactness.ts` does the same for as long as one likes.
test('nasty output comes out byte for byte, through rotation, kills of the daemon and packing', async () => {
  let [rotations, daemonKills, packingKills] = [0, 0, 0];
  for (let seed = 1; seed <= 3; seed++) {
    const proof = await proveExactness(`${temp.path}/${seed}`, systemClock, seed, 5_000_000);
    rotations += proof.rotations;
    daemonKills += proof.daemonKills;
    packingKills += proof.packingKills;
    expect(proof.troubles).toEqual([]);
  }
  expect(Math.min(rotations, daemonKills, packingKills)).toBeGreaterThan(1);
});
