/** What a run is started with: its command decided, its variables complete, and a digest of both. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, realpath } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { argvOf, firstWord, noPhp, type PhpFacts } from '../../domain/command.ts';
import type { Run } from '../../domain/run.ts';
import type { Output, RunSpec, SystemUser } from '../../runtimes/runtime.ts';
import type { EnvironmentWish } from '../platform.ts';

/** Where programs are looked for; the same on every Debian. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Changes when a running worker would have to be replaced: its command, variables, user or root are others. */
export function settingsDigest(wish: EnvironmentWish, command: string): string {
  const { root, user } = wish.environment;
  const variables = Object.entries(wish.variables).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([command, variables, root, user]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * @param command a command line, or a program with its arguments that needs no shell
 * @param more variables beside the environment's own, which go before
 */
export async function specOf(
  wish: EnvironmentWish,
  run: Run,
  command: string | readonly string[],
  user: SystemUser,
  output: Output,
  more: Readonly<Record<string, string>> = {},
): Promise<RunSpec> {
  const { name, root } = wish.environment;
  return {
    runId: run.id,
    environment: name,
    job: run.job ?? 'remote',
    argv: typeof command === 'string' ? argvOf(command, await phpFacts(root, firstWord(command))) : command,
    root,
    user,
    variables: {
      PATH: path,
      HOME: root,
      USER: user.name,
      LOGNAME: user.name,
      SHELL: '/bin/sh',
      LANG: 'C.UTF-8',
      PWD: root,
      ...(output.kind === 'attached' && output.terminal !== null ? { TERM: 'xterm-256color' } : {}),
      ...more,
      ...wish.variables,
      NIGHTSHIFT_ENVIRONMENT: name,
      NIGHTSHIFT_JOB: run.job ?? '',
      NIGHTSHIFT_RUN_ID: run.id,
      NIGHTSHIFT_TRIGGER: run.trigger,
      ...(run.dueAt === null ? {} : { NIGHTSHIFT_DUE_AT: new Date(run.dueAt).toISOString() }),
    },
    softLimitBytes: wish.plan?.softLimitPerJobBytes ?? null,
    output,
  };
}

/** Looks at the file that a command begins with, if it is one below the root. */
async function phpFacts(root: string, word: string | null): Promise<PhpFacts> {
  if (word === null || word === '') return noPhp;
  try {
    const file = await realpath(isAbsolute(word) ? word : resolve(root, word));
    if (!file.startsWith(root + sep)) return noPhp;
    const handle = await open(file);
    try {
      if (!(await handle.stat()).isFile()) return noPhp;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(128), 0, 128, 0);
      const firstLine = buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0] ?? '';
      return {
        isFileBelowRoot: true,
        endsInPhp: word.endsWith('.php'),
        phpShebang: /^#!.*\bphp[0-9.]*\b/.test(firstLine),
        executable: await access(file, constants.X_OK).then(
          () => true,
          () => false,
        ),
      };
    } finally {
      await handle.close();
    }
  } catch {
    // Not there or not readable: then it is a program of the system, and the shell says so if it is not.
    return noPhp;
  }
}
