/** A remote command: its streams, its terminal and its signals are the client's, and it ends with the session. */
import type { Readable, Writable } from 'node:stream';
import type { Actor } from '../../control/control.ts';
import { Refusal } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Run } from '../../domain/run.ts';
import { parseSignal, signalNumbers } from '../../domain/signals.ts';
import type { Execution } from '../../platforms/platform.ts';
import type { Ended, SessionIo } from '../session-io.ts';
import type { SshParts } from '../ssh-server.ts';

/** What ssh itself answers when it could not do it: the command was not run, or nobody knows how it ended. */
const sshFailed = 255;

export async function runCommand(parts: SshParts, actor: Actor, line: string, io: SessionIo): Promise<Ended> {
  let execution: Execution;
  try {
    const { terminal } = io;
    const request = {
      command: line,
      terminal: terminal === null ? null : { columns: terminal.columns, rows: terminal.rows },
      variables: terminal === null ? {} : { TERM: terminal.name },
      maxRuntimeSeconds: limits.remoteCommandSecondsMax,
    };
    execution = await parts.control.exec(actor, io.environment, request, { say: io.say, signal: io.left });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.say(error.message);
    return { code: sshFailed, signal: null };
  }
  return endedOf(await converse(parts, execution, io), io);
}

async function converse(parts: SshParts, execution: Execution, io: SessionIo): Promise<Run> {
  const trouble = (err: unknown): void =>
    parts.log.warn({ err, run: execution.runId }, 'a remote command lost a stream');
  const hangUp = (): void => {
    execution.hangUp().catch(trouble);
    for (const stream of [execution.stdout, execution.stderr]) stream.resume();
  };
  if (io.left.aborted) hangUp();
  else io.left.addEventListener('abort', hangUp, { once: true });
  // As with a pipe on one machine: the program's next write fails, and ends it unless it minds.
  io.onUnread(() => (execution.stdout as Readable).destroy());
  io.onResize((terminal) => execution.resize(terminal));
  io.onSignal((name) => {
    const signal = parseSignal(name);
    if (signal !== undefined) execution.signal(signal).catch(trouble);
  });
  passInput(io.stdin, execution.stdin as Writable);
  const output = Promise.all([
    passOutput(execution.stdout, io.stdout, io.left),
    passOutput(execution.stderr, io.stderr, io.left),
  ]);
  const run = await execution.ended;
  await output.catch(trouble);
  io.left.removeEventListener('abort', hangUp);
  return run;
}

/** A program that has closed its stdin, or has ended, takes and loses everything: the client need not wait with it. */
function passInput(from: Readable, to: Writable): void {
  const discard = (): void => {
    from.unpipe(to);
    from.resume();
  };
  to.on('error', discard);
  to.on('close', discard);
  from.pipe(to);
}

/** Resolves when the stream has ended and all of it was handed on, or the client has left. */
async function passOutput(from: NodeJS.ReadableStream, to: Writable, left: AbortSignal): Promise<void> {
  const stream = from as Readable;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      if (left.aborted) break;
      if (!to.write(chunk)) await new Promise<void>((resolve) => to.once('drain', resolve));
    }
  } catch (error) {
    // Unread: that is its end.
    if (!stream.destroyed) throw error;
  }
  stream.resume();
}

function endedOf(run: Run, io: SessionIo): Ended {
  if (run.outcome === 'timed-out' || run.outcome === 'out-of-memory')
    io.say(`the command ended: ${run.reason ?? run.outcome}`);
  if (run.exit?.kind === 'exited') return { code: run.exit.code, signal: null };
  if (run.exit?.kind === 'signalled') {
    const { signal } = run.exit;
    // As a shell tells it.
    return { code: 128 + signalNumbers[signal], signal };
  }
  io.say(new Refusal('ssh.session-lost', { why: run.reason ?? 'no reason was told' }).message);
  return { code: sshFailed, signal: null };
}
