/** A file that somebody names on the command line. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Context } from './context.ts';
import { CliFailure } from './failure.ts';
import { printable } from './output/table.ts';

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  EACCES: 'you may not',
};

/**
 * `-` is standard input.
 * @param remedy what to do when it can't be read
 * @param exitCode of a command that can't read it
 */
export async function readNamed(
  context: Context,
  name: string,
  remedy: string,
  exitCode: 1 | 2 = 1,
): Promise<Uint8Array> {
  try {
    if (name === '-') return await buffer(context.io.stdin);
    return await readFile(resolve(context.io.workingFolder, name));
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const why = causes[code] ?? message;
    throw new CliFailure('file.unreadable', `${printable(name)} can't be read: ${why}; ${remedy}`, exitCode, {
      cause,
    });
  }
}
