/** What the command line reads and writes, handed in so that tests see every byte. */
import type { Readable, Writable } from 'node:stream';

export interface TerminalInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface CliStreams {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
}

export interface CliIo extends CliStreams {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  readonly home: string;
  /** Root has the machine's data folder, others their own. */
  readonly isRoot: boolean;
  /** Wall time, ms. */
  now(): number;
  /** Minutes by which the reader's clock is ahead of UTC at that moment. */
  offsetMinutes(moment: number): number;
  /** Calls `act` at each such signal; the answer stops that. */
  onSignal(signal: NodeJS.Signals, act: () => void): () => void;
}

/** Somebody may have removed the folder that one stands in: paths count from the top then, and what needs none goes on. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** All but the streams, from this process. */
export function processSurroundings(): Omit<CliIo, keyof CliStreams> {
  return {
    variables: process.env,
    workingFolder: workingFolder(),
    home: process.env.HOME ?? '/',
    isRoot: process.getuid?.() === 0,
    now: () => Date.now(),
    offsetMinutes: (moment) => -new Date(moment).getTimezoneOffset(),
    onSignal: (signal, act) => {
      process.on(signal, act);
      return () => process.off(signal, act);
    },
  };
}
