/** What PostgreSQL and the way to it say, in the words of the error catalogue. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
import { Refusal } from '../../domain/errors.ts';
import type { Target } from './target.ts';

/** The server's or the moment's fault: the same call works once that is mended. Codes, or the classes of codes. */
const unavailable: Readonly<Record<string, string>> = {
  '08': 'the connection was lost',
  '57P01': 'it is being shut down',
  '57P02': 'it crashed',
  '57P03': 'it is starting or being shut down',
  '57P05': 'it ended a connection that was idle',
  '57014': 'it gave up a statement',
  '53100': 'its disk has no room left',
  '53200': 'it has no memory left',
  '53300': 'it has too many connections',
  '53': 'it has not enough of something',
  '58': 'its machine reports an error',
  '25006': 'it may only be read: it is a stand-by',
  '28': 'it refuses the user or the password',
  '3D000': 'the database is not there any more',
  '42501': 'the user may not do that any more',
  '55P03': 'another program holds a lock',
  '40': 'others write the same at this moment',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ENOENT: 'nobody listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name can not be looked up',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to its machine',
  ENETUNREACH: 'there is no way to its machine',
  EMFILE: 'this machine has too many files open',
};

const damaged: Readonly<Record<string, string>> = {
  XX001: 'its data do not fit together',
  XX002: 'an index does not fit its table',
};

/** SQLSTATE, or the name of a system error; undefined where there is none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Others were quicker with the same rows: the transaction as a whole may be tried again. */
export const isConflict = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error) ?? '');

/** Why in plain words, when it is the fault of the server or of the way to it; undefined for mistakes of ours. */
export function whyUnavailable(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== undefined) return unavailable[code] ?? unavailable[code.slice(0, 2)];
  // Those of the client itself have no code.
  if (!(error instanceof Error)) return undefined;
  if (/timeout/i.test(error.message)) return 'it does not answer';
  if (/terminated|not queryable|ended|closed/i.test(error.message)) return 'the connection was lost';
  return undefined;
}

/** A Refusal `store.unavailable` or `data.corrupt` for what the server did; a mistake of ours stays as it is. */
export function explain(error: unknown, name: string): unknown {
  if (error instanceof Refusal && error.code === 'store.taken')
    return new Refusal(
      'store.unavailable',
      { why: `${name}: another Nightshift works with it` },
      { cause: error },
    );
  if (error instanceof Refusal) return error;
  const broken = damaged[codeOf(error) ?? ''];
  if (broken !== undefined) return new Refusal('data.corrupt', { file: name, why: broken }, { cause: error });
  const why = whyUnavailable(error);
  if (why === undefined) return error;
  return new Refusal('store.unavailable', { why: `${name}: ${why}` }, { cause: error });
}

/** For the one who starts a daemon: what to mend, instead of "try again". */
export function explainOpening(error: unknown, target: Target): unknown {
  if (error instanceof Refusal) return error;
  const { server, user, database, name } = target;
  const code = codeOf(error);
  const cause = { cause: error };
  if (code?.startsWith('28') || /password must be a string/.test(String(error)))
    return new Refusal('store.login', { server, user }, cause);
  if (code === '3D000') return new Refusal('store.no-database', { server, database, user }, cause);
  if (code === '42501') return new Refusal('store.not-owner', { name, user, database }, cause);
  const why = whyUnavailable(error);
  if (why !== undefined) return new Refusal('store.unreachable', { server, why }, cause);
  return explain(error, name);
}
