/** The simulation from the command line: script/simulate --help. */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { invariants } from './invariants.ts';
import { Life } from './life.ts';
import { type Comparison, compareAround, oracleExpressions, zoneChanges } from './oracle-comparison.ts';
import { Random } from './random.ts';
import { measure, mix } from './scale.ts';
import { spreadRow } from './spread-figure.ts';

const help = `Plays the scheduler through years of trouble in seconds, and compares it with others.

  script/simulate [--seed N] [--lives N] [--crons 1000] [--days 365]
      lives of crons on a machine that crashes, sleeps, and has its clock set; each from a seed that plays it again
  script/simulate --year [--crons 100000] [--days 365]
      bytes, microseconds and seconds of so many crons when nothing goes wrong
  script/simulate --oracle [--from 2020] [--to 2035]
      due times beside Debian's cron around every change of every zone in these years
  script/simulate --spread
      how many crons start together: the best, hashed, and ours`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    lives: { type: 'string', default: '1' },
    crons: { type: 'string' },
    days: { type: 'string', default: '365' },
    year: { type: 'boolean', default: false },
    oracle: { type: 'boolean', default: false },
    from: { type: 'string', default: '2020' },
    to: { type: 'string', default: '2035' },
    spread: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const seconds = (): number => performance.now() / 1000;
const grouped = (count: number): string => count.toLocaleString('en-US');

/** Lives of trouble. A failing seed is named, and the exit code is 1. */
function lives(): boolean {
  const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const [crons, days] = [Number(values.crons ?? 1_000), Number(values.days)];
  console.log(`holding ${Object.keys(invariants).length} invariants: ${Object.keys(invariants).join(', ')}`);
  let fine = true;
  for (let seed = first; seed < first + Number(values.lives); seed++) {
    const begun = seconds();
    try {
      // Trouble every four hours, on average: 2,000 times a year.
      const settings = { crons, days, start: Date.UTC(2026, 0, 1), troubleEveryMs: 4 * 3_600_000 };
      const report = new Life(new Random(seed), settings).play();
      const told = Object.entries(report).map(([what, count]) => `${what} ${grouped(count)}`);
      console.log(
        `seed ${seed}: ${crons} crons, ${days} days in ${(seconds() - begun).toFixed(1)} s: ${told.join(', ')}`,
      );
    } catch (error) {
      fine = false;
      console.log(`seed ${seed} FAILED: ${error instanceof Error ? error.message : String(error)}`);
      console.log(`play it again: script/simulate --seed ${seed} --crons ${crons} --days ${days}`);
    }
  }
  return fine;
}

function year(): boolean {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heapBytes = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  // CPU time, so that what else runs on the machine counts less.
  const cpuSeconds = () => process.cpuUsage().user / 1e6;
  const [crons, days] = [Number(values.crons ?? 100_000), Number(values.days)];
  const begun = seconds();
  const figures = measure(crons, days, new Random(1), cpuSeconds, heapBytes);
  console.log(`of 10,000 crons: ${mix}`);
  console.log(
    `${grouped(figures.crons)} crons: ${figures.bytesEach} bytes each, ${figures.setMicroseconds.toFixed(1)} µs to define one`,
  );
  console.log(
    `${figures.days} days: ${grouped(figures.due)} due times in ${grouped(figures.ticks)} ticks, ` +
      `${figures.seconds.toFixed(1)} s of CPU, ${(seconds() - begun).toFixed(1)} s in all, ` +
      `${figures.fireMicroseconds.toFixed(2)} µs for each begin and end`,
  );
  return true;
}

function oracle(): boolean {
  const begun = seconds();
  const changes = zoneChanges(Date.UTC(Number(values.from), 0), Date.UTC(Number(values.to) + 1, 0));
  const comparison: Comparison = { comparisons: 0, dueTimes: 0, mismatches: [] };
  for (const [index, change] of changes.entries()) {
    compareAround(change, oracleExpressions, comparison);
    if (index % 500 === 499)
      console.log(`${index + 1} of ${changes.length} changes, ${comparison.mismatches.length} mismatches`);
  }
  const zones = new Set(changes.map(({ zone }) => zone)).size;
  console.log(
    `zone database ${process.versions.tz}, ${values.from} to ${values.to}: ${zones} zones that change, ${grouped(changes.length)} changes × ` +
      `${oracleExpressions.length} expressions = ${grouped(comparison.comparisons)} comparisons, ${grouped(comparison.dueTimes)} due times ` +
      `in ${(seconds() - begun).toFixed(0)} s: ${comparison.mismatches.length} mismatches`,
  );
  for (const mismatch of comparison.mismatches.slice(0, 20)) console.log(mismatch);
  return comparison.mismatches.length === 0;
}

function spread(): boolean {
  console.log('the most that start together, in one second / in one minute');
  console.log(`${'crons'.padStart(22)}${'best'.padStart(12)}${'hashed'.padStart(12)}${'ours'.padStart(12)}`);
  for (const [interval, crons] of [
    ['1d', 60],
    ['1d', 600],
    ['1d', 6_000],
    ['1d', 36_000],
    ['1h', 60],
    ['1h', 3_600],
    ['10m', 600],
    ['1m', 60],
  ] as const) {
    const row = spreadRow(interval, crons);
    const cell = ({ second, minute }: { second: number; minute: number }) =>
      `${second} / ${minute}`.padStart(12);
    console.log(
      `${`${grouped(crons)} every ${interval}`.padStart(22)}${cell(row.best)}${cell(row.hashed)}${cell(row.ours)}`,
    );
  }
  return true;
}

if (values.help) console.log(help);
else {
  const play = values.year ? year : values.oracle ? oracle : values.spread ? spread : lives;
  process.exitCode = play() ? 0 : 1;
}
