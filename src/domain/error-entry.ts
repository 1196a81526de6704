/** One refusal of the catalogue, which is laid out over several files by subject. */

export type Parameters = Readonly<Record<string, unknown>>;

export interface Entry {
  readonly status: 400 | 401 | 403 | 404 | 409 | 412 | 413 | 422 | 429 | 500 | 503;
  readonly sentence: (p: Readonly<Record<string, string>>) => string;
  /** The field of the request that the sentence is about, for forms. */
  readonly field?: string;
}

export const entry = (status: Entry['status'], sentence: Entry['sentence'], field?: string): Entry =>
  field === undefined ? { status, sentence } : { status, sentence, field };
