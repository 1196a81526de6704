/** `exec`: a remote command with the caller's own stdin, stdout, stderr and signals. */
import { constants } from 'node:os';
import { WebSocket } from 'ws';
import {
  decodeExecFrame,
  type ExecFrame,
  type ExecStatus,
  encodeExecFrame,
  execMessageBytesMax,
  execWindowBytes,
  type TerminalSize,
} from '../../contract/exec.ts';
import type { ExecRequest } from '../../contract/exec-request.ts';
import { failureOf, path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure, ReaderGone } from '../failure.ts';
import type { TerminalInput, TerminalOutput } from '../io.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** Who presses Ctrl-C so often wants to be rid of it: the connection is dropped, which ends the command. */
const patienceInterrupts = 3;
const frameBytes = 32 * 1024;

/** Resolves with the command's own exit code, 128+n for a signal. */
export async function exec(
  context: Context,
  [environment = '', ...words]: readonly string[],
  options: { readonly terminal?: boolean },
): Promise<number> {
  const { io } = context;
  const terminal = options.terminal === true ? terminalSize(io.stdout) : null;
  if (terminal !== null && (io.stdin.isTTY !== true || io.stdout.isTTY !== true)) {
    throw new CliFailure('terminal.missing', 'stdin and stdout are no terminal: leave -t away');
  }
  const request: ExecRequest = { command: words.length === 1 ? (words[0] ?? '') : [...words], terminal };
  const socket = await open(context, path`/api/v1/environments/${environment}/exec`);
  socket.send(JSON.stringify(request));
  const releases: (() => void)[] = [];
  let dropped = false;
  const drop = () => {
    dropped = true;
    socket.terminate();
  };
  try {
    releases.push(sendStdin(io.stdin, socket), sendSignals(context, socket, drop));
    if (terminal !== null) releases.push(holdTerminal(io.stdin, io.stdout, socket));
    const status = await received(context, socket);
    if (isWorthTelling(status)) io.stderr.write(`nightshift: the command ended: ${status.reason}\n`);
    return exitCodeOf(status);
  } catch (thrown) {
    if (dropped) return 128 + constants.signals.SIGINT;
    throw thrown;
  } finally {
    for (const release of releases) release();
    socket.terminate();
  }
}

const terminalSize = (output: TerminalOutput): TerminalSize => ({
  // A terminal that does not know its size says 0.
  columns: output.columns || 80,
  rows: output.rows || 24,
});

function open(context: Context, url: string): Promise<WebSocket> {
  const { client } = context;
  const socket = new WebSocket(`ws://localhost${url}`, {
    createConnection: () => client.connect(),
    headers: client.headers,
    maxPayload: execMessageBytesMax,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', (thrown) => reject(client.unreachable(thrown)));
    socket.once('unexpected-response', (_, response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () => reject(failureOf(Buffer.concat(parts).toString())));
    });
  });
}

const send = (socket: WebSocket, frame: ExecFrame): void => {
  if (socket.readyState === socket.OPEN) socket.send(encodeExecFrame(frame));
};

/** Sends stdin within the window that the daemon grants; the answer lets go of it. */
function sendStdin(stdin: TerminalInput, socket: WebSocket): () => void {
  let window = execWindowBytes;
  const onData = (read: Buffer) => {
    const chunk = read.subarray(0, window);
    if (chunk.length < read.length) {
      // What does not fit goes back, and is read again once there is room.
      stdin.pause();
      stdin.unshift(read.subarray(window));
    }
    window -= chunk.length;
    for (let start = 0; start < chunk.length; start += frameBytes) {
      send(socket, { channel: 'stdin', bytes: chunk.subarray(start, start + frameBytes) });
    }
  };
  const onEnd = () => send(socket, { channel: 'close' });
  const onMessage = (data: Buffer) => {
    const frame = decodeExecFrame(data);
    if (frame?.channel !== 'window') return;
    window += frame.grantedBytes;
    stdin.resume();
  };
  stdin.on('data', onData);
  stdin.once('end', onEnd);
  stdin.once('error', onEnd);
  socket.on('message', onMessage);
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.off('error', onEnd);
    stdin.pause();
    // An open stdin would keep the process from ending.
    stdin.destroy();
  };
}

/** Forwards the caller's signals; the answer stops that. */
function sendSignals(context: Context, socket: WebSocket, drop: () => void): () => void {
  let interrupts = 0;
  const offs = forwarded.map((signal) =>
    context.io.onSignal(signal, () => {
      if (signal === 'SIGINT') interrupts += 1;
      if (interrupts >= patienceInterrupts) drop();
      else send(socket, { channel: 'signal', signal: signal.slice('SIG'.length) });
    }),
  );
  return () => {
    for (const off of offs) off();
  };
}

/** Keys go to the command one by one, and its terminal is as large as the caller's. */
function holdTerminal(stdin: TerminalInput, stdout: TerminalOutput, socket: WebSocket): () => void {
  const onResize = () => send(socket, { channel: 'resize', size: terminalSize(stdout) });
  stdin.setRawMode?.(true);
  stdout.on('resize', onResize);
  return () => {
    stdin.setRawMode?.(false);
    stdout.off('resize', onResize);
  };
}

/** Writes what comes, at the pace of the readers, and resolves with how it ended. */
function received(context: Context, socket: WebSocket): Promise<ExecStatus> {
  const { stdout, stderr } = context.io;
  let status: ExecStatus | undefined;
  let waiting = 0;
  const write = (output: TerminalOutput, bytes: Uint8Array) => {
    if (output.destroyed || output.write(bytes)) return;
    waiting += 1;
    socket.pause();
    output.once('drain', () => {
      waiting -= 1;
      if (waiting === 0) socket.resume();
    });
  };
  return new Promise((resolve, reject) => {
    context.readerGone.addEventListener('abort', () => reject(new ReaderGone()), { once: true });
    socket.on('error', (thrown) => reject(context.client.unreachable(thrown)));
    socket.on('message', (data: Buffer) => {
      const frame = decodeExecFrame(data);
      if (frame?.channel === 'stdout') write(stdout, frame.bytes);
      else if (frame?.channel === 'stderr') write(stderr, frame.bytes);
      else if (frame?.channel === 'status') {
        if ('error' in frame.status)
          reject(new CliFailure(frame.status.error.code, frame.status.error.message));
        else status = frame.status;
      }
    });
    socket.on('close', (_, reason) => {
      if (status !== undefined) return resolve(status);
      const why = reason.length === 0 ? 'the connection ended' : reason.toString();
      reject(new CliFailure('exec.broken-off', `the command was ended, because ${why}`));
    });
  });
}

/** Ends that the exit code alone does not explain. */
const isWorthTelling = (status: ExecStatus): boolean =>
  status.reason !== null && ['timed-out', 'out-of-memory'].includes(status.outcome ?? '');

function exitCodeOf(status: ExecStatus): number {
  if (status.exitCode !== null) return status.exitCode;
  const number = constants.signals[`SIG${status.exitSignal}` as NodeJS.Signals];
  if (status.exitSignal !== null && number !== undefined) return 128 + number;
  throw new CliFailure(
    'exec.lost',
    `nobody knows how the command ended: ${status.reason ?? 'no reason was told'}`,
  );
}
