/**
 * The disk under the data folder is full for a while: jobs run on, workers are restarted, crons wait, and when there is room
 * again everything that happened is told, without a restart.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RequestFailed } from './daemon-process.ts';
import { lives, programs } from './groups.ts';
import { awaitLoad, inScene, type Kind, layLoad, steadyJobs, windUp } from './kinds.ts';
import { type Model, pause } from './model.ts';
import type { RunRecord } from './records.ts';
import type { Scene } from './scene.ts';

const diskBytes = 64 * 1024 * 1024;
const fullMs = 8_000;
const briefMs = 2_500;
const restartedMs = 20_000;

/** Writes until nothing more fits, to the last byte. */
function fill(disk: string): void {
  const file = openSync(join(disk, 'filler'), 'a');
  try {
    for (let bytes = 1024 * 1024; bytes >= 1; ) {
      try {
        const wrote = writeSync(file, Buffer.alloc(bytes));
        if (wrote < bytes) bytes = Math.floor(bytes / 2);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

const free = (disk: string): void => rmSync(join(disk, 'filler'), { force: true });

export const fullDisk: Kind = async (play) => {
  const disk = mkdtempSync('/srv/nightshift-faults-disk-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes},mode=711`, 'nightshift-faults', disk]);
  try {
    const data = join(disk, 'data');
    mkdirSync(data);
    return await inScene({ say: play.say, data: () => data }, (scene, model) =>
      playOn(scene, model, disk, play),
    );
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  }
};

async function playOn(
  scene: Scene,
  model: Model,
  disk: string,
  { random, rounds, say, brief }: Parameters<Kind>[0],
): Promise<Readonly<Record<string, string | number>>> {
  await scene.start();
  await layLoad(scene, brief ? 4 : 20);
  await awaitLoad(scene, model);
  model.linesMayBeLost = true;
  model.lines.tornMayBe = true;
  const seconds: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    fill(disk);
    const refused = await asksInVain(scene);
    const took = await endOne(scene, model, random.whole(0, model.steady.length - 1));
    seconds.push(took);
    await pause(brief ? briefMs : fullMs);
    model.checkSteady();
    if (!scene.daemon.runs) model.violate('the daemon ended when the disk was full');
    free(disk);
    // It looks every two seconds whether there is room again. Before that nothing can have been recorded.
    await checkTold(scene, model);
    await model.settle();
    say(`round ${round}: a worker was back after ${took.toFixed(1)} s; ${refused}; all was told afterwards`);
  }
  await windUp(scene, model);
  return {
    timesFull: rounds,
    secondsToRestartMost: Math.max(...seconds).toFixed(1),
    torn: model.lines.torn,
    skipped: model.due.skipped,
  };
}

const toldWithinMs = 15_000;

/**
 * What may be missing was counted, and is told; and the daemon knows that it can write again. A small write may have gone well while the
 * disk was full: then that was told too early, and there is a second time to wait for.
 */
async function checkTold(scene: Scene, model: Model): Promise<void> {
  const said = (words: string): number =>
    [...scene.troubles, ...scene.daemon.said].filter((line) => line.includes(words)).length;
  const isAway = (): boolean =>
    said('what happens meanwhile is recorded as soon as') > said('can be written again after');
  const missing = (): boolean =>
    scene.daemon.said.some((line) => line.includes('missing from the log may be up to'));
  for (let waited = 0; (!missing() || isAway()) && waited < toldWithinMs; waited += 100) await pause(100);
  if (!missing()) model.violate('nobody told how much output may be missing');
  if (isAway()) model.violate('the daemon did not notice that there is room again');
  scene.troubles.push(...scene.daemon.said.splice(0));
}

/** A person's wish is refused with a sentence, and nothing of it happens. */
async function asksInVain(scene: Scene): Promise<string> {
  const name = scene.environments[0]?.name;
  try {
    const run = await scene.daemon.call<RunRecord>('POST', `/environments/${name}/jobs/asked/run?wait=false`);
    // There was room for this one record: then it must run, and the model sees to that.
    return `a run was still recorded (${run.id})`;
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 503) return 'a run asked for was refused';
    throw error;
  }
}

/** Kills a worker's program; answers after how many seconds it was back. */
async function endOne(scene: Scene, model: Model, index: number): Promise<number> {
  const victim = model.steady[index];
  if (victim === undefined) throw new Error('no worker is there to be killed');
  model.dismiss(victim);
  model.excused.set(victim.run, (record) => record.outcome === 'signalled' && record.exitSignal === 'KILL');
  const before = new Set(programs(scene.instance).map((each) => each.run));
  const wanted = model.steady.length + 1;
  const began = Date.now();
  if (lives(victim.pid, victim.startTime)) process.kill(victim.pid, 'SIGKILL');
  while (Date.now() - began < restartedMs) {
    const steady = [...model.steady];
    model.expectSteady(steadyJobs);
    if (model.steady.length === wanted && model.steady.some((each) => !before.has(each.run))) {
      return (Date.now() - began) / 1000;
    }
    if (model.steady.length < steady.length) model.checkSteady();
    await pause(50);
  }
  model.violate(`the worker of run ${victim.run} was not restarted while the disk was full`);
  return restartedMs / 1000;
}
