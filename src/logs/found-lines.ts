/** Makes entries of what a thread has found. */
import type { ToldEntry } from './log-store.ts';
import type { Found } from './threads.ts';

export function* foundLines({ lines, text }: Found): Generator<ToldEntry> {
  let at = 0;
  for (const { time, job, run, stderr, level, continued, bytes, cursor } of lines) {
    const message = Buffer.from(text.buffer, at, bytes);
    at += bytes;
    const stream = stderr ? 'stderr' : 'stdout';
    const entry = { time, job, run, stream, level, message } as const;
    yield { entry: continued ? { ...entry, continued } : entry, cursor };
  }
}
