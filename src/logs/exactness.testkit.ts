/**
 * Nasty output in and out: written as conmon writes it, while files are rotated, the daemon is killed, and all is packed by
 * passes that are killed as well. A reader goes on from cursor to cursor all the while.
 */
import { renameSync } from 'node:fs';
import type { Clock } from '../domain/clock.ts';
import { CriWriter, recordsOfRead } from './cri-writer.testkit.ts';
import { createFileLogStore, type LogTrouble } from './file-log-store.ts';
import type { LogStore } from './log-store.ts';
import { type NastyOutput, nastyOutput, randomFrom, type StreamName } from './nasty-output.testkit.ts';
import { packJob } from './packing.ts';

/** conmon reads its pipes by so much. */
const readBytes = 8_192;
const run = 'r'.padEnd(16, '0');

export interface Exactness {
  readonly rotations: number;
  readonly daemonKills: number;
  readonly packingKills: number;
  readonly lines: number;
  readonly bytes: number;
  readonly troubles: readonly string[];
}

/** Throws at the first byte that is not as it was written. */
export async function proveExactness(
  folder: string,
  clock: Clock,
  seed: number,
  bytes: number,
): Promise<Exactness> {
  const random = randomFrom(seed ^ 0x5eed);
  const output = nastyOutput(seed, bytes);
  const counts = { rotations: 0, daemonKills: 0, packingKills: 0 };
  const troubles: string[] = [];
  const onTrouble = ({ sentence }: LogTrouble): void => void troubles.push(sentence);
  const open = (): LogStore => createFileLogStore({ folder, clock, onTrouble });
  let store = open();
  const path = await store.prepare('demo', 'a', run);
  const writer = new CriWriter(path);
  const openedAgain = (): void =>
    store.opened({ environment: 'demo', job: 'a', runId: run, reopen: writer.reopen });
  openedAgain();
  const reader = new CursorReader();
  const pack = async (live: boolean): Promise<void> => {
    let left = random() < 0.5 ? Math.floor(random() * 8) : Number.POSITIVE_INFINITY;
    const request = { root: folder, environment: 'demo', job: 'a', live: live ? [run] : [] };
    const times = { before: Number.MAX_SAFE_INTEGER, now: clock.wall() };
    const bounds = { bytesPerStep: 3_000_000, packBytes: 2_000_000, packEntries: 3 };
    const killed = await packJob({ ...request, ...times, bounds }, () => {
      if (left-- === 0) throw new Error('killed');
    }).then(
      () => false,
      (error: Error) => {
        if (error.message !== 'killed') throw error;
        return true;
      },
    );
    if (killed) counts.packingKills++;
  };
  let at = 0;
  let segment = 0;
  for (const { stream, bytes: written } of output.writes) {
    for (let from = 0; from < written.length; from += readBytes)
      writer.write(
        recordsOfRead(clock.wall() + at++ / 1_000, stream, written.subarray(from, from + readBytes)),
      );
    if (random() > 0.04) continue;
    const fault = random();
    if (fault < 0.4) {
      renameSync(path, `${path}.${++segment}`);
      void writer.reopen();
      writer.write(Buffer.alloc(0));
      counts.rotations++;
    } else if (fault < 0.6) {
      await store.close();
      store = open();
      openedAgain();
      counts.daemonKills++;
    } else if (fault < 0.8) await pack(true);
    else await reader.readOn(store, Math.floor(random() * 400));
  }
  writer.close();
  store.closed(run);
  await pack(false);
  await reader.readOn(store, Number.POSITIVE_INFINITY);
  for (let more = 0; more < 4; more++) await pack(false);
  const again = new CursorReader();
  await again.readOn(store, Number.POSITIVE_INFINITY);
  await store.close();
  for (const each of [reader, again]) each.mustBe(output);
  const lines = output.lines.stdout.length + output.lines.stderr.length;
  return {
    ...counts,
    lines,
    bytes: output.writes.reduce((sum, each) => sum + each.bytes.length, 0),
    troubles,
  };
}

/** Reads some lines and leaves, again and again, each time after the cursor of the last one. */
class CursorReader {
  readonly #lines: Record<StreamName, Buffer[]> = { stdout: [], stderr: [] };
  readonly #open: Record<StreamName, Buffer[]> = { stdout: [], stderr: [] };
  #after: string | undefined;

  async readOn(store: LogStore, most: number): Promise<void> {
    let left = most;
    const query = { environment: 'demo', ...(this.#after === undefined ? {} : { after: this.#after }) };
    for await (const { entry, cursor } of store.read(query)) {
      if (left-- <= 0) return;
      const parts = this.#open[entry.stream];
      parts.push(Buffer.from(entry.message));
      this.#after = cursor;
      if (entry.continued === true) continue;
      this.#lines[entry.stream].push(Buffer.concat(parts.splice(0)));
    }
  }

  mustBe({ lines }: NastyOutput): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const [told, meant] = [this.#lines[stream], lines[stream]];
      if (told.length !== meant.length)
        throw new Error(`${stream} has ${told.length} lines instead of ${meant.length}`);
      told.forEach((line, index) => {
        if (!line.equals(meant[index] as Buffer))
          throw new Error(`line ${index} of ${stream} is not as it was`);
      });
    }
  }
}
