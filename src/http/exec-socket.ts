/** A remote command over a WebSocket; the layout of its messages stands in the contract's `exec.ts`. */
import type { Readable, Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import {
  decodeExecFrame,
  type ExecFrame,
  type ExecStatus,
  encodeExecFrame,
  execWindowBytes,
} from '../contract/exec.ts';
import { execRequest } from '../contract/exec-request.ts';
import type { Actor, Control } from '../control/control.ts';
import { limits } from '../domain/limits.ts';
import type { Run } from '../domain/run.ts';
import { parseSignal } from '../domain/signals.ts';
import type { Execution } from '../platforms/platform.ts';
import { watchAccess } from './access-watch.ts';
import { failureOf, InvalidRequest, sentenceOfIssues } from './errors.ts';

interface Asked {
  readonly control: Control;
  readonly log: Logger;
  readonly socket: WebSocket;
  readonly environment: string;
  readonly actorOf: () => Actor | Promise<Actor>;
}

/** A client that has not said what to run is let go after so long. */
const requestPatienceMs = 10_000;
/** Output that waits in the socket; beyond it the program waits. */
const sendBufferBytes = 256 * 1024;
const frameBytes = 64 * 1024;
/** Grants are told when so much has gathered, not byte by byte. */
const grantBytes = execWindowBytes / 4;

const closeCodes = { normal: 1000, protocolError: 1002, policy: 1008 } as const;

/** Runs one command for one client. Resolves when nothing of it is left; never throws. */
export async function serveExec(asked: Asked): Promise<void> {
  const { socket, log } = asked;
  let unwatch = (): void => undefined;
  try {
    const inbox = inboxOf(socket);
    const request = await inbox.first;
    if (request === undefined) return;
    const left = new AbortController();
    socket.once('close', () => left.abort());
    const actor = await asked.actorOf();
    const execution = await begin(asked, actor, request, left.signal);
    unwatch = watchAccess(actor, asked.actorOf, () => socket.terminate());
    await converse(socket, inbox, execution, log);
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.isBug) log.error({ err: thrown, environment: asked.environment }, 'exec failed');
    // Paused, it would not hear the client's goodbye.
    socket.resume();
    await send(socket, { channel: 'status', status: failure.body });
    socket.close(thrown instanceof InvalidRequest ? closeCodes.policy : closeCodes.normal);
  } finally {
    unwatch();
  }
}

interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

interface Inbox {
  /** The request; undefined when the client left or said nothing. */
  readonly first: Promise<Message | undefined>;
  /** Hands on all that came since, and what comes from now on. */
  deliverTo(take: (message: Message) => void): void;
}

/** Nothing more is read from the client after its request until the command runs; what was read with it already is kept. */
function inboxOf(socket: WebSocket): Inbox {
  const kept: Message[] = [];
  let take = (message: Message): void => void kept.push(message);
  const first = new Promise<Message | undefined>((resolve) => {
    const timer = setTimeout(() => socket.close(closeCodes.policy, 'no request came'), requestPatienceMs);
    const settle = (message?: Message) => {
      clearTimeout(timer);
      resolve(message);
    };
    socket.once('close', () => settle());
    socket.once('message', (data, isBinary) => {
      socket.pause();
      settle({ data: data as Buffer, isBinary });
      socket.on('message', (more, binary) => take({ data: more as Buffer, isBinary: binary }));
    });
  });
  const deliverTo = (taker: (message: Message) => void) => {
    take = taker;
    for (const message of kept.splice(0)) take(message);
    socket.resume();
  };
  return { first, deliverTo };
}

async function begin(asked: Asked, actor: Actor, message: Message, signal: AbortSignal): Promise<Execution> {
  if (message.isBinary) throw new InvalidRequest('the first message must be text: the request as JSON');
  const read = execRequest.safeParse(parsed(message.data));
  if (!read.success) throw sentenceOfIssues(read.error, 'body');
  const { maxRuntimeSeconds = limits.remoteCommandSecondsMax, ...rest } = read.data;
  return asked.control.exec(
    actor,
    asked.environment,
    {
      ...rest,
      maxRuntimeSeconds,
    },
    {
      say: (sentence) =>
        void send(asked.socket, { channel: 'stderr', bytes: Buffer.from(`nightshift: ${sentence}\n`) }),
      signal,
    },
  );
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString());
  } catch (cause) {
    throw new InvalidRequest(`the first message is not valid JSON (${(cause as Error).message})`);
  }
}

