/** The campaign of faults, as a program: `script/faults --help`. */
import { parseArgs } from 'node:util';
import { Random } from '../simulation/random.ts';
import { badRuntime } from './bad-runtime.ts';
import { boundaries } from './boundaries.ts';
import { conmon } from './conmon.ts';
import { deaf } from './deaf.ts';
import { fullDisk } from './full-disk.ts';
import { kill } from './kill.ts';
import type { Kind, Result } from './kinds.ts';
import { reboot } from './reboot.ts';
import { Scene } from './scene.ts';
import { soak } from './soak.ts';

/** Each kind with its part of the rounds when all are played: most are kills, the others take many seconds each. */
const kinds: Readonly<Record<string, { readonly play: Kind; readonly share: number }>> = {
  kill: { play: kill, share: 0.4 },
  boundaries: { play: boundaries, share: 0.4 },
  conmon: { play: conmon, share: 0.04 },
  runtime: { play: badRuntime, share: 0.04 },
  store: { play: fullDisk, share: 0.04 },
  reboot: { play: reboot, share: 0.04 },
  deaf: { play: deaf, share: 0.04 },
};

const usage = `script/faults [--kind KIND[,KIND…]] [--rounds N] [--seed S]
       script/faults --soak STARTS
Kinds: ${Object.keys(kinds).join(', ')}. Those that are named play N rounds each; all of them, when none is named,
play N together: 40 % kills at random moments, 40 % at boundaries, 4 % each of the others, one at least.
Exits 1 when anything was violated. A seed that failed is played again by naming it.`;

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string' },
    soak: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function tell(name: string, { violations, figures }: Result): void {
  const told = Object.entries(figures).map(([key, value]) => `${key} ${value}`);
  console.log(`${name}: ${told.join(', ')}`);
  for (const each of violations) console.log(`${name}: VIOLATED: ${each}`);
}

/** How much was violated. */
async function play(name: string, kind: Kind, rounds: number, seed: number): Promise<number> {
  console.log(`${name}: ${rounds} rounds, seed ${seed}`);
  const began = Date.now();
  const say = (line: string): void => console.log(`${name}: ${line}`);
  const result = await kind({ random: new Random(seed), rounds, say, brief: false });
  tell(name, result);
  const { length } = result.violations;
  console.log(`${name}: ${length} violations in ${Math.round((Date.now() - began) / 1000)} s`);
  if (length > 0) console.log(`again: script/faults --kind ${name} --rounds ${rounds} --seed ${seed}`);
  return length;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const why = Scene.whyNot();
  if (why !== null) throw new Error(`the campaign can't be played here: ${why}`);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  if (values.soak !== undefined) return (await play('soak', soak, Number(values.soak), seed)) === 0 ? 0 : 1;
  const rounds = Number(values.rounds);
  const began = Date.now();
  const chosen = values.kind?.split(',') ?? Object.keys(kinds);
  let violations = 0;
  for (const name of chosen) {
    const kind = kinds[name];
    if (kind === undefined) throw new Error(`there is no kind "${name}"\n${usage}`);
    const share = values.kind === undefined ? kind.share : 1;
    violations += await play(name, kind.play, Math.max(1, Math.round(rounds * share)), seed);
  }
  console.log(`all: ${violations} violations in ${Math.round((Date.now() - began) / 1000)} s`);
  return violations === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log(`${signal}: breaking off and cleaning up`);
    Scene.interrupt();
  });
}
process.exitCode = await main();
