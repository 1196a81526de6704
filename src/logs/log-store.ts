/**
 * The port of the log store: every byte that runs print, with time, stream and job.
 * Runtimes write a run's file (CRI log format) by themselves; this room knows where the files lie, reads them across
 * runs in the order of time, and keeps them within bounds.
 */
export type Stream = 'stdout' | 'stderr';
/** What a line says of itself where its form is known, else its stream: `ERR` for stderr, `INFO` for stdout. */
export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERR';

export interface LogEntry {
  /** Wall time in ms, with a fraction where the file has one. */
  readonly time: number;
  readonly job: string;
  /** Empty in a line of ours about runs that are gone. */
  readonly run: string;
  readonly stream: Stream;
  readonly level: Level;
  /** One line without its end, byte for byte. */
  readonly message: Uint8Array;
  /** The line is longer than a reader takes (limits.logLineBytes): it goes on in the next entry of this run and stream. */
  readonly continued?: true;
}

/** Where reading can go on: opaque text, valid across restarts of the daemon. */
export type LogCursor = string;

export interface LogQuery {
  readonly environment: string;
  /** All of them when empty or absent. */
  readonly jobs?: readonly string[];
  readonly run?: string;
  readonly level?: Level;
  /** Wall time, ms; `since` is included, `until` is not. */
  readonly since?: number;
  readonly until?: number;
  /** Lines that contain this text. */
  readonly contains?: string;
  /** Only the last so many. */
  readonly last?: number;
  /** Only what comes after it. */
  readonly after?: LogCursor;
  /** Go on with new lines as they come, until the reader leaves. */
  readonly follow?: boolean;
  /** The newest first, as they are found; with `last`, that many. Never together with `follow` or `after`. */
  readonly order?: 'oldest' | 'newest';
  /** All of it is wanted, however much: it is read beside everything else. */
  readonly bulk?: boolean;
  /** The use case puts the names of secret variables in place of their values. */
  readonly mask?: boolean;
  /** False: nobody will ask for the lines' cursors. */
  readonly cursors?: false;
}

/** How far the reading of a log has come: uncompressed bytes of the runs that are asked for. */
export interface ReadProgress {
  readonly bytesRead: number;
  readonly bytesToRead: number;
}

export interface OpenLog {
  readonly environment: string;
  readonly job: string;
  readonly runId: string;
  /** Asks the writer to go on in a new file. */
  readonly reopen: () => Promise<void>;
}

/** What Nightshift itself says in the log of a run. */
export interface OwnLine {
  readonly environment: string;
  readonly job: string;
  readonly runId: string;
  /** Wall time, ms. */
  readonly at: number;
  /** One line, without its end. */
  readonly message: string;
}

/** A line, and the place behind it from which one reads on. */
export interface ToldEntry {
  readonly entry: LogEntry;
  readonly cursor: LogCursor;
}

export interface LogStore {
  /** Where the runtime is to write a run's output; the folder is there afterwards. */
  prepare(environment: string, job: string, runId: string): Promise<string>;
  /** From now on the file of this run is rotated when it grows, and the environment's bounds hold while it floods. */
  opened(log: OpenLog): void;
  closed(runId: string): void;
  /** Adds a line of ours to a run's output, as an error, when its writer has gone; asked for twice it stands there once. */
  note(line: OwnLine): Promise<void>;
  /**
   * In the order of time. A slow reader never holds up a writer. What looks for a text, reads backwards or in bulk is done
   * in a thread, and `progress` hears how far it is.
   */
  read(
    query: LogQuery,
    signal?: AbortSignal,
    progress?: (progress: ReadProgress) => void,
  ): AsyncIterable<ToldEntry>;
  /** Removes what is too old or too much, of one environment; answers how many bytes went. */
  enforce(environment: string): Promise<number>;
  /** Moves the output of runs that have ended a while ago into compressed segments; reading goes on meanwhile. */
  compact(environment: string): Promise<void>;
  removeEnvironment(environment: string): Promise<void>;
  close(): Promise<void>;
}
