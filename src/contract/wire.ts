/** The pieces that all messages of the API are made of. Times are RFC 3339 with milliseconds in UTC, sizes bytes, durations seconds. */
import { z } from 'zod';

/** `2026-11-22T03:12:07.000Z` */
export const time = z.iso.datetime({ precision: 3 });
export const bytes = z.int().nonnegative();
export const seconds = z.number().nonnegative();

/** A moment as people send it: RFC 3339 with any offset. */
export const timeInput = z.iso.datetime({ offset: true });

/** Names are checked by the rules of the domain; here they only have to be short enough to be told back. */
export const name = z.string().max(1_000);

export const environmentParams = z.strictObject({ environment: name });
export const jobParams = z.strictObject({ environment: name, job: name });
export const runParams = z.strictObject({ environment: name, run: name });

/** `true` or `false` in a query; absent is false unless it says otherwise. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** A whole number in a query: how many items are wanted. */
export const count = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);

/** A query's list: repeated, or with commas. */
export const names = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    (typeof value === 'string' ? [value] : value)
      .flatMap((each) => each.split(','))
      .filter((each) => each !== ''),
  );

/** Changes answer when their effects are there; `wait=false` answers at once. */
export const changeQuery = z.strictObject({ wait: flag.default(true) });
/** Changes of a job that nightshift.yml manages are refused, unless forced: the next deployment takes them back. */
export const forcedQuery = z.strictObject({ force: flag.optional() });
export const forcedChangeQuery = changeQuery.extend(forcedQuery.shape);
export const noQuery = z.strictObject({});

/** A list: `next` is the cursor of the page after this one (as `before` or `after`), null on the last. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

/** What every refusal and failure looks like. `code` is stable; `message` is one sentence that says what to do. */
export const errorBody = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), field: z.string().optional() }),
});
export type ErrorBody = z.infer<typeof errorBody>;

export interface List<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
