/** Points of subjects, kept in chunks at every level, over the file. */
import { limits } from '../domain/limits.ts';
import { chunksKept, finest, type Level, levels } from './core/levels.ts';
import { between, joined, noPoints, type Points, rolledUp } from './core/points.ts';
import { bucketsPerHour, type OpenHour } from './held-environment.ts';
import type { ChunkPlace, MetricsFile } from './metrics-file.ts';
import { pack, unpack } from './packing.ts';

/** A chunk that is to be written: its subject has no number before the write. */
export interface PackedChunk extends Omit<ChunkPlace, 'subject'> {
  readonly job: string;
  readonly bytes: Uint8Array;
  readonly keep: number;
}

export class ChunkStore {
  readonly #file: MetricsFile;
  /** Numbers of subjects, by environment and job. */
  readonly #subjects = new Map<string, Map<string, number>>();

  constructor(file: MetricsFile) {
    this.#file = file;
  }

  subjectsOf(environment: string): ReadonlyMap<string, number> {
    let known = this.#subjects.get(environment);
    if (known === undefined) {
      known = new Map(this.#file.subjects(environment).map(({ id, job }) => [job, id]));
      this.#subjects.set(environment, known);
    }
    return known;
  }

  forget(environment: string): void {
    this.#subjects.delete(environment);
  }

  /** What is kept of an hour already. */
  hour(environment: string, hour: number): Map<string, Points> {
    const found = new Map<string, Points>();
    for (const job of this.subjectsOf(environment).keys()) {
      const points = this.read(environment, job, finest, hour * bucketsPerHour, (hour + 1) * bucketsPerHour);
      if (points.at.length > 0) found.set(job, points);
    }
    return found;
  }

  /** Buckets of a level from one up to, not with, another. */
  read(environment: string, job: string, level: Level, from: number, until: number): Points {
    const subject = this.subjectsOf(environment).get(job);
    if (subject === undefined || until <= from) return noPoints();
    const first = Math.floor(from / level.chunkBuckets);
    const last = Math.floor((until - 1) / level.chunkBuckets);
    const points = this.#file
      .chunks(subject, levels.indexOf(level), first, last)
      .reduce((all, bytes) => joined(all, unpack(bytes) ?? noPoints()), noPoints());
    return between(points, from, until);
  }

  /** What an hour of a job makes of the chunks of all levels. Its own buckets stand in place of those that are kept. */
  packHour(environment: string, job: string, points: Points): PackedChunk[] {
    return levels.map((level, index) => {
      const own = rolledUp(points, level.stepSeconds / finest.stepSeconds);
      const number = Math.floor((own.at[0] ?? 0) / level.chunkBuckets);
      const subject = this.subjectsOf(environment).get(job);
      const bytes = subject === undefined ? undefined : this.#file.chunk({ subject, level: index, number });
      const before = (bytes === undefined ? undefined : unpack(bytes)) ?? noPoints();
      return { job, level: index, number, bytes: pack(joined(before, own)), keep: chunksKept(level) };
    });
  }

  /** Writes the chunks of an hour and takes its rows away, in one transaction. */
  keepHour(environment: string, hour: number, chunks: readonly PackedChunk[], open: OpenHour): void {
    try {
      this.#file.inOne(() => {
        for (const { job, level, number, bytes, keep } of chunks) {
          const subject = this.#subject(environment, job, open);
          if (subject !== undefined) this.#file.putChunk({ subject, level, number }, bytes, keep);
        }
        this.#file.removeRecent(environment, hour);
      });
    } catch (error) {
      // Numbers that were given in a transaction that failed are nobody's.
      this.forget(environment);
      throw error;
    }
  }

  /** The number of a subject; made where there is none. Undefined when there are too many already, all of them at work. */
  #subject(environment: string, job: string, open: OpenHour): number | undefined {
    const known = this.subjectsOf(environment) as Map<string, number>;
    const number = known.get(job);
    if (number !== undefined) return number;
    if (known.size > limits.metricsJobsPerEnvironment && !this.#makeRoom(known, open)) return undefined;
    const added = this.#file.addSubject(environment, job);
    known.set(job, added);
    return added;
  }

  /** Gives up the job that was silent longest. */
  #makeRoom(known: Map<string, number>, open: OpenHour): boolean {
    const silent = [...known]
      .filter(([job]) => job !== '' && !open.subjects.has(job))
      .map(([job, id]) => ({ job, id, newest: this.#file.newestChunk(id, levels.indexOf(finest)) ?? 0 }))
      .sort((a, b) => a.newest - b.newest)[0];
    if (silent === undefined) return false;
    this.#file.removeSubject(silent.id);
    known.delete(silent.job);
    return true;
  }
}
