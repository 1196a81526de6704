/** A real kill -9, at any moment of a program that writes to a store as fast as it can. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Run } from '../domain/run.ts';
import type { StorePlace } from './store.contract.ts';
import type { Store } from './store.ts';

const program = fileURLToPath(new URL('./crash-writer.testkit.ts', import.meta.url));

/** Starts the writer, kills it after it has said so many lines, and answers all that it said. */
function writeAndDie(place: readonly string[], round: number, lines: number): Promise<string[]> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, String(round), ...place],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_, signal) => {
      if (signal === 'SIGKILL') resolve(said);
      else reject(new Error(`the writer ended by itself, after ${said.length} lines`));
    });
  });
}

async function allRuns(store: Store): Promise<Run[]> {
  const runs: Run[] = [];
  for (;;) {
    const before = runs.at(-1)?.id;
    const place = before === undefined ? {} : { before };
    const page = await store.runs({ environment: 'shop', limit: 500, ...place });
    runs.push(...page);
    if (page.length < 500) return runs;
  }
}

const idsAfter = (said: readonly string[], word: string): string[] =>
  said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

/** `writerOf` names the place to the writer: its arguments. */
export function describeCrashes<Place extends StorePlace>(
  rounds: number,
  make: () => Place | Promise<Place>,
  writerOf: (place: Place) => readonly string[],
): void {
  test(`what was acknowledged is there after kill -9, whole and once (${rounds} times)`, async () => {
    const place = await make();
    const said: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      said.push(...(await writeAndDie(writerOf(place), round, 1 + 37 * round * (round + 1))));
      const store = await place.open();
      const runs = await allRuns(store);
      const byId = new Map(runs.map((run) => [run.id, run]));

      for (const id of idsAfter(said, 'begun')) expect(byId.has(id), `begun ${id}`).toBe(true);
      for (const id of idsAfter(said, 'ended')) expect(byId.get(id)?.outcome, `ended ${id}`).toBe('ok');
      const last = idsAfter(said, 'variable').at(-1);
      if (last !== undefined) {
        const [lastRound, lastNumber] = ((await store.variables('shop')).LAST ?? '').split('-').map(Number);
        const [saidRound, saidNumber] = last.split('-').map(Number);
        expect((lastRound ?? 0) * 1e6 + (lastNumber ?? 0)).toBeGreaterThanOrEqual(
          (saidRound ?? 0) * 1e6 + (saidNumber ?? 0),
        );
      }
      const jobs = (await store.jobs('shop')).map((job) => job.name);
      expect(jobs).toEqual(expect.arrayContaining(idsAfter(said, 'job')));

      // A due time and its run come together or not at all, whether or not they were acknowledged.
      const dueTimes = await store.dueTimes({ environment: 'shop', job: 'mail', limit: 1e6 });
      expect(dueTimes.map((due) => due.run).sort()).toEqual([...byId.keys()].sort());
      const ended = runs.filter((run) => run.endedAt !== null).length;
      const [statistics] = (await store.statistics('shop')).filter((each) => each.job === 'mail');
      expect(statistics).toMatchObject({ exitsOk: ended, ended, durationSumSeconds: ended });
      expect((await store.openRuns()).length).toBe(runs.length - ended);
      await store.close();
    }
    expect(idsAfter(said, 'ended').length).toBeGreaterThan(100);
    await place.remove();
  }, 240_000);
}
