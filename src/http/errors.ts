/** What is thrown becomes a status and the error shape: refusals with their sentence, everything else as `internal`, with the details in the log. */
import type { FastifyError } from 'fastify';
import type { z } from 'zod';
import type { ErrorBody } from '../contract/wire.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { formatSize } from '../domain/units.ts';

/** A request that is not in the shape of its route's schema. */
export class InvalidRequest extends Error {
  readonly field: string | undefined;
  constructor(sentence: string, field?: string) {
    super(sentence);
    this.name = 'InvalidRequest';
    this.field = field;
  }
}

export interface Failure {
  readonly status: number;
  readonly body: ErrorBody;
  /** Not the client's doing: log it. */
  readonly isBug: boolean;
  /** When it may be tried again. */
  readonly retryAfterSeconds?: number;
}

export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof InvalidRequest) {
    const refusal = new Refusal('request.invalid', { why: thrown.message });
    return told(refusal, thrown.field);
  }
  if (thrown instanceof Refusal) {
    const { retryAfterSeconds } = thrown.parameters;
    const failure = told(thrown, thrown.field);
    return typeof retryAfterSeconds === 'number' ? { ...failure, retryAfterSeconds } : failure;
  }
  const refusal = refusalOfFramework(thrown);
  return refusal === undefined ? { ...told(new Refusal('internal')), isBug: true } : told(refusal);
}

const told = (refusal: Refusal, field?: string): Failure => ({
  status: refusal.status,
  body: {
    error: { code: refusal.code, message: refusal.message, ...(field === undefined ? {} : { field }) },
  },
  isBug: false,
});

/** Fastify's own refusals in our words; undefined when it is none. */
function refusalOfFramework(thrown: unknown): Refusal | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, statusCode } = thrown as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new Refusal('request.too-large', { limit: formatSize(limits.requestBodyBytes) });
  }
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  const why = frameworkSentences[code ?? ''] ?? 'the request can not be read: see /api/openapi.json';
  return new Refusal('request.invalid', { why });
}

const notJson = 'the body is not valid JSON: send one JSON document';
const frameworkSentences: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: notJson,
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty: send a JSON document, or no content-type',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the content-type is not application/json: send JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as its content-length says',
  FST_ERR_BAD_URL: 'the address holds a broken % escape',
};

/** The first thing that is wrong, as one sentence; `field` names it for forms. */
export function sentenceOfIssues(error: z.ZodError, part: 'params' | 'query' | 'body'): InvalidRequest {
  const issue = mostTelling(error.issues);
  const path = issue.path.map(String).join('.');
  const what = path === '' ? (part === 'body' ? 'the body' : `the ${part}`) : `"${path}"`;
  const field = path === '' ? undefined : path;
  switch (issue.code) {
    case 'unrecognized_keys':
      return new InvalidRequest(`"${issue.keys[0]}" is not known here: leave it away`, issue.keys[0]);
    case 'invalid_value':
      return new InvalidRequest(`${what} must be one of ${issue.values.map(String).join(', ')}`, field);
    case 'invalid_type':
      return new InvalidRequest(
        isMissing(issue) ? `${what} is missing` : `${what} must be ${kindOf(issue.expected)}`,
        field,
      );
    case 'too_small':
      return new InvalidRequest(`${what} must be at least ${amount(issue.minimum, issue.origin)}`, field);
    case 'too_big':
      return new InvalidRequest(`${what} must be at most ${amount(issue.maximum, issue.origin)}`, field);
    case 'invalid_format':
      return new InvalidRequest(
        issue.format === 'datetime'
          ? `${what} must be a time such as 2026-11-22T03:12:07Z`
          : `${what} is not in the form that is wanted (${issue.format})`,
        field,
      );
    default:
      return new InvalidRequest(`${what} has the wrong shape: ${issue.message}`, field);
  }
}

type Issue = z.core.$ZodIssue;

/** What is not known or missing is told before what is merely wrong. */
const mostTelling = (issues: readonly Issue[]): Issue =>
  issues.find((issue) => issue.code === 'unrecognized_keys') ?? (issues[0] as Issue);

/** Zod says "received undefined" (or NaN, from a query's number) only in its message. */
const isMissing = (issue: Issue): boolean => issue.message.endsWith('received undefined');

const amount = (value: number | bigint, origin: string): string =>
  origin === 'string' ? `${value} characters long` : origin === 'array' ? `${value} long` : `${value}`;

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  undefined: 'left away',
};
const kindOf = (expected: string): string => kinds[expected] ?? expected;
