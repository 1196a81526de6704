/** What every command gets: the ways to the daemon, to the reader, and to what needs no daemon. */
import { callerName } from '../contract/caller.ts';
import { Client } from './client.ts';
import { dataFolder, socketPath } from './data-folder.ts';
import { CliFailure, ReaderGone } from './failure.ts';
import type { CliIo, TerminalOutput } from './io.ts';
import type { Local } from './local.ts';
import { type Paint, paintFor } from './output/paint.ts';

export interface GlobalOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export interface Context {
  readonly io: CliIo;
  readonly local: Local;
  readonly client: Client;
  readonly data: string;
  readonly json: boolean;
  readonly paint: Paint;
  /** Wall time, ms, at the start of the command. */
  readonly now: number;
  /** Aborts when the reader of stdout has gone. */
  readonly readerGone: AbortSignal;
  /** Lines for people; a newline is added. */
  say(text: string): void;
  /** The document, with `--json`; else what `tell` makes of it for people. */
  show<Value>(value: Value, tell: (value: Value) => string): void;
  /** Asks before what can't be undone. Throws unless the answer is yes. */
  confirm(question: string, yes: boolean | undefined): Promise<void>;
}

export function makeContext(
  io: CliIo,
  local: Local,
  options: GlobalOptions,
  readerGone: AbortSignal,
): Context {
  const data = dataFolder(options.data, io);
  const say = (text: string) => {
    if (text !== '') io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    io,
    local,
    data,
    client: new Client(socketPath(data), callerOf(io)),
    json: options.json === true,
    paint: paintFor(io),
    now: io.now(),
    readerGone,
    say,
    show: (value, tell) => say(options.json === true ? JSON.stringify(value, null, 2) : tell(value)),
    confirm: (question, yes) => confirm(io, question, yes === true),
  };
}

/** Who types: behind sudo it is who called it. */
const callerOf = ({ variables }: CliIo): string | undefined =>
  callerName(variables.SUDO_USER ?? variables.LOGNAME ?? variables.USER);

async function confirm(io: CliIo, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new CliFailure(
      'confirmation.wanted',
      `this can't be undone: add --yes if it is meant (${question})`,
    );
  }
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new CliFailure('confirmation.refused', 'nothing was changed');
}

/** Writes at the reader's pace. Throws ReaderGone when there is none left. */
export async function writeThrough(output: TerminalOutput, chunk: Uint8Array): Promise<void> {
  if (output.destroyed || output.writableEnded) throw new ReaderGone();
  if (output.write(chunk)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => () => {
      output.off('drain', drained);
      output.off('close', gone);
      output.off('error', gone);
      act();
    };
    const drained = settle(resolve);
    const gone = settle(() => reject(new ReaderGone()));
    output.on('drain', drained);
    output.on('close', gone);
    output.on('error', gone);
  });
}
