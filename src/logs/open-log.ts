/**
 * One file that is being written, and its rotation: renamed first, then its writer is asked to go on in a new file. The
 * writer is never asked twice for one rename, as its second new file would replace the first; and the renamed one is left
 * alone until the new one is there.
 */
import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { currentName, type RunFiles, segmentName } from './layout.ts';
import type { OpenLog } from './log-store.ts';

/** A writer goes on within milliseconds; one that needs so long is worth a word, and after the second one it is asked again. */
const slowReopenMs = 10_000;
const lostReopenMs = 60_000;
const retryMs = 1_000;

type Rotation =
  | { readonly kind: 'none' }
  /** Renamed; the writer is to be asked from that moment (monotonic, ms) on. */
  | { readonly kind: 'to-ask'; readonly from: number }
  | { readonly kind: 'asked'; readonly at: number; readonly said: boolean };

export class WatchedLog {
  readonly log: OpenLog;
  /** Size of the file that is written now. */
  bytes = 0;
  /** How many bytes came between the last two looks. */
  grown = 0;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #trouble: (sentence: string, error: unknown) => void;
  /** The number that the current file gets when it is rotated. */
  #number: number;
  #rotation: Rotation = { kind: 'none' };

  constructor(
    log: OpenLog,
    folder: string,
    files: RunFiles | undefined,
    clock: Clock,
    trouble: (sentence: string, error: unknown) => void,
  ) {
    this.log = log;
    this.#folder = folder;
    this.#clock = clock;
    this.#trouble = trouble;
    const last = files?.segments.at(-1);
    this.#number = last?.number ?? (files?.dropped?.through ?? 0) + 1;
    // Renamed by a daemon that ended before it could ask.
    if (last?.rotated === true) this.#rotation = { kind: 'to-ask', from: 0 };
  }

  get rotating(): boolean {
    return this.#rotation.kind !== 'none';
  }

  /** Looks at the file; answers how many bytes became a finished segment. */
  look(): number {
    const before = this.bytes;
    const current = sizeOf(join(this.#folder, currentName(this.log.runId)));
    const isNew = this.#rotation.kind !== 'none' && current !== undefined;
    if (this.#rotation.kind === 'none') this.bytes = current ?? 0;
    else {
      const segment = sizeOf(join(this.#folder, segmentName(this.log.runId, this.#number))) ?? 0;
      this.bytes = segment;
      if (!isNew) this.#goOnAsking();
    }
    const finished = isNew ? this.bytes : 0;
    this.grown = Math.max(0, this.bytes - before);
    if (isNew) {
      this.#rotation = { kind: 'none' };
      this.#number++;
      this.bytes = current;
      this.grown += current;
    }
    return finished;
  }

  /** Throws when the file can't be renamed. */
  rotate(): void {
    if (this.rotating) return;
    const name = join(this.#folder, currentName(this.log.runId));
    renameSync(name, join(this.#folder, segmentName(this.log.runId, this.#number)));
    this.#ask();
  }

  #goOnAsking(): void {
    const now = this.#clock.monotonic();
    const rotation = this.#rotation;
    if (rotation.kind === 'to-ask' && now >= rotation.from) this.#ask();
    if (rotation.kind !== 'asked') return;
    const waited = now - rotation.at;
    if (waited >= lostReopenMs) this.#ask();
    else if (waited >= slowReopenMs && !rotation.said) {
      this.#rotation = { ...rotation, said: true };
      this.#trouble(
        `the output of run ${this.log.runId} was rotated, and its writer does not go on in a new file`,
        null,
      );
    }
  }

  #ask(): void {
    const asked: Rotation = { kind: 'asked', at: this.#clock.monotonic(), said: false };
    this.#rotation = asked;
    this.log.reopen().catch((error: unknown) => {
      if (this.#rotation !== asked) return;
      this.#rotation = { kind: 'to-ask', from: this.#clock.monotonic() + retryMs };
      this.#trouble(`the writer of run ${this.log.runId} could not be asked for a new file`, error);
    });
  }
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;
