/**
 * Logs as they go over the wire: NDJSON, one entry a line, or the text that people read,
 * `2021-01-14T12:00:01Z INFO (a-job): The message`, whose message is passed on byte for byte.
 */
import { z } from 'zod';
import { bytes, flag, name, names, time, timeInput } from './wire.ts';

export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERR'] as const;

export const logEntry = z.strictObject({
  time,
  job: z.string(),
  run: z.string(),
  /** What the line says of itself where its form is known, else its stream. */
  level: z.enum(logLevels),
  stream: z.enum(['stdout', 'stderr']),
  /** One line without its end. What is not UTF-8 is shown as U+FFFD. */
  message: z.string(),
  /** The line's bytes, only where `message` can't hold them. */
  messageBase64: z.base64().optional(),
  /** Where reading can go on: give it as `after`. */
  cursor: z.string(),
});
export type LogEntry = z.infer<typeof logEntry>;

/** The last so many lines at most, for readers that want all use `all`. */
export const logLinesMax = 1_000_000;

export const logsQuery = z.strictObject({
  format: z.enum(['ndjson', 'text']).default('ndjson'),
  follow: flag.default(false),
  job: names.optional(),
  run: name.optional(),
  level: z.enum(logLevels).optional(),
  /** Included. */
  since: timeInput.optional(),
  /** Not included. */
  until: timeInput.optional(),
  contains: z.string().max(1_000).optional(),
  /** Only the last so many; all when absent. */
  last: z.coerce.number().int().min(0).max(logLinesMax).optional(),
  after: z.string().max(4_096).optional(),
  /** The values of the environment's secret variables are replaced by their names, also where the environment does not ask for it. */
  mask: flag.default(false),
  /** `newest`: backwards in time, lines as they are found; not with `follow` or `after`. */
  order: z.enum(['oldest', 'newest']).optional(),
  /** The answer is a file in this form. */
  compress: z.enum(['none', 'gzip', 'zstd']).default('none'),
  /** All of it is to be kept in a file. The id is the caller's choice: how far it is can be asked for by it. */
  download: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is to be 1 to 64 letters, digits, "-" or "_"')
    .optional(),
});

export const logDownloadParams = z.strictObject({ environment: name, download: name });

/** How far a download is: uncompressed bytes of the runs that are asked for. */
export const logDownload = z.strictObject({
  bytesRead: bytes,
  /** 0 as long as it is not known. */
  bytesToRead: bytes,
  ended: z.boolean(),
});
export type LogDownload = z.infer<typeof logDownload>;
