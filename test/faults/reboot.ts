/**
 * The machine is restarted, as far as Nightshift can tell: everything has ended, /run is empty (or left from the boot before,
 * where it lies on a disk), and the store remembers pids of another boot, which belong to strangers now.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lives, monitors, pidsOfRuns, populatedRuns, startTimeOf } from './groups.ts';
import { awaitLoad, inScene, type Kind, layLoad, steadyJobs, windUp } from './kinds.ts';
import { type Model, pause } from './model.ts';
import type { ListOf, RunRecord } from './records.ts';
import type { Scene } from './scene.ts';

const otherBoot = '00000000-0000-4000-8000-000000000000';

export const reboot: Kind = ({ random, rounds, say, brief }) =>
  inScene({ say }, async (scene, model) => {
    await scene.start();
    await layLoad(scene, brief ? 4 : 20);
    await awaitLoad(scene, model);
    for (let round = 1; round <= rounds; round++) {
      const keepsRun = random.chance(0.5);
      const open = await openRuns(scene);
      await scene.kill();
      await endAll(scene, model);
      model.excuseUntold();
      const stranger = spawn('sleep', ['86399'], { stdio: 'ignore' });
      forgetBoot(scene, stranger, keepsRun);
      await pause(random.whole(0, 2_000));
      await scene.start();
      await awaitLoad(scene, model);
      await checkTold(scene, model, open);
      if (
        !lives(stranger.pid ?? 0, startTimeOf(stranger.pid ?? 0)) ||
        stranger.exitCode !== null ||
        stranger.signalCode !== null
      ) {
        model.violate('a process that only had the pid of an earlier boot was signalled');
      }
      stranger.kill('SIGKILL');
      await once(stranger, 'close');
      await model.settle();
      checkOnce(model);
      say(
        `round ${round}, /run ${keepsRun ? 'kept' : 'empty'}: ${open.length} runs of the boot before, ${model.violations.length} violations`,
      );
    }
    await windUp(scene, model);
    return { reboots: rounds, missed: model.due.missed };
  });

async function openRuns(scene: Scene): Promise<RunRecord[]> {
  const lists = await Promise.all(
    scene.environments.map(({ name }) =>
      scene.daemon.get<ListOf<RunRecord>>(`/environments/${name}/runs?limit=1000`),
    ),
  );
  return lists.flatMap((list) => list.items.filter((record) => record.endedAt === null));
}

/** As the machine does it: nothing is asked, nothing is told. */
async function endAll(scene: Scene, model: Model): Promise<void> {
  for (const program of [...model.steady]) model.dismiss(program);
  for (let waited = 0; waited < 20_000; waited += 20) {
    for (const run of populatedRuns(scene.instance)) excuse(model, run);
    for (const pid of monitors(scene.instance)) tryKill(pid);
    const pids = pidsOfRuns(scene.instance);
    for (const pid of pids) tryKill(pid);
    if (pids.length === 0 && monitors(scene.instance).length === 0) return;
    await pause(20);
  }
  throw new Error('not everything could be ended');
}

const excuse = (model: Model, run: string): void => {
  model.excused.set(run, (record) => record.outcome === 'lost' && record.exitCode === null);
};

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The store's handles are of another boot, and their pids are a stranger's; so is what lies on /run, where that is kept. */
function forgetBoot(scene: Scene, stranger: ChildProcess, keepsRun: boolean): void {
  const pid = stranger.pid ?? 0;
  const change = (text: string): string => {
    const startTime = startTimeOf(pid);
    return text
      .replaceAll(/"bootId":"[^"]+"/g, `"bootId":"${otherBoot}"`)
      .replaceAll(/"(initPid|conmonPid)":\d+/g, `"$1":${pid}`)
      .replaceAll(/"(initStartTime|conmonStartTime)":\d+/g, `"$1":${startTime}`);
  };
  changeHandles(scene.data, change);
  const state = join('/run/nightshift', scene.instance);
  if (keepsRun) {
    writeFileSync(join(state, 'boot-id'), `${otherBoot}\n`);
    for (const run of readdirSync(join(state, 'bundles'))) {
      const handle = join(state, 'bundles', run, 'handle.json');
      if (existsSync(handle)) writeFileSync(handle, change(readFileSync(handle, 'utf8')));
    }
    return;
  }
  for (const name of readdirSync(state)) {
    // The notes are a mount, whose content goes with the boot; the mount point itself can stay.
    const path = join(state, name);
    const doomed = name === 'notes' ? readdirSync(path).map((note) => join(path, note)) : [path];
    for (const each of doomed) rmSync(each, { recursive: true, force: true });
  }
}

/** Handles stand in the documents of open runs, in whichever file those are. */
function changeHandles(data: string, change: (text: string) => string): void {
  for (const file of readdirSync(data).filter((name) => name.endsWith('.db'))) {
    const database = new DatabaseSync(join(data, file));
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const { name } of tables as unknown as { name: string }[]) {
      if (name !== 'runs' && name !== 'begun') continue;
      const rows = database.prepare(`SELECT id, document FROM ${name}`).all() as unknown as {
        id: string;
        document: string;
      }[];
      const update = database.prepare(`UPDATE ${name} SET document = ? WHERE id = ?`);
      for (const { id, document } of rows)
        if (change(document) !== document) update.run(change(document), id);
    }
    database.close();
  }
}

/** Every run of the boot before is told as lost, with the reason, and no code was invented. */
async function checkTold(scene: Scene, model: Model, open: readonly RunRecord[]): Promise<void> {
  for (const { id } of open) {
    for (const { name } of scene.environments) {
      const record = await scene.daemon
        .get<RunRecord>(`/environments/${name}/runs/${id}`)
        .catch(() => undefined);
      if (record === undefined || record.outcome !== 'lost') continue;
      if (!/machine was restarted|gone|never began|nobody/.test(record.reason ?? '')) {
        model.violate(`run ${id} of the boot before is told as: ${record.reason}`);
      }
    }
  }
}

/** Each worker that is to go on runs once. */
function checkOnce(model: Model): void {
  model.expectSteady(steadyJobs);
  if (model.steady.length !== 5) model.violate(`${model.steady.length} workers run after a restart, not 5`);
}