/** Passes on what both sides say until the command has ended, and tells how; a client that leaves ends the command. */
async function converse(socket: WebSocket, inbox: Inbox, execution: Execution, log: Logger): Promise<void> {
  const trouble = (err: unknown) => log.warn({ err, run: execution.runId }, 'a remote command lost a stream');
  const hangUp = () => {
    execution.hangUp().catch(trouble);
    for (const stream of [execution.stdout, execution.stderr]) stream.resume();
  };
  if (socket.readyState === socket.CLOSED) hangUp();
  socket.once('close', hangUp);
  inbox.deliverTo(clientInput(socket, execution, trouble));
  const output = Promise.all([
    forward(execution.stdout, 'stdout', socket, trouble),
    forward(execution.stderr, 'stderr', socket, trouble),
  ]);
  const run = await execution.ended;
  await output;
  socket.off('close', hangUp);
  await send(socket, { channel: 'status', status: statusOf(run) });
  socket.close(closeCodes.normal);
}

const statusOf = (run: Run): ExecStatus => ({
  run: run.id,
  exitCode: run.exit?.kind === 'exited' ? run.exit.code : null,
  exitSignal: run.exit?.kind === 'signalled' ? run.exit.signal : null,
  outcome: run.outcome,
  reason: run.reason,
});

/** What to do with each message of the client. */
function clientInput(
  socket: WebSocket,
  execution: Execution,
  trouble: (err: unknown) => void,
): (message: Message) => void {
  const takeStdin = stdinWithin(socket, execution.stdin as Writable);
  return ({ data, isBinary }) => {
    const frame = isBinary ? decodeExecFrame(data) : undefined;
    switch (frame?.channel) {
      case 'stdin':
        return takeStdin(frame.bytes);
      case 'close':
        execution.stdin.end();
        return;
      case 'resize':
        return execution.resize(frame.size);
      case 'signal': {
        const signal = parseSignal(frame.signal);
        if (signal === undefined) return socket.close(closeCodes.policy, 'no such signal');
        execution.signal(signal).catch(trouble);
        return;
      }
      default:
        return socket.close(closeCodes.protocolError, 'not a message that a client sends');
    }
  };
}

/** Hands stdin on and grants as much again as the program took. A program that has closed its stdin takes, and loses, everything. */
function stdinWithin(socket: WebSocket, stdin: Writable): (bytes: Uint8Array) => void {
  let window = execWindowBytes;
  let taken = 0;
  let broken = false;
  const grant = (bytes: number) => {
    taken += bytes;
    if (taken < grantBytes || socket.readyState !== socket.OPEN) return;
    window += taken;
    socket.send(encodeExecFrame({ channel: 'window', grantedBytes: taken }));
    taken = 0;
  };
  stdin.on('error', () => {
    broken = true;
  });
  return (bytes) => {
    window -= bytes.length;
    if (window < 0) return socket.close(closeCodes.policy, 'more stdin than was granted');
    if (broken || stdin.writableEnded || stdin.destroyed) return grant(bytes.length);
    stdin.write(bytes, () => grant(bytes.length));
  };
}

/** Resolves when the stream has ended and all of it was handed to the socket, or the client has left. */
async function forward(
  stream: NodeJS.ReadableStream,
  channel: 'stdout' | 'stderr',
  socket: WebSocket,
  trouble: (err: unknown) => void,
): Promise<void> {
  try {
    // What is left after the client has gone is drained by the hang-up: a pipe that nobody reads would not end.
    for await (const chunk of (stream as Readable).iterator({ destroyOnReturn: false })) {
      if (socket.readyState !== socket.OPEN) break;
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
      for (let start = 0; start < bytes.length; start += frameBytes) {
        const sent = send(socket, { channel, bytes: bytes.subarray(start, start + frameBytes) });
        if (socket.bufferedAmount > sendBufferBytes) await sent;
      }
    }
    stream.resume();
  } catch (err) {
    trouble(err);
  }
}

/** Resolves when the message has been handed to the kernel, or can't be any more. */
const send = (socket: WebSocket, frame: ExecFrame): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === socket.OPEN) socket.send(encodeExecFrame(frame), () => resolve());
    else resolve();
  });
