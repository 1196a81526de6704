import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** What a command does, with its arguments and its options. It answers (a promise of) the exit code; anything but a number is 0. */
export type Handler = (
  context: Context,
  words: readonly string[],
  // biome-ignore lint/suspicious/noExplicitAny: only at run time does commander know the options; each handler states its own.
  options: any,
) => unknown;

export interface Runner {
  /** Carries out what `load` brings, for a command that was called. */
  run(command: Command, load: () => Promise<Handler>): Promise<void>;
  /** Wall time, ms: what "1h ago" is counted from. */
  readonly now: number;
}

/** Adds a command, its arguments written as in its usage: `show <ENV> <NAME>`. */
export function define(
  parent: Command,
  runner: Runner,
  line: string,
  summary: string,
  load: () => Promise<Handler>,
): Command {
  const command = parent.command(line).description(summary);
  return command.action(() => runner.run(command, load));
}

export const noWait = ['--no-wait', 'return at once, not when it is done'] as const;
export const yes = ['-y, --yes', 'do not ask; wanted where nobody can be asked'] as const;
