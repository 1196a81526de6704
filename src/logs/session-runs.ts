/** Which runs a reading meets: those with files of their own, and those in packs, each of them once. */
import {
  entriesOf,
  type JobFiles,
  listJob,
  listJobs,
  packedRun,
  type RunFiles,
  type RunKey,
} from './layout.ts';
import { clockSlackMs, type LineFilter } from './line-filter.ts';
import type { LogQuery } from './log-store.ts';
import { entriesWithout } from './pack-search.ts';
import { type Pack, type PackedSegment, packedOf } from './pack-shelf.ts';
import type { Start } from './place.ts';

/** What a session needs of the store. */
export interface Surroundings {
  readonly root: string;
  readonly lineBytes: number;
  readonly wall: () => number;
  /** Nothing will be written to this run any more. `following` gives a run that nobody told of the benefit of the doubt. */
  readonly finished: (key: RunKey, following: boolean) => boolean;
  /** It is being written, as far as is known. */
  readonly live: (run: string) => boolean;
  readonly trouble: (sentence: string, error: unknown) => void;
  /** Hears how many bytes more are to be read, or were. */
  readonly progress?: (more: { readonly read: number; readonly toRead: number }) => void;
}

export interface ListedJob {
  readonly job: string;
  readonly files: JobFiles;
}

export class SessionRuns {
  /** Every run that was met, so that a new one is known as new; and where it had ended, unless it is read now. */
  readonly met = new Map<string, Start | null>();
  readonly #query: LogQuery;
  readonly #filter: LineFilter;
  readonly #around: Surroundings;
  /** By job: whatever stands in packs up to this sequence number was there when they were listed. */
  readonly #packsMet = new Map<string, number>();

  constructor(query: LogQuery, filter: LineFilter, around: Surroundings) {
    this.#query = query;
    this.#filter = filter;
    this.#around = around;
  }

  /** Is this job asked for? */
  wants(job: string): boolean {
    const { jobs } = this.#query;
    return jobs === undefined || jobs.length === 0 || jobs.includes(job);
  }

  /** Is this run asked for? */
  wantsRun(run: string): boolean {
    return this.#query.run === undefined || this.#query.run === run;
  }

  async list(): Promise<ListedJob[]> {
    const jobs = await this.tried('the logs', () => listJobs(this.#around.root, this.#query.environment));
    const lists: ListedJob[] = [];
    for (const job of jobs ?? []) {
      if (!this.wants(job)) continue;
      const files = await this.listJob(job);
      this.#packsMet.set(job, newestOf(files.packs));
      lists.push({ job, files });
    }
    return lists;
  }

  async listJob(job: string): Promise<JobFiles> {
    const { environment, run: wanted } = this.#query;
    const list = () => listJob(this.#around.root, environment, job);
    const files = (await this.tried(`the logs of ${job}`, list)) ?? { folder: '', runs: [], packs: [] };
    for (const { broken, path } of files.packs) {
      if (broken !== null) this.#around.trouble(`${path} can't be read: it is left out`, broken);
    }
    const packs = files.packs.filter(({ broken }) => broken === null);
    if (wanted === undefined) return { ...files, packs };
    return {
      folder: files.folder,
      runs: files.runs.filter((run) => run.key.run === wanted),
      packs: packs.filter(({ head }) => head.firstRun <= wanted && wanted <= head.lastRun),
    };
  }

  /** The runs of a pack that are asked for and have nothing beside packs. */
  ofPack(job: string, pack: Pack): RunFiles[] {
    const runs = new Map<string, RunFiles>();
    for (const packed of this.entriesToRead(pack, this.#filter.since)) {
      const run = runs.has(packed.entry.run) ? undefined : this.ofEntry(job, packed);
      if (run !== undefined) runs.set(run.key.run, run);
    }
    return [...runs.values()];
  }

  /** Undefined for one that is not asked for, or was met already. */
  ofEntry(job: string, packed: PackedSegment): RunFiles | undefined {
    const { run, final, number } = packed.entry;
    if (!this.wantsRun(run) || this.met.has(run)) return undefined;
    // It will be met again in another pack.
    if (!final || number > 1) this.met.set(run, null);
    return packedRun({ environment: this.#query.environment, job, run }, packed);
  }

  /** Runs with these ids that lie in packs alone. */
  named(job: string, folder: string, ids: Iterable<string>): RunFiles[] {
    const runs: RunFiles[] = [];
    for (const id of ids) {
      const first = this.met.has(id) ? undefined : packedOf(folder, id)[0];
      const files = first === undefined ? undefined : this.ofEntry(job, first);
      if (files === undefined) continue;
      this.met.set(id, null);
      runs.push(files);
    }
    return runs;
  }

  /** Runs that came, ended and were packed since the last look: a reader may be as slow as that. */
  *newInPacks(job: string, packs: readonly Pack[]): Generator<RunFiles> {
    const known = this.#packsMet.get(job) ?? 0;
    this.#packsMet.set(job, Math.max(known, newestOf(packs)));
    const { environment } = this.#query;
    for (const pack of packs) {
      if (pack.sequence <= known) continue;
      for (const packed of this.#entriesOf(pack)) {
        const { run, since } = packed.entry;
        const isNew = since > known && this.wantsRun(run);
        const files = isNew ? packedRun({ environment, job, run }, packed) : undefined;
        if (files !== undefined) yield files;
      }
    }
  }

  /**
   * The entries of a pack in the order of their beginnings, but for those in which a text that is looked for does not stand;
   * what was written before `since` (wall, ms) will not be read, and is not looked into.
   */
  entriesToRead(pack: Pack, since: number): PackedSegment[] {
    const entries = this.#entriesOf(pack);
    const { needle, until } = this.#filter;
    if (needle === null || this.#query.follow === true) return entries;
    const asked = entries.filter(
      ({ entry }) => this.wantsRun(entry.run) && entry.until + clockSlackMs >= since && entry.from < until,
    );
    const without = entriesWithout(needle, asked);
    return entries.filter((packed) => !without.has(packed));
  }

  #entriesOf(pack: Pack): PackedSegment[] {
    try {
      return entriesOf(pack);
    } catch (error) {
      // Dropped, or joined with another one that is met as well.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#around.trouble(`${pack.path} can't be read: it is left out`, error);
      return [];
    }
  }

  async tried<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.#around.trouble(`${what} can't be read`, error);
      return undefined;
    }
  }
}

const newestOf = (packs: readonly Pack[]): number =>
  packs.reduce((newest, { sequence }) => Math.max(newest, sequence), 0);
