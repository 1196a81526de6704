/** The daemon kills itself at every numbered boundary of a run's life and of the packing of its output, one after the other. */
import { packingBoundaries, boundaries as runBoundaries } from '../../src/main/injected-faults.ts';
import { awaitLoad, inScene, type Kind, layLoad, windUp } from './kinds.ts';
import { pause } from './model.ts';
import type { Scene } from './scene.ts';

/** In the order in which they are played. */
export const names = [...runBoundaries, ...packingBoundaries];

/** Output is packed within seconds where the daemon is to die of packing: later than any program here is silent. */
const packing = 'pack=5';

/** So many times in a row a boundary is passed before the daemon dies there. */
const countMost = 4;
/** A boundary that is not reached by then is not reached at all. */
const reachedMs = 60_000;

export const boundaries: Kind = ({ random, rounds, say, brief }) =>
  inScene({ say }, async (scene, model) => {
    await scene.start();
    await layLoad(scene, brief ? 8 : 40);
    await awaitLoad(scene, model);
    let kills = 0;
    await scene.kill();
    while (kills < rounds && model.violations.length <= 20) {
      for (const name of names.slice(0, rounds - kills)) {
        const count = brief ? 1 : random.whole(1, countMost);
        // The daemon that takes up after one boundary is the one that dies at the next.
        const faults = [`kill=${name}:${count}`, ...(name.startsWith('pack-') ? [packing] : [])];
        if (await scene.start(...faults)) {
          await model.look(true);
          if (!(await diesUnderLoad(scene))) {
            model.violate(`boundary ${name} was not passed ${count} times within ${reachedMs / 1000} s`);
            await scene.kill();
          }
        }
        kills += 1;
        model.checkSteady();
      }
      await scene.start();
      await model.settle();
      say(`${kills} kills: ${model.violations.length} violations`);
      await scene.kill();
    }
    await scene.start();
    await windUp(scene, model);
    return { kills, boundaries: names.length, missed: model.due.missed };
  });

/** Asks for runs until the daemon has died of one. */
async function diesUnderLoad(scene: Scene): Promise<boolean> {
  const { daemon } = scene;
  const name = scene.environments[0]?.name;
  const deadline = Date.now() + reachedMs;
  while (daemon.runs && Date.now() < deadline) {
    // It may be refused, or the daemon dies over it.
    await daemon.call('POST', `/environments/${name}/jobs/asked/run?wait=false`).catch(() => undefined);
    await Promise.race([daemon.ended, pause(700)]);
  }
  if (daemon.runs) return false;
  await scene.noteDeath();
  return true;
}
