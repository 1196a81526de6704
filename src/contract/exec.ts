/**
 * A remote command over a WebSocket (`/environments/ENV/exec`), as Kubernetes lays it out.
 *
 * The client's first message is a text one: the request as JSON ({@link execRequest}). It is not in the address, because
 * addresses end up in logs. All messages after it, in both directions, are binary: one byte that names the channel,
 * then its payload.
 *
 *     byte 0   from     payload
 *     0        client   stdin: bytes
 *     1        server   stdout: bytes
 *     2        server   stderr: bytes; with a terminal everything comes on stdout
 *     3        server   the end: JSON, an {@link ExecStatus} or the error shape; the last message
 *     4        client   the terminal's new size: JSON {"columns": 80, "rows": 24}
 *     5        client   a signal for the program: its name in ASCII without SIG, `INT`
 *     6        server   window: uint32, big-endian; the client may send so many bytes of stdin more
 *     255      client   one byte, 0: stdin has ended
 *
 * Stdin has a window because a socket that stops reading would hold up the signal and the hang-up behind the data: the
 * client may send {@link execWindowBytes} at first and then what the server grants. In the other direction the socket's own
 * backpressure holds: who does not read stops the program.
 * When the connection ends before channel 3 was sent, the command is hung up on, with all that it started.
 */
import type { ErrorBody } from './wire.ts';

export const execChannels = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  status: 3,
  resize: 4,
  signal: 5,
  window: 6,
  close: 255,
} as const;

/** How much stdin a client may send before the server grants more. */
export const execWindowBytes = 256 * 1024;
/** No message is larger. */
export const execMessageBytesMax = 1024 * 1024;

export interface ExecStatus {
  readonly run: string;
  readonly exitCode: number | null;
  /** Without `SIG`. */
  readonly exitSignal: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export type ExecFrame =
  | { readonly channel: 'stdin' | 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly channel: 'status'; readonly status: ExecStatus | ErrorBody }
  | { readonly channel: 'resize'; readonly size: TerminalSize }
  | { readonly channel: 'signal'; readonly signal: string }
  | { readonly channel: 'window'; readonly grantedBytes: number }
  | { readonly channel: 'close' };

/** The bytes of a message. */
export function encodeExecFrame(frame: ExecFrame): Uint8Array<ArrayBuffer> {
  const payload = payloadOf(frame);
  const message = new Uint8Array(1 + payload.length);
  message[0] = execChannels[frame.channel];
  message.set(payload, 1);
  return message;
}

function payloadOf(frame: ExecFrame): Uint8Array {
  switch (frame.channel) {
    case 'stdin':
    case 'stdout':
    case 'stderr':
      return frame.bytes;
    case 'status':
      return new TextEncoder().encode(JSON.stringify(frame.status));
    case 'resize':
      return new TextEncoder().encode(JSON.stringify(frame.size));
    case 'signal':
      return new TextEncoder().encode(frame.signal);
    case 'window': {
      const payload = new Uint8Array(4);
      new DataView(payload.buffer).setUint32(0, frame.grantedBytes);
      return payload;
    }
    case 'close':
      return Uint8Array.of(execChannels.stdin);
  }
}

/** Reads a message; undefined when it is not one of the above. The bytes of a stream are a view, not a copy. */
export function decodeExecFrame(message: Uint8Array): ExecFrame | undefined {
  const payload = message.subarray(1);
  switch (message[0]) {
    case execChannels.stdin:
      return { channel: 'stdin', bytes: payload };
    case execChannels.stdout:
      return { channel: 'stdout', bytes: payload };
    case execChannels.stderr:
      return { channel: 'stderr', bytes: payload };
    case execChannels.status: {
      const status = parseJson(payload);
      return isStatus(status) ? { channel: 'status', status } : undefined;
    }
    case execChannels.resize: {
      const size = parseJson(payload);
      return isSize(size)
        ? { channel: 'resize', size: { columns: size.columns, rows: size.rows } }
        : undefined;
    }
    case execChannels.signal: {
      const signal = new TextDecoder().decode(payload);
      return /^[A-Z0-9]{1,10}$/.test(signal) ? { channel: 'signal', signal } : undefined;
    }
    case execChannels.window: {
      if (payload.length !== 4) return undefined;
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      return { channel: 'window', grantedBytes: view.getUint32(0) };
    }
    case execChannels.close:
      return payload.length === 1 && payload[0] === execChannels.stdin ? { channel: 'close' } : undefined;
    default:
      return undefined;
  }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isStatus = (value: unknown): value is ExecStatus | ErrorBody =>
  isObject(value) && (typeof value.run === 'string' || isObject(value.error));

/** A terminal is between one and 10,000 cells wide and high. */
const isSize = (value: unknown): value is TerminalSize =>
  isObject(value) &&
  [value.columns, value.rows].every(
    (cells) => Number.isInteger(cells) && (cells as number) >= 1 && (cells as number) <= 10_000,
  );
