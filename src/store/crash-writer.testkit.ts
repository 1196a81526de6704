/**
 * A program that writes to a store for ever and says on its output what it was told has succeeded, until it is killed:
 * `node crash-writer.testkit.ts ROUND FOLDER [POSTGRESQL]`. Lines: `begun ID`, `ended ID`, `variable VALUE`, `job NAME`.
 */
import { writeSync } from 'node:fs';
import { openPostgresStore } from './postgres/open.ts';
import { openSqliteStore } from './sqlite/open.ts';
import { noon, sampleCron, sampleDue, sampleEnd, sampleEnvironment, sampleHandle } from './store.testkit.ts';

const [round = '0', folder = '', address] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);
const clock = { wall: () => noon, monotonic: () => 0, after: () => () => undefined };
const store =
  address === undefined
    ? await openSqliteStore({ folder, clock })
    : await openPostgresStore({ folder, clock, address, alone: true });
if ((await store.environment('shop')) === undefined) {
  await store.addEnvironment(sampleEnvironment('shop'));
  await store.addJob(sampleCron('shop', 'mail'));
}
say('ready');

async function oneRun(number: number): Promise<void> {
  const id = `${round}-${number}`;
  const { run, dueTime } = sampleDue('shop', 'mail', noon + Number(round) * 1e9 + number * 60_000, id);
  await store.beginRuns([run], [dueTime]);
  say(`begun ${id}`);
  await store.runStarted(id, noon, sampleHandle(id));
  await store.runEnded(id, sampleEnd(), [
    { environment: 'shop', job: 'mail', exitsOk: 1, durationSeconds: 1 },
  ]);
  say(`ended ${id}`);
}

for (let number = 0; ; number += 8) {
  const runs = Array.from({ length: 8 }, (_, index) => oneRun(number + index));
  const variable = store
    .setVariables('shop', { LAST: `${round}-${number}` })
    .then(() => say(`variable ${round}-${number}`));
  const name = `job-${round}-${number}`;
  const job =
    number % 80 === 0 ? store.addJob(sampleCron('shop', name)).then(() => say(`job ${name}`)) : null;
  await Promise.all([...runs, variable, job]);
  if (number % 200 === 0) await store.pruneRuns(1_000_000);
}
