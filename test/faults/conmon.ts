/** conmon is killed: with the daemon there, while it is away, and together with the program. */
import { conmonsOf, lives, type Program, programs } from './groups.ts';
import { awaitLoad, inScene, type Kind, layLoad, steadyJobs, windUp } from './kinds.ts';
import { type Model, pause } from './model.ts';
import type { RunRecord } from './records.ts';
import type { Scene } from './scene.ts';

/** The design's promise. */
const noticedMs = 10_000;
const ways = ['daemon there', 'daemon away', 'daemon away, program too'] as const;

export const conmon: Kind = ({ random, rounds, say, brief }) =>
  inScene({ say }, async (scene, model) => {
    await scene.start();
    await layLoad(scene, brief ? 4 : 10);
    await awaitLoad(scene, model);
    const seconds: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const way = brief ? ways[0] : random.pick(ways);
      const victim = random.pick(model.steady);
      model.dismiss(victim);
      const took = await endConmon(scene, model, victim, way);
      if (way === 'daemon there') seconds.push(took);
      say(`round ${round}, ${way}: told as lost after ${took.toFixed(1)} s`);
      await successorOf(scene, model, victim);
      await model.settle();
    }
    await windUp(scene, model);
    const most = Math.max(0, ...seconds);
    return { conmonsKilled: rounds, secondsToNoticeMost: most.toFixed(1), withDaemonThere: seconds.length };
  });

/** Kills the victim's conmon; answers after how many seconds its run was told to be lost. */
async function endConmon(
  scene: Scene,
  model: Model,
  victim: Program,
  way: (typeof ways)[number],
): Promise<number> {
  model.excused.set(
    victim.run,
    (record) => record.outcome === 'lost' && record.exitCode === null && /conmon/.test(record.reason ?? ''),
  );
  const monitors = conmonsOf(scene.instance, victim.run);
  if (monitors.length !== 1) model.violate(`run ${victim.run} has ${monitors.length} conmons`);
  if (way !== 'daemon there') await scene.kill();
  const began = Date.now();
  for (const pid of monitors) process.kill(pid, 'SIGKILL');
  if (way === 'daemon away, program too' && lives(victim.pid, victim.startTime)) {
    process.kill(victim.pid, 'SIGKILL');
  }
  if (way !== 'daemon there') await scene.start();
  for (;;) {
    const record = await scene.daemon.get<RunRecord>(
      `/environments/${victim.environment}/runs/${victim.run}`,
    );
    const took = Date.now() - began;
    if (record.endedAt !== null) {
      if (way === 'daemon there' && took > noticedMs) {
        model.violate(`the end of a conmon was noticed after ${took} ms`);
      }
      if (lives(victim.pid, victim.startTime)) model.violate(`run ${victim.run} is told as lost and runs on`);
      return took / 1000;
    }
    if (took > 60_000)
      throw new Error(`run ${victim.run} is not told to have ended, a minute after its conmon`);
    await pause(50);
  }
}

/** Waits for the worker's next run, which has to go on from now on. */
async function successorOf(scene: Scene, model: Model, victim: Program): Promise<void> {
  const wanted = model.steady.length + 1;
  const deadline = Date.now() + 60_000;
  const others = [...model.steady];
  while (Date.now() < deadline) {
    model.expectSteady(steadyJobs);
    if (model.steady.length === wanted) break;
    await pause(50);
  }
  if (model.steady.length !== wanted) {
    model.violate(
      `the worker of run ${victim.run} was not restarted: ${programs(scene.instance).length} run`,
    );
  }
  for (const each of others) {
    if (!lives(each.pid, each.startTime))
      model.violate(`run ${each.run} was disturbed by the end of another's conmon`);
  }
}
