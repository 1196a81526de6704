/** What the store and its threads say to each other. */
import type { Level, LogQuery } from './log-store.ts';
import type { PackingAnswer, PackingRequest } from './packing.ts';

export interface SearchRequest {
  readonly root: string;
  readonly query: LogQuery;
  readonly lineBytes: number;
  /** Runs that are being written. */
  readonly live: readonly string[];
  /** Wall time, ms. */
  readonly now: number;
}

export type ToThread =
  /** With a gate in shared memory the thread tells each place that it passes, and waits there until the gate is no longer 0. */
  | { readonly kind: 'pack'; readonly request: PackingRequest; readonly gate?: Int32Array }
  | { readonly kind: 'search'; readonly request: SearchRequest }
  /** So many batches more are welcome. */
  | { readonly kind: 'more' };

/** Lines of a batch: what they say stands in one piece of memory, one after the other. */
export interface BatchLine {
  readonly time: number;
  readonly job: string;
  readonly run: string;
  readonly stderr: boolean;
  readonly level: Level;
  readonly continued: boolean;
  readonly bytes: number;
  readonly cursor: string;
}

export interface Progress {
  /** Uncompressed bytes of the runs that are asked for: as far as it has come, and all of them. */
  readonly bytesRead: number;
  readonly bytesToRead: number;
}

export type FromThread =
  | { readonly kind: 'packed'; readonly answer: PackingAnswer }
  | { readonly kind: 'passed'; readonly place: string }
  | { readonly kind: 'batch'; readonly lines: readonly BatchLine[]; readonly text: Uint8Array<ArrayBuffer> }
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'trouble'; readonly sentence: string; readonly why: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: string };

/** So many batches are on their way to a reader at once. */
export const batchesAhead = 3;
