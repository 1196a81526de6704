/** What SQLite says when it can't, in the words of the error catalogue. Result codes: https://sqlite.org/rescode.html */
import { Refusal } from '../../domain/errors.ts';

/** The disk's or the moment's fault: the same call works once that is mended. */
const unavailable: Readonly<Record<number, string>> = {
  3: 'its file may not be opened',
  5: 'another program holds its lock',
  6: 'another program holds its lock',
  7: 'memory ran out',
  8: 'its file is read-only',
  10: 'the disk reports an error',
  13: 'the disk is full',
  14: 'its file can not be opened',
  15: 'another program holds its lock',
};

const damaged: Readonly<Record<number, string>> = {
  11: 'its pages do not fit together',
  26: 'it is not a database',
};

/** The primary result code of an error of SQLite's; undefined for everything else. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

export const saysDamaged = (error: unknown): boolean => (sqliteCode(error) ?? 0) in damaged;

/** Why in plain words, when SQLite refused because of the machine; undefined for mistakes of ours. */
export const whyUnavailable = (error: unknown): string | undefined => unavailable[sqliteCode(error) ?? 0];

/** A Refusal `store.unavailable` or `data.corrupt` for what the machine did; a mistake of ours stays as it is. */
export function explain(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const why = unavailable[code];
  if (why !== undefined) return new Refusal('store.unavailable', { why }, { cause: error });
  const broken = damaged[code];
  if (broken !== undefined) return new Refusal('data.corrupt', { file, why: broken }, { cause: error });
  return error;
}
