/** The command line: reads the words, calls the command, and turns whatever happens into an exit code and at most one line on stderr. */
import { type Command, CommanderError } from 'commander';
import { type GlobalOptions, makeContext } from './context.ts';
import type { Runner } from './definitions/definition.ts';
import { CliFailure, ReaderGone, sentenceOf } from './failure.ts';
import { type CliIo, type CliStreams, processSurroundings } from './io.ts';
import type { Local } from './local.ts';
import { makeProgram } from './program.ts';

/**
 * Runs one command line (without the program's own name) and resolves with its exit code: 0; 1 refused or failed; 2 wrong usage;
 * with `exec`, the command's own. Never rejects. Of `streams` only the three streams have to be given; the rest is this process's.
 */
export async function runCli(
  argv: readonly string[],
  streams: CliStreams & Partial<CliIo>,
  local: Local,
): Promise<number> {
  const io: CliIo = { ...processSurroundings(), ...streams };
  const readerGone = new AbortController();
  const watched = watchReader(io, () => readerGone.abort());
  let exitCode = 0;
  const runner: Runner = {
    now: io.now(),
    run: async (command, load) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const context = makeContext(io, local, options, readerGone.signal);
      const handler = await load();
      const answer = await handler(context, command.args, options);
      if (typeof answer === 'number') exitCode = answer;
    },
  };
  const program = makeProgram(runner, local.version, (each) => intoIo(each, io));
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof ReaderGone || readerGone.signal.aborted) return 0;
    return tell(thrown, program, argv, io);
  } finally {
    watched();
  }
}

/** Help goes to stdout; of errors only our own line is printed. */
function intoIo(program: Command, io: CliIo): void {
  program.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: () => undefined,
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getOutHasColors: () => false,
  });
}

function tell(thrown: unknown, program: Command, argv: readonly string[], io: CliIo): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0;
    io.stderr.write(`nightshift: ${usageSentence(thrown, program, argv)}\n`);
    return 2;
  }
  io.stderr.write(`nightshift: ${sentenceOf(thrown)}\n`);
  return thrown instanceof CliFailure ? thrown.exitCode : 1;
}

/** Commander's sentence as one line, with where to read more. */
function usageSentence(error: CommanderError, program: Command, argv: readonly string[]): string {
  const command = calledCommand(program, argv);
  const name = fullName(command);
  const more = `see "${name} --help"`;
  if (error.code === 'commander.help') {
    return `say what to do: ${command.commands.map((each) => each.name()).join(', ')}; ${more}`;
  }
  const said = error.message
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')
    .replaceAll("'", '"')
    .replace(/\.$/, '');
  const dash = error.code === 'commander.unknownOption' && command.name() === 'exec';
  return `${said}; ${dash ? 'put -- before the command, or ' : ''}${more}`;
}

function calledCommand(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) {
    if (command.commands.length === 0) break;
    if (word.startsWith('-')) continue;
    const found = command.commands.find((each) => each.name() === word);
    if (found === undefined) continue;
    command = found;
  }
  return command;
}

export const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;

/** `| head` takes what it wants and leaves: that is no failure. The answer stops watching. */
function watchReader(io: CliIo, gone: () => void): () => void {
  const onError = (thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EPIPE' || thrown.code === 'ERR_STREAM_DESTROYED') gone();
    else throw thrown;
  };
  io.stdout.on('error', onError);
  io.stderr.on('error', onError);
  return () => {
    // A late EPIPE must not be an unhandled error: these stay, and do nothing more.
    io.stdout.on('error', ignore);
    io.stderr.on('error', ignore);
    io.stdout.off('error', onError);
    io.stderr.off('error', onError);
  };
}

function ignore(): void {
  // Nobody reads any more.
}
