/** Thousands of short runs in one daemon: what it and the machine hold must not grow with them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DaemonFigures, figuresOf, groupsFolder, monitors, mountsWith, stateOnRun } from './groups.ts';
import { inScene, type Kind } from './kinds.ts';
import { pause } from './model.ts';
import type { JobWish } from './programs.ts';
import type { Scene } from './scene.ts';

const rowsMost = 10;
/** So many are under way at once. */
const width = 4;

interface Row extends DaemonFigures {
  readonly starts: number;
  readonly groups: number;
  readonly mounts: number;
  readonly monitors: number;
  readonly onRun: number;
}

const short: JobWish = { name: 'short', type: 'cron', command: '/bin/true', interval: '1mo' };

/** `rounds` are starts here. */
export const soak: Kind = ({ rounds, say, brief }) =>
  inScene({ say }, async (scene, model) => {
    await scene.start();
    const { name } = await scene.environment('soak', '2XL', [short]);
    const rows: Row[] = [];
    const look = async (starts: number): Promise<void> => {
      const row = await atRest(scene, starts);
      rows.push(row);
      say(
        Object.entries(row)
          .map(([key, value]) => `${key} ${value}`)
          .join(', '),
      );
    };
    const step = brief ? rounds : Math.max(1, Math.ceil(rounds / rowsMost));
    // What is made once, with the first runs, is no growth.
    await startMany(scene, name, Math.min(100, rounds));
    await look(0);
    const begin = Date.now();
    for (let starts = 0; starts < rounds; starts += step) {
      await startMany(scene, name, Math.min(step, rounds - starts));
      await look(Math.min(rounds, starts + step));
    }
    for (const sentence of growth(rows)) model.violate(sentence);
    return { starts: rounds, startsPerSecond: ((rounds * 1000) / (Date.now() - begin)).toFixed(1) };
  });

async function startMany(scene: Scene, environment: string, count: number): Promise<void> {
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0)
      await scene.daemon.call('POST', `/environments/${environment}/jobs/short/run?wait=true`);
  };
  await Promise.all(Array.from({ length: width }, work));
}

/** When nothing is on its way any more. */
async function atRest(scene: Scene, starts: number): Promise<Row> {
  const row = (): Row => {
    const folder = join(groupsFolder(scene.instance), scene.environments[0]?.name ?? '');
    return {
      starts,
      ...figuresOf(scene.daemon.pid),
      groups: readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length,
      mounts: mountsWith([scene.instance]).length,
      monitors: monitors(scene.instance).length,
      onRun: Object.values(stateOnRun(scene.instance)).flat().length,
    };
  };
  const deadline = Date.now() + 60_000;
  while (row().groups + row().onRun > 0 && Date.now() < deadline) await pause(200);
  // The machine's own init reaps in its own time, sockets of our requests close in theirs.
  await pause(2_000);
  return row();
}

/** What grew from the second row to the last: the first still has caches to fill. */
function growth(rows: readonly Row[]): string[] {
  const [early, last] = [rows[Math.min(1, rows.length - 1)], rows.at(-1)];
  if (early === undefined || last === undefined) return ['nothing was counted'];
  const most: Partial<Record<keyof Row, number>> = {
    fds: early.fds + 5,
    zombies: 0,
    groups: 0,
    mounts: early.mounts,
    monitors: early.monitors,
    onRun: 0,
    threads: early.threads + 2,
    rssKilobytes: early.rssKilobytes * 1.5 + 30_000,
  };
  return Object.entries(most).flatMap(([key, bound]) => {
    const value = last[key as keyof Row];
    return value > bound ? [`${key} grew from ${early[key as keyof Row]} to ${value}`] : [];
  });
}
