/**
 * One session of a connection: gathers what the client says about it (a terminal, its size, what it wants forwarded),
 * then runs the one thing that it asks for, and tells how that ended.
 */
import type { Socket } from 'node:net';
import type { ServerChannel, Session } from 'ssh2';
import type { Actor } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { readAsked } from './asked.ts';
import { ChannelOutput } from './channel-output.ts';
import { answer } from './commands/answer.ts';
import type { Ended, SessionIo, Terminal } from './session-io.ts';
import type { SshParts } from './ssh-server.ts';

/** What a session needs of its connection. */
export interface Login {
  readonly environment: string;
  readonly socket: Socket;
  /** Calls `act` when the client of a session wants to read no more. */
  readonly onEndOfWrite: (session: Session, act: () => void) => void;
  /** Who it is now: keys may have been taken away since the log-in. Undefined: nobody any more. */
  readonly actor: () => Promise<Actor | undefined>;
}

/** After its end a session waits so long for a client that does not read. */
const flushMs = 60_000;

const cellsMost = 10_000;

/** Serves the session until the client or its command ends it. */
export function serveSession(parts: SshParts, login: Login, session: Session): void {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  session.on('close', leave);
  login.socket.once('close', leave);
  leaving.signal.addEventListener('abort', () => login.socket.off('close', leave));
  let terminal: Terminal | null = null;
  let resized: (terminal: Terminal) => void = () => undefined;
  let signalled: (name: string) => void = () => undefined;
  let unread = leave;
  login.onEndOfWrite(session, () => unread());
  let gitProtocol: string | null = null;
  const refused: string[] = [];

  session.on('pty', (accept, _reject, info) => {
    terminal = { columns: cells(info.cols, 80), rows: cells(info.rows, 24), name: terminalName(info) };
    accept?.();
  });
  session.on('window-change', (_accept, _reject, info) => {
    if (terminal === null) return;
    terminal = { ...terminal, columns: cells(info.cols, 80), rows: cells(info.rows, 24) };
    resized(terminal);
  });
  session.on('signal', (_accept, _reject, info) => signalled(info.name));
  session.on('env', (accept, reject, info) => {
    if (info.key === 'GIT_PROTOCOL' && /^[\w=:.-]{1,100}$/.test(info.val)) gitProtocol = info.val;
    (info.key === 'GIT_PROTOCOL' ? accept : reject)?.();
  });
  for (const [event, what] of [
    ['x11', 'X11'],
    ['auth-agent', 'the SSH agent'],
  ] as const) {
    session.on(event, (_accept: unknown, reject?: () => void) => {
      refused.push(what);
      reject?.();
    });
  }
  const run = (
    channel: ServerChannel | undefined,
    asked: (io: SessionIo, actor: Actor) => Promise<Ended>,
  ): void => {
    // One that said it was done before it said what it wanted.
    if (channel === undefined) return;
    const output = new ChannelOutput(channel, login.socket, leaving.signal);
    const io: SessionIo = {
      environment: login.environment,
      stdin: channel,
      stdout: output.stdout,
      stderr: output.stderr,
      output,
      terminal,
      gitProtocol,
      left: leaving.signal,
      say: (sentence) => output.stderr.write(`nightshift: ${sentence}${terminal === null ? '\n' : '\r\n'}`),
      onResize: (act) => {
        resized = act;
      },
      onUnread: (act) => {
        unread = act;
      },
      onSignal: (act) => {
        signalled = act;
      },
    };
    // Writing to a client that has just left is no error of ours.
    channel.on('error', leave);
    for (const what of refused) io.say(new Refusal('ssh.no-forwarding', { what }).message);
    void conduct(parts, login, io, channel, asked);
  };
  session.on('exec', (accept, _reject, { command }) =>
    run(accept(), async (io, actor) => await answer(parts, actor, readAsked(command), io)),
  );
  session.on('shell', (accept) =>
    run(accept(), async (io, actor) => await answer(parts, actor, { kind: 'help' }, io)),
  );
  session.on('subsystem', (accept, _reject, { name }) =>
    run(accept(), async () => {
      if (name === 'sftp') throw new Refusal('ssh.no-file-transfer');
      throw new Refusal('ssh.no-subsystem', { name });
    }),
  );
}

/** Runs what was asked for, from the counting of the session to its exit code. Never rejects. */
async function conduct(
  parts: SshParts,
  { environment, actor }: Login,
  io: SessionIo,
  channel: ServerChannel,
  asked: (io: SessionIo, actor: Actor) => Promise<Ended>,
): Promise<void> {
  let ended: Ended;
  let leaveCount = (): void => undefined;
  try {
    leaveCount = parts.counts.enter(environment);
    const who = await actor();
    if (who === undefined) throw new Refusal('ssh.key-gone');
    ended = await asked(io, who);
  } catch (error) {
    ended = told(parts, io, error);
  } finally {
    leaveCount();
  }
  await flushed(io, parts.clock);
  const { code, signal } = ended;
  // Both: OpenSSH makes its exit code of the first, libraries name the signal by the second.
  channel.exit(code);
  if (signal !== null) channel.exit(signal, false, '');
  channel.end();
}

function told(parts: SshParts, io: SessionIo, error: unknown): Ended {
  const refusal = error instanceof Refusal ? error : new Refusal('internal');
  if (refusal.code === 'internal' && !io.left.aborted)
    parts.log.error({ err: error, environment: io.environment }, 'an SSH session failed');
  io.say(refusal.message);
  return { code: refusal.code === 'ssh.command' ? 2 : 1, signal: null };
}

async function flushed(io: SessionIo, clock: SshParts['clock']): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.after(flushMs, resolve);
    void io.output.flushed().then(() => {
      cancel();
      resolve();
    });
  });
}

const cells = (asked: number, usual: number): number => (asked >= 1 && asked <= cellsMost ? asked : usual);

const terminalName = (info: object): string => {
  const name = (info as { term?: unknown }).term;
  return typeof name === 'string' && /^[\w.+-]{1,64}$/.test(name) ? name : 'xterm-256color';
};
