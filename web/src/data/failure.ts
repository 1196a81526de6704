/** What can go wrong with a request, as one sentence that a person can act on. */
import type { ErrorBody } from '../../../src/contract/wire.ts';

export class ApiFailure extends Error {
  /** 0 when no answer came. */
  readonly status: number;
  /** Of the error catalogue; `unreachable` when no answer came. */
  readonly code: string;
  /** The field of the form that the sentence is about. */
  readonly field: string | undefined;

  constructor(status: number, code: string, message: string, field?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export const unreachable = (cause: unknown): ApiFailure =>
  new ApiFailure(
    0,
    'unreachable',
    'Nightshift does not answer: it may be restarting, or the network is away. Nothing was changed as far as is known',
    undefined,
    { cause },
  );

/** The failure that an answer tells of, also where something between here and the daemon wrote it. */
export async function failureOfAnswer(response: Response): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isErrorBody(body)) {
    const { code, message, field } = body.error;
    return new ApiFailure(response.status, code, message, field);
  }
  return new ApiFailure(
    response.status,
    `http-${response.status}`,
    `the answer was ${response.status}${response.statusText ? ` ${response.statusText}` : ''}, not one of Nightshift's own: look at what stands between this page and the daemon`,
  );
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false;
  const { error } = body;
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}

/** What to show of anything that was thrown: a sentence with a capital and a full stop. */
export function sentenceOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}
