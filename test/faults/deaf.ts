/** The kernel drops the events of ended runs: the rescan finds them. */
import { inScene, type Kind, windUp } from './kinds.ts';
import { pause } from './model.ts';
import { onDemand, talker } from './programs.ts';
import type { RunRecord } from './records.ts';

/** The rescan comes every 30 s. */
const foundMs = 45_000;

export const deaf: Kind = ({ rounds, say }) =>
  inScene({ say, faults: ['deaf'] }, async (scene, model) => {
    await scene.start();
    const { name } = await scene.environment('deaf', 'M', [talker('talk'), onDemand('asked')]);
    let most = 0;
    for (let round = 1; round <= rounds; round++) {
      const began = Date.now();
      const run = await scene.daemon.call<RunRecord>(
        'POST',
        `/environments/${name}/jobs/asked/run?wait=false`,
      );
      let record = run;
      while (record.endedAt === null && Date.now() - began < foundMs) {
        await pause(100);
        record = await scene.daemon.get<RunRecord>(`/environments/${name}/runs/${run.id}`);
      }
      const took = Date.now() - began;
      most = Math.max(most, took);
      if (record.endedAt === null)
        model.violate(`run ${run.id} ended unseen, and nobody looked for ${foundMs / 1000} s`);
      say(`round ${round}: an end that nobody was told of was found after ${(took / 1000).toFixed(1)} s`);
      await model.look();
    }
    await windUp(scene, model);
    return { unseenEnds: rounds, secondsMost: (most / 1000).toFixed(1) };
  });
