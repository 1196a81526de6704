/** What every kind of fault gets to play with, and answers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Random } from '../simulation/random.ts';
import { nightshift } from './daemon-process.ts';
import { LineLedger } from './line-ledger.ts';
import { Model } from './model.ts';
import { crasher, cron, flooder, type JobWish, onDemand, talker } from './programs.ts';
import type { LineRecord } from './records.ts';
import { Scene, type SceneOptions } from './scene.ts';

export interface Play {
  readonly random: Random;
  readonly rounds: number;
  /** A line for people, as it happens. */
  readonly say: (line: string) => void;
  /** Less load, for the short form in the tests. */
  readonly brief: boolean;
}

export interface Result {
  readonly violations: readonly string[];
  /** Figures for people, by name. */
  readonly figures: Readonly<Record<string, string | number>>;
}

export type Kind = (play: Play) => Promise<Result>;

const many = (count: number, make: (index: number) => JobWish): JobWish[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Workers that are to go on for ever, whatever happens to the daemon. */
export const steadyJobs = ['talk', 'twins', 'flood'];

/** Two environments: one with workers that talk and crons, one with workers that crash and more crons. */
export async function layLoad(scene: Scene, crons: number): Promise<void> {
  await scene.environment('calm', '2XL', [
    talker('talk'),
    talker('twins', 2),
    flooder('flood'),
    onDemand('asked'),
    ...many(Math.ceil(crons / 2), (index) => cron(`cron${index}`, index)),
  ]);
  await scene.environment('wild', '2XL', [
    talker('talk'),
    crasher('crash1'),
    crasher('crash2'),
    ...many(Math.floor(crons / 2), (index) => cron(`cron${index}`, index)),
  ]);
}

/** Opens a scene and plays in it; whatever happens, it is removed, and what is left is a violation too. */
export async function inScene(
  options: SceneOptions & { readonly say?: Play['say'] },
  play: (scene: Scene, model: Model) => Promise<Readonly<Record<string, string | number>>>,
): Promise<Result> {
  const scene = new Scene(options);
  const model = new Model(scene, (sentence) => options.say?.(`VIOLATED: ${sentence}`));
  let figures: Readonly<Record<string, string | number>> = {};
  try {
    figures = await play(scene, model);
    for (const each of await scene.close()) model.violate(`left behind: ${each}`);
  } catch (error) {
    model.violate(
      `it broke off: ${(error as Error).stack ?? error}; the daemon had said: ${scene.troubles.slice(-5).join(' | ')}`,
    );
  } finally {
    await scene.dispose().catch((error: unknown) => model.violate(`it could not be removed: ${error}`));
  }
  return { violations: model.violations, figures: { ...model.counts, ...figures } };
}

/** All load is up: the programs that are to go on for ever have begun. */
export async function awaitLoad(scene: Scene, model: Model): Promise<void> {
  const wanted = 5;
  const deadline = Date.now() + 60_000;
  for (;;) {
    model.expectSteady(steadyJobs);
    if (model.steady.length === wanted) return;
    if (Date.now() > deadline)
      throw new Error(
        `only ${model.steady.length} of ${wanted} workers began within a minute: ${scene.daemon.said.join(' | ')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The whole log once more, as a person reads it: it must be the same as what was read in pieces while daemons came and went. */
async function readAllAgain(scene: Scene, model: Model): Promise<void> {
  const whole = new LineLedger((sentence) => model.violate(`in the whole log: ${sentence}`));
  for (const { name } of scene.environments) {
    const child = spawn(nightshift, ['logs', name, '--json', '-n', 'all'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NIGHTSHIFT_DATA: scene.data },
    });
    const ended = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout })) {
      whole.add(JSON.parse(line) as LineRecord);
    }
    await ended;
  }
  for (const gap of whole.gaps()) model.violate(`in the whole log: ${gap}`);
  const read = model.lines.count + model.counts.linesPassedOver;
  if (whole.count !== read) model.violate(`the whole log has ${whole.count} lines, in pieces it had ${read}`);
}

/** Stops every job and waits until the model has seen all of it end: the last comparison, with nothing on its way. */
export async function windUp(scene: Scene, model: Model): Promise<void> {
  model.checkSteady();
  model.due.stopping = true;
  for (const program of [...model.steady]) model.dismiss(program);
  for (const environment of scene.environments) {
    for (const job of environment.jobs) {
      await scene.daemon.call('POST', `/environments/${environment.name}/jobs/${job.name}/stop?wait=false`);
    }
    for (const job of environment.jobs) {
      await scene.daemon.call('POST', `/environments/${environment.name}/jobs/${job.name}/stop?wait=true`);
    }
  }
  await model.settle();
  model.due.finish();
  if (model.linesMayBeLost) return;
  for (const gap of model.lines.gaps()) model.violate(gap);
  await readAllAgain(scene, model);
}
