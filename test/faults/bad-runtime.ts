/** An OCI runtime that fails, hangs, is killed or prints garbage at one call: bounded, tried again, told, and nobody else held up. */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgramFile, ociRuntimes } from '../../src/runtimes/container/machine.ts';
import { programs, stateOnRun } from './groups.ts';
import { inScene, type Kind, windUp } from './kinds.ts';
import { type Model, pause } from './model.ts';
import { onDemand, talker } from './programs.ts';
import type { RunRecord } from './records.ts';
import type { Scene } from './scene.ts';

const verbs = ['create', 'start', 'delete', 'state'] as const;
const ways: Readonly<Record<string, string>> = {
  fails: 'echo "no luck today" >&2; exit 1',
  hangs: 'exec sleep 600',
  'is killed': 'kill -9 $$',
  'prints garbage': 'echo "garbage {"; exit 0',
};

/** One call is given 10 s by the runtime; the next attempt comes after a pause. */
const recoveredMs = 60_000;
/** Beside a call that hangs, another run comes to its end long before that call is given up. */
const unhinderedMs = 9_000;

/** A wrapper around the machine's OCI runtime; `fault` in its folder is a shell fragment, run before every call. */
function layWrapper(folder: string): string {
  const program = [...ociRuntimes].reverse().flatMap((name) => findProgramFile(name) ?? [])[0] ?? 'runc';
  mkdirSync(folder);
  const wrapper = join(folder, 'runc');
  writeFileSync(wrapper, `#!/bin/sh\n[ ! -e ${folder}/fault ] || . ${folder}/fault\nexec ${program} "$@"\n`);
  chmodSync(wrapper, 0o755);
  return wrapper;
}

/** The first `count` calls of the verb go wrong; each takes a ticket, so that two at once are two. */
function layFault(folder: string, verb: string, way: string, count: number): void {
  const tickets = Array.from({ length: count }, (_, index) => `mkdir ${folder}/ticket${index} 2>/dev/null`);
  writeFileSync(
    join(folder, 'fault'),
    `case " $* " in *" ${verb} "*) if ${tickets.join(' || ')}; then ${ways[way]}; fi ;; esac\n`,
  );
}

const fired = (folder: string): number =>
  readdirSync(folder).filter((name) => name.startsWith('ticket')).length;

function clear(folder: string): void {
  rmSync(join(folder, 'fault'), { force: true });
  for (const name of readdirSync(folder)) {
    if (name.startsWith('ticket')) rmSync(join(folder, name), { recursive: true });
  }
}

export const badRuntime: Kind = ({ random, rounds, say }) =>
  inScene({ say }, async (scene, model) => {
    const folder = join(scene.folder, 'wrapper');
    const faults = [`oci=${layWrapper(folder)}`];
    await scene.start(...faults);
    await scene.environment('victim', '2XL', [onDemand('asked'), talker('steady')]);
    await scene.environment('other', '2XL', [onDemand('asked'), talker('talk')]);
    await model.settle();
    const cases = verbs.flatMap((verb) => Object.keys(ways).map((way) => ({ verb, way })));
    const chosen = Array.from({ length: rounds }, (_, round) =>
      round < cases.length ? cases[round] : random.pick(cases),
    );
    let slowest = 0;
    for (const each of chosen) {
      if (each === undefined) continue;
      const took = await playCase(scene, model, folder, each, faults);
      slowest = Math.max(slowest, took.other);
      say(
        `${each.verb} ${each.way}: the victim was well after ${took.victim.toFixed(1)} s, another run took ${took.other.toFixed(1)} s meanwhile`,
      );
    }
    await windUp(scene, model);
    return { badCalls: rounds, slowestOtherRunSeconds: slowest.toFixed(1) };
  });

async function playCase(
  scene: Scene,
  model: Model,
  folder: string,
  { verb, way }: { readonly verb: string; readonly way: string },
  faults: readonly string[],
): Promise<{ victim: number; other: number }> {
  const [victim, other] = scene.environments;
  if (victim === undefined || other === undefined) throw new Error('there are no environments');
  const before = Date.now();
  layFault(folder, verb, way, 1);
  let others = 0;
  if (verb === 'state') {
    // It is only asked for runs that a daemon did not come to start.
    await scene.daemon
      .call('POST', `/environments/${victim.name}/jobs/asked/run?wait=false`)
      .catch(() => undefined);
    await scene.kill();
    await scene.start(...faults);
  } else {
    await restartVictim(scene, victim.name, verb);
    await awaitTicket(folder);
    others = await runOther(scene, model, other.name);
  }
  await awaitTalker(scene, model, victim.name, `${verb} ${way}`);
  const took = Date.now() - before;
  clear(folder);
  await model.settle();
  await checkNothingStays(scene, model, `${verb} ${way}`, faults);
  return { victim: took / 1000, other: others / 1000 };
}

/** What makes the daemon call the verb: a worker that is restarted, or a run that has ended. */
async function restartVictim(scene: Scene, name: string, verb: string): Promise<void> {
  const path = `/environments/${name}/jobs`;
  if (verb === 'delete') await scene.daemon.call('POST', `${path}/asked/run?wait=false`);
  else await scene.daemon.call('POST', `${path}/steady/restart?wait=false`);
}

async function awaitTicket(folder: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (fired(folder) === 0) {
    if (Date.now() > deadline) throw new Error('the call that was to go wrong was never made');
    await pause(20);
  }
}

/** A run of somebody else's, from its wish to its end; ms. */
async function runOther(scene: Scene, model: Model, name: string): Promise<number> {
  const began = Date.now();
  const { id } = await scene.daemon.call<RunRecord>(
    'POST',
    `/environments/${name}/jobs/asked/run?wait=false`,
  );
  for (;;) {
    const record = await scene.daemon.get<RunRecord>(`/environments/${name}/runs/${id}`);
    const took = Date.now() - began;
    if (record.endedAt !== null) {
      if (took > unhinderedMs) model.violate(`run ${id} of another environment was held up for ${took} ms`);
      return took;
    }
    if (took > recoveredMs) throw new Error(`run ${id} of another environment does not end`);
    await pause(50);
  }
}

async function awaitTalker(scene: Scene, model: Model, name: string, what: string): Promise<void> {
  const deadline = Date.now() + recoveredMs;
  while (!programs(scene.instance).some((each) => each.environment === name)) {
    if (Date.now() > deadline) return model.violate(`${what}: the worker did not come back`);
    await pause(50);
  }
}

/** What the call left is removed, at the latest by the next daemon. */
async function checkNothingStays(
  scene: Scene,
  model: Model,
  what: string,
  faults: readonly string[],
): Promise<void> {
  const superfluous = (): string[] => {
    const live = new Set(programs(scene.instance).map((each) => each.run));
    return Object.entries(stateOnRun(scene.instance)).flatMap(([kind, names]) =>
      names.filter((name) => !live.has(name.replace(/^ns-/, ''))).map((name) => `${kind}/${name}`),
    );
  };
  const awaitNone = async (ms: number): Promise<boolean> => {
    const deadline = Date.now() + ms;
    while (superfluous().length > 0 && Date.now() < deadline) await pause(100);
    return superfluous().length === 0;
  };
  if (await awaitNone(5_000)) return;
  await scene.kill();
  await scene.start(...faults);
  if (!(await awaitNone(20_000))) model.violate(`${what}: the next daemon left ${superfluous().join(', ')}`);
}
