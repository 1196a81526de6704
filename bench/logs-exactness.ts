/**
 * Nasty output in and out, byte for byte, from one seed after the other: `node bench/logs-exactness.ts [seconds] [seed]`
 * (60 seconds from seed 1 by default). Prints what was proved, as JSON; ends with 1 and the seed when a byte is wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proveExactness } from '../src/logs/exactness.testkit.ts';
import { systemClock } from '../src/main/clock.ts';

const seconds = Number(process.argv[2] ?? 60);
const first = Number(process.argv[3] ?? 1);
const end = performance.now() + seconds * 1000;
const sums = { seeds: 0, lines: 0, megabytes: 0, rotations: 0, daemonKills: 0, packingKills: 0 };

for (let seed = first; performance.now() < end; seed++) {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-exactness-'));
  try {
    const proof = await proveExactness(folder, systemClock, seed, 20_000_000);
    sums.seeds++;
    sums.lines += proof.lines;
    sums.megabytes += Math.round(proof.bytes / 1024 / 1024);
    sums.rotations += proof.rotations;
    sums.daemonKills += proof.daemonKills;
    sums.packingKills += proof.packingKills;
  } catch (error) {
    console.error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
    break;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(JSON.stringify(sums, null, 2));
