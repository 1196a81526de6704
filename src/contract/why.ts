import { z } from 'zod';
import { time } from './wire.ts';

const mood = z.enum(['good', 'bad', 'still']);

export const whyLine = z.strictObject({
  /** Of several that are alike, when the last of them was. */
  at: time,
  /** Of several, when the first of them was; null of one. */
  from: time.nullable(),
  text: z.string(),
  mood,
  run: z.string().nullable(),
});

/** Why a job is as it is, in sentences. */
export const why = z.strictObject({
  environment: z.string(),
  job: z.string(),
  mood,
  /** `Not running`, `Running`, `Its last run failed`. */
  what: z.string(),
  /** It is so since then; of what has happened once, the moment stands in `at`. */
  since: time.nullable(),
  at: time.nullable(),
  because: z.string().nullable(),
  /** More about it, a sentence each. */
  details: z.array(z.string()),
  /** What follows by itself, and when. */
  next: z.strictObject({ text: z.string(), at: time.nullable() }).nullable(),
  /** What helps; with a command where there is one. */
  remedies: z.array(z.string()),
  /** The run that tells more, and its last lines. */
  run: z.string().nullable(),
  output: z.array(z.string()),
  /** What happened, newest first; what is alike and follows each other is one line. */
  history: z.array(whyLine),
});
export type Why = z.infer<typeof why>;
