/** What the commands of a session read and write. */
import type { Readable, Writable } from 'node:stream';
import type { SignalName } from '../domain/signals.ts';
import type { ChannelOutput } from './channel-output.ts';

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** For TERM. */
  readonly name: string;
}

export interface SessionIo {
  readonly environment: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly output: ChannelOutput;
  /** Null: none was asked for. */
  readonly terminal: Terminal | null;
  readonly gitProtocol: string | null;
  /** Aborts when the client has left. */
  readonly left: AbortSignal;
  /** One line of ours, on stderr. */
  say(sentence: string): void;
  onResize(act: (terminal: Terminal) => void): void;
  /** The client wants to read no more, as `| head` does; unless this is set, that ends the session. */
  onUnread(act: () => void): void;
  /** Signals by name, without `SIG`. */
  onSignal(act: (name: string) => void): void;
}

export interface Ended {
  readonly code: number;
  /** When a signal ended it; the code says so too. */
  readonly signal: SignalName | null;
}

/** A client's terminal does not return the carriage by itself. */
export const linesFor = (io: SessionIo, text: string): string =>
  io.terminal === null ? text : text.replaceAll('\n', '\r\n');
