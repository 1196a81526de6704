/** The campaign of faults, as a program: `script/faults --help`. */
import { parseArgs } from 'node:util';
import { Random } from '../simulation/random.ts';
import { boundaries } from './boundaries.ts';
import { conmon } from './conmon.ts';
import { deaf } from './deaf.ts';
import { kill } from './kill.ts';
import type { Kind, Result } from './kinds.ts';
import { Scene } from './scene.ts';

const kinds: Readonly<Record<string, Kind>> = { kill, boundaries, conmon, deaf };

const usage = `script/faults [--kind KIND[,KIND…]] [--rounds N] [--seed S]
Kinds: ${Object.keys(kinds).join(', ')}; all of them when none is named.
Exits 1 when anything was violated. A seed that failed is played again by naming it.`;

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function tell(name: string, { violations, figures }: Result): void {
  const told = Object.entries(figures).map(([key, value]) => `${key} ${value}`);
  console.log(`${name}: ${told.join(', ')}`);
  for (const each of violations) console.log(`${name}: VIOLATED: ${each}`);
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const why = Scene.whyNot();
  if (why !== null) throw new Error(`the campaign can't be played here: ${why}`);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const chosen = values.kind?.split(',') ?? Object.keys(kinds);
  let violations = 0;
  for (const name of chosen) {
    const kind = kinds[name];
    if (kind === undefined) throw new Error(`there is no kind "${name}"\n${usage}`);
    console.log(`${name}: ${values.rounds} rounds, seed ${seed}`);
    const began = Date.now();
    const result = await kind({
      random: new Random(seed),
      rounds: Number(values.rounds),
      say: (line) => console.log(`${name}: ${line}`),
      brief: false,
    });
    tell(name, result);
    console.log(
      `${name}: ${result.violations.length} violations in ${Math.round((Date.now() - began) / 1000)} s`,
    );
    violations += result.violations.length;
    if (result.violations.length > 0)
      console.log(`again: script/faults --kind ${name} --rounds ${values.rounds} --seed ${seed}`);
  }
  return violations === 0 ? 0 : 1;
}

process.exitCode = await main();
