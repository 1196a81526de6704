import type { LogStore } from '../logs/log-store.ts';

/** Of a line so many bytes are shown: it is to be read in a terminal or a message. */
const lineBytes = 500;

/** The last lines of a run, oldest first, for people; none where they can't be read, which is never a reason to say nothing else. */
export async function lastLines(
  logs: Pick<LogStore, 'read'>,
  environment: string,
  run: string,
  last: number,
): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const { entry } of logs.read({ environment, run, last }))
      lines.push(Buffer.from(entry.message.subarray(0, lineBytes)).toString('utf8'));
  } catch {
    // The file has gone, or can't be read: what is told of the run stands without it.
  }
  return lines;
}
