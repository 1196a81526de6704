import { z } from 'zod';

/** The first message of `exec`. The codec of those that follow is in `exec.ts`, apart from Zod, for clients that start quickly. */
export const execRequest = z.strictObject({
  /** A command line when it is one string; a program with its arguments when it is a list. */
  command: z.union([z.string().max(8_192), z.array(z.string().max(131_072)).min(1).max(4_096)]),
  /** Null: no terminal. */
  terminal: z
    .strictObject({ columns: z.int().min(1).max(10_000), rows: z.int().min(1).max(10_000) })
    .nullable()
    .default(null),
  /** It is ended after so long; the server's own limit when absent. */
  maxRuntimeSeconds: z.number().min(1).optional(),
});
export type ExecRequest = z.input<typeof execRequest>;
