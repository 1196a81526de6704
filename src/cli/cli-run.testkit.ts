/** Runs command lines against the real HTTP server over a control double, and keeps what they print. */
import { PassThrough, Writable } from 'node:stream';
import { anInstant } from '../http/control-double.testkit.ts';
import type { SocketServer } from '../http/socket-server.testkit.ts';
import { runCli } from './cli.ts';
import type { CliIo, TerminalInput, TerminalOutput } from './io.ts';
import type { Local } from './local.ts';

export class Printed extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  readonly parts: Buffer[] = [];

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.parts.push(chunk);
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}

export const aLocal: Local = {
  version: '0.1.0',
  serve: async () => 0,
  doctor: async () => [
    { subject: 'conmon', state: 'ok', sentence: '2.1.6', remedy: null },
    { subject: 'crun', state: 'missing', sentence: 'not found', remedy: 'apt-get install crun' },
  ],
  install: async (_wishes, tell) => {
    tell({ sentence: 'wrote the unit', changed: true });
    tell({ sentence: 'the data folder is there', changed: false });
  },
  uninstall: async (_wishes, tell) => tell({ sentence: 'took the service away', changed: true }),
  crontab: async (input) => ({
    expression: input.expression,
    timezone: input.timezone,
    description: 'every 10 minutes',
    next: [anInstant + 60_000],
  }),
  checkBackup: async () => ({ createdAt: '2026-11-22T03:12:07.250Z', version: '0.1.0', secrets: true }),
  restore: async () => ({
    ...{ createdAt: '2026-11-22T03:12:07.250Z', version: '0.1.0', jobs: 2 },
    environments: [{ name: 'demo', missing: ['its root /srv/demo is not there'] }],
  }),
};

export interface Called {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Caller {
  readonly io: CliIo & { readonly stdin: PassThrough & TerminalInput };
  readonly stdout: Printed;
  readonly stderr: Printed;
  /** Gives the caller's process a signal. */
  signal(name: NodeJS.Signals): void;
}

/** Somebody at a pipe, or at a terminal; in the time zone of the control double's words, an hour ahead of UTC where `offset` says so. */
export function caller(
  server: SocketServer | undefined,
  {
    terminal = false,
    offset = 0,
    stdout,
  }: { terminal?: boolean; offset?: number; stdout?: TerminalOutput } = {},
): Caller {
  const printed = new Printed(terminal);
  const errors = new Printed(terminal);
  const handlers = new Map<NodeJS.Signals, () => void>();
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal, setRawMode: () => undefined });
  const io = {
    stdin,
    stdout: stdout ?? printed,
    stderr: errors,
    variables: server === undefined ? {} : { NIGHTSHIFT_DATA: server.folder },
    workingFolder: '/srv',
    home: '/nowhere',
    isRoot: false,
    now: () => anInstant,
    offsetMinutes: () => offset,
    onSignal: (name: NodeJS.Signals, act: () => void) => {
      handlers.set(name, act);
      return () => handlers.delete(name);
    },
  };
  return { io, stdout: printed, stderr: errors, signal: (name) => handlers.get(name)?.() };
}

/** One command line, with nothing on stdin. */
export async function call(
  server: SocketServer | undefined,
  words: readonly string[],
  local: Partial<Local> = {},
): Promise<Called> {
  const { io, stdout, stderr } = caller(server);
  io.stdin.end();
  const exitCode = await runCli(words, io, { ...aLocal, ...local });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
