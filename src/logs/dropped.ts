/** Markers: small files that say how much of a log was dropped, so that its readers can be told at that place. */
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { limits } from '../domain/limits.ts';
import { formatPlanSize, formatSize } from '../domain/units.ts';

export interface Dropped {
  /** Segments up to this number are gone; of a job, as many as runs. */
  readonly through: number;
  /** All that was ever dropped here, in bytes: also the offset at which the rest begins. */
  readonly bytes: number;
  /** How many of these because of their age alone. */
  readonly agedBytes: number;
  /** Whole runs that are gone; of a run, 0. */
  readonly runs: number;
  /** Wall time of the last line that was dropped, ms, as far as the file's times tell. */
  readonly at: number;
  /** The bound that made it necessary. */
  readonly limitBytes: number;
}

export const nothingDropped: Dropped = {
  through: 0,
  bytes: 0,
  agedBytes: 0,
  runs: 0,
  at: 0,
  limitBytes: limits.logBytesPerEnvironment,
};

/** Null when there is none, or when it can't be understood: a marker is a courtesy, never a reason to fail. */
export function readDropped(path: string): Dropped | null {
  if (!existsSync(path)) return null;
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<keyof Dropped, unknown>>;
    const number = (key: keyof Dropped): number => {
      const value = read[key];
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : nothingDropped[key];
    };
    return {
      through: number('through'),
      bytes: number('bytes'),
      agedBytes: number('agedBytes'),
      runs: number('runs'),
      at: number('at'),
      limitBytes: number('limitBytes'),
    };
  } catch {
    return null;
  }
}

/** One write, shorter than a block: a reader sees the old or the new one. Throws when the disk does not take it. */
export function writeDropped(path: string, dropped: Dropped): void {
  // Padded so that a new marker always covers the old one: it is overwritten in place, which needs no free block.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    writeSync(file, `${JSON.stringify(dropped).padEnd(255)}\n`, 0);
  } finally {
    closeSync(file);
  }
}

/** `nightshift: 12.3 MB of output dropped here (512 MB limit of the environment)`. */
export function droppedMessage(dropped: Dropped, missedBytes: number | null): Buffer {
  const size = missedBytes === null ? 'output' : `${formatSize(missedBytes)} of output`;
  const runs = dropped.runs > 0 ? ` of ${dropped.runs} ${dropped.runs === 1 ? 'run' : 'runs'}` : '';
  const days = Math.round(limits.logAgeSeconds / 86_400);
  const limit = `${formatPlanSize(dropped.limitBytes)} limit of the environment`;
  const why =
    dropped.agedBytes === 0
      ? limit
      : dropped.agedBytes >= dropped.bytes
        ? `older than ${days} days`
        : `${limit}, or older than ${days} days`;
  return Buffer.from(`nightshift: ${size}${runs} dropped here (${why})`);
}
