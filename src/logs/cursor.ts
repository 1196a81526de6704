/**
 * Cursors: where reading can go on, as text that means nothing to others. A cursor holds the time of the last line told,
 * and the exact places of the runs that told a line just before it. Every other run goes on at its first line that is later
 * than what these could have held up: so a cursor stays short, whatever number of runs there is.
 */
import { Refusal } from '../domain/errors.ts';
import type { LogCursor } from './log-store.ts';
import type { Place } from './place.ts';

/** Lines reach their files within so many ms of their time, also on a busy machine. */
export const writeDelayMs = 500;
/** A cursor stands in an address: no more than so many places are kept, the newest. */
const placesMax = 40;
const version = 1;

export interface CursorPlace {
  readonly run: string;
  readonly place: Place;
  /** Lines that end here, in total bytes, or before are told. */
  readonly done: number;
}

export interface Position {
  /** Wall time of the last line, ms. */
  readonly time: number;
  readonly places: readonly CursorPlace[];
}

export function encodeCursor({ time, places }: Position): LogCursor {
  const runs = places
    .slice(0, placesMax)
    .map(({ run, place, done }) => [run, place.segment, place.offset, place.total, done - place.total]);
  return Buffer.from(JSON.stringify([version, time, runs])).toString('base64url');
}

/** Throws {@link Refusal} `request.invalid` when it is no cursor of ours. */
export function decodeCursor(cursor: LogCursor): Position {
  const refused = (): Refusal =>
    new Refusal('request.invalid', {
      why: 'this is no place in a log: give the cursor of an entry as it came',
    });
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refused();
  }
  if (!Array.isArray(read) || read[0] !== version || typeof read[1] !== 'number' || !Array.isArray(read[2])) {
    throw refused();
  }
  const places = (read[2] as unknown[]).map((each): CursorPlace => {
    if (!Array.isArray(each) || typeof each[0] !== 'string' || each.length !== 5) throw refused();
    const [segment, offset, total, ahead] = each.slice(1) as unknown[];
    if (!isCount(segment) || !isCount(offset) || !isCount(total) || !isCount(ahead)) throw refused();
    return { run: each[0], place: { segment, offset, total }, done: total + ahead };
  });
  return { time: read[1], places };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
