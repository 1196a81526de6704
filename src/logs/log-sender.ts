/** The port of what sends output on: one attempt to bring some lines to a receiver. What is sent again, and when, is decided elsewhere. */
import type { Reach } from '../domain/reach.ts';
import type { LogEntry } from './log-store.ts';

export interface LogBatch {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reach: Reach;
  readonly environment: string;
  readonly entries: readonly LogEntry[];
}

export type Sent =
  /** It has them, but for as many as it would not have. */
  | { readonly kind: 'taken'; readonly refusedLines: number; readonly why: string | null }
  /** It will never have them as they are; `tooLarge`: perhaps in smaller pieces. */
  | { readonly kind: 'refused'; readonly why: string; readonly tooLarge: boolean }
  /** It may have them later: not before so long, where it says so. */
  | { readonly kind: 'failed'; readonly why: string; readonly pauseMs: number | null };

export interface LogSender {
  /** Never rejects. */
  send(batch: LogBatch): Promise<Sent>;
}
