/** Which database, and how it is called for people: never with its password. */
import { Client, type ClientConfig, types } from 'pg';
import { Refusal } from '../../domain/errors.ts';
import { read } from './text.ts';

/** Nightshift's tables have a schema of their own, so that it may share a database. */
export const schema = 'nightshift';

/** Advisory locks: two keys each, the first of which is Nightshift's. */
export const locks = { migrating: '1313424456, 1', alone: '1313424456, 2' } as const;

/** A server that has not answered for so long is away, ms. */
const connectTimeoutMs = 5_000;
/** No statement of ours takes so long: the server, or the way to it, is lost; ms. */
const answerTimeoutMs = 30_000;

export interface Target {
  readonly config: ClientConfig;
  /** `"nightshift" of PostgreSQL at db.example:5432` */
  readonly name: string;
  readonly server: string;
  readonly user: string;
  readonly database: string;
}

const bigint = 20;
const json = 114;
const text = 25;

/** Numbers are numbers (no id or time comes near 2^53), documents are the text that was written. */
const typesOfOurs: ClientConfig['types'] = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === bigint) return Number;
    if (oid === json || oid === text) return read;
    return types.getTypeParser(oid, format);
  }) as typeof types.getTypeParser,
};

/** @throws Refusal `store.address` */
export function targetOf(address: string): Target {
  if (!/^postgres(ql)?:\/\//.test(address))
    throw new Refusal('store.address', { why: 'it begins otherwise' });
  const config: ClientConfig = {
    connectionString: address,
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    // What need not be waited for goes along with the next question.
    pipeline: true,
    types: typesOfOurs,
  };
  let client: Client;
  try {
    client = new Client(config);
  } catch (error) {
    throw new Refusal('store.address', { why: reasonOf(error) }, { cause: error });
  }
  const { host, port, database, user } = client;
  const server = host.startsWith('/') ? host : `${host}:${port}`;
  return {
    config,
    name: `"${database}" of PostgreSQL at ${server}`,
    server,
    user: user ?? '',
    database: database ?? '',
  };
}

/** Whether the address itself tells it; else it comes from PostgreSQL's own variables or files. */
export const holdsPassword = (address: string): boolean =>
  /^[a-z]+:\/\/[^/]*:[^/]*@/.test(address) || /[?&]password=/.test(address);

/** What a parser says may hold the whole address, with its password. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_URL'
    ? 'it is no URL; letters such as @ / # in a password are written as %40 %2F %23'
    : 'it can not be read';
