/** kill -9 of the daemon at random moments: while it starts, while it takes up, and under load. */
import { awaitLoad, inScene, type Kind, layLoad, windUp } from './kinds.ts';
import type { Model } from './model.ts';
import { pause } from './model.ts';
import type { Scene } from './scene.ts';

/** After so many rounds everything is brought to rest and compared in full. */
const settleEvery = 20;
/** The part of the kills that hit a daemon that is not ready yet. */
const earlyShare = 0.35;
const longestLifeMs = 1_500;

export const kill: Kind = ({ random, rounds, say, brief }) =>
  inScene({ say }, async (scene, model) => {
    const began = Date.now();
    await scene.start();
    let startMs = Date.now() - began;
    await layLoad(scene, brief ? 8 : 40);
    await awaitLoad(scene, model);
    let early = 0;
    for (let round = 1; round <= rounds; round++) {
      if (random.chance(earlyShare)) {
        early += 1;
        await scene.kill();
        scene.spawn();
        await pause(random.fraction() * startMs);
        await scene.kill();
      } else {
        await act(scene, random.chance(0.5));
        await pause(random.fraction() * longestLifeMs);
        await scene.kill();
      }
      model.checkSteady();
      const spawned = Date.now();
      await scene.start();
      startMs = Date.now() - spawned;
      await model.look();
      if (round % settleEvery === 0) {
        await model.settle();
        say(`round ${round}: ${tally(model)}`);
      }
      if (model.violations.length > 20) throw new Error(`more than 20 violations, in round ${round}`);
    }
    await windUp(scene, model);
    return { kills: rounds, killsWhileStarting: early, missed: model.due.missed, skipped: model.due.skipped };
  });

/** Something a person does, so that more than time is under way when the daemon dies. */
async function act(scene: Scene, wanted: boolean): Promise<void> {
  const name = scene.environments[0]?.name;
  if (wanted) await scene.daemon.call('POST', `/environments/${name}/jobs/asked/run?wait=false`);
}

const tally = ({ counts, violations }: Model): string =>
  `${counts.runsEnded} runs ended, ${counts.codesCompared} codes compared, ${counts.neverBegan} never began, ${counts.lines} lines, ${counts.dueTimes} due times, ${violations.length} violations`;
