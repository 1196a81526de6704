import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { TerminalSize } from '../runtime.ts';

/**
 * Node can't make a terminal; util-linux's `script` can. It runs a command line through a shell, so the program is quoted
 * for it. Its exit code is the program's, and 128 + n where a signal ended it.
 */
export function inTerminal(
  argv: readonly string[],
  variables: Readonly<Record<string, string>>,
  size: TerminalSize,
): { readonly argv: readonly string[]; readonly variables: Readonly<Record<string, string>> } {
  // `script` takes its shell from SHELL, which may be /usr/sbin/nologin; the program gets its own value back.
  const { SHELL: shell } = variables;
  const restore = shell === undefined ? ['env', '-u', 'SHELL'] : ['env', `SHELL=${shell}`];
  const line = `stty cols ${size.columns} rows ${size.rows}; exec ${[...restore, ...argv].map(quote).join(' ')}`;
  return {
    argv: ['script', '--quiet', '--return', '--flush', '--command', line, '/dev/null'],
    variables: { ...variables, SHELL: '/bin/sh' },
  };
}

/** Gives the terminal of this process a new size; the kernel tells the program with WINCH. */
export function resizeTerminal(pid: number, size: TerminalSize): void {
  const terminal = terminalOf(pid);
  if (terminal === undefined) return;
  execFile(
    'stty',
    ['-F', terminal, 'cols', String(size.columns), 'rows', String(size.rows)],
    () => undefined,
  );
}

function terminalOf(pid: number): string | undefined {
  try {
    const path = readlinkSync(`/proc/${pid}/fd/0`);
    return path.startsWith('/dev/') ? path : undefined;
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
