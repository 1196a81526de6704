/** Log entries as people read them, over HTTP and SSH alike: `2021-01-14T12:00:01Z INFO (a-job): The message`. */

interface LogLine {
  /** Wall time in ms. */
  readonly time: number;
  readonly job: string;
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERR';
  /** One line without its end, byte for byte. */
  readonly message: Uint8Array;
}

const newline = 0x0a;

/** Time (UTC, whole seconds), level padded to four, and job: what stands before the message. */
export function logLinePrefix(entry: Pick<LogLine, 'time' | 'level' | 'job'>): string {
  const second = new Date(Math.floor(entry.time / 1000) * 1000).toISOString().slice(0, 19);
  return `${second}Z ${entry.level.padEnd(4)} (${entry.job}): `;
}

/**
 * Makes the function that writes entries as lines, each with its newline; bytes, so that every byte of a job passes.
 * One for each stream: it remembers the last prefix, which most lines share with the one before.
 */
export function logLineWriter(): (entry: LogLine) => Uint8Array {
  const encoder = new TextEncoder();
  let known = '';
  let prefix = new Uint8Array();
  return (entry) => {
    const key = `${Math.floor(entry.time / 1000)} ${entry.level} ${entry.job}`;
    if (key !== known) {
      prefix = encoder.encode(logLinePrefix(entry));
      known = key;
    }
    const line = new Uint8Array(prefix.length + entry.message.length + 1);
    line.set(prefix);
    line.set(entry.message, prefix.length);
    line[line.length - 1] = newline;
    return line;
  };
}
