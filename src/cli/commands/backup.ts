/** `backup` of a running daemon, and `restore` into an empty data folder. */

import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatSize } from '../../contract/format.ts';
import { askSecret, canAsk } from '../ask-secret.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import type { RestoredData } from '../local.ts';
import { utcTime } from '../output/moments.ts';
import { facts, printable } from '../output/table.ts';

interface BackupOptions {
  readonly passphraseFile?: string;
  /** False with `--no-secrets`. */
  readonly secrets: boolean;
}

export async function makeBackup(context: Context, [name = '']: readonly string[], options: BackupOptions) {
  const target = resolve(context.io.workingFolder, name);
  if (await exists(target))
    throw new CliFailure('usage', `${printable(name)} is there already: name a new file`, 2);
  const passphrase = options.secrets ? await newPassphrase(context, options) : null;
  const stream = await context.client.download('/backup', { passphrase });
  // Beside it, so that the name stands for a whole backup or for none.
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}`);
  try {
    await write(stream, draft);
    const found = await context.local.checkBackup(draft);
    await rename(draft, target);
    await syncFolder(dirname(target));
    const { size } = await stat(target);
    context.show({ file: target, bytes: size, ...found }, () =>
      facts(
        [
          ['Backup', target],
          ['Size', formatSize(size)],
          ['As of', utcTime(found.createdAt)],
          [
            'Secrets',
            found.secrets
              ? 'sealed with the passphrase'
              : 'not in it: restoring needs the file secret.key of the data folder',
          ],
        ],
        context.paint.dim,
      ),
    );
  } catch (error) {
    await rm(draft, { force: true });
    throw inWords(error, name);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function write(stream: IncomingMessage, file: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await pipeline(stream, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await handle.writeFile(chunk);
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function inWords(error: unknown, name: string): unknown {
  if (error instanceof CliFailure || (error as Error).name === 'Refusal') return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET')
    return new CliFailure('backup.broken-off', 'the daemon broke the backup off: see its log', 1, {
      cause: error,
    });
  return new CliFailure('backup.file', `${printable(name)} can't be written (${code ?? message})`, 1, {
    cause: error,
  });
}

/** From the file, or typed twice. */
async function newPassphrase(context: Context, { passphraseFile }: BackupOptions): Promise<string> {
  if (passphraseFile !== undefined) return await passphraseIn(context, passphraseFile);
  if (!canAsk(context.io))
    throw new CliFailure(
      'passphrase.wanted',
      'the secrets are sealed with a passphrase: name a file that holds it with --passphrase-file, or leave them out with --no-secrets',
      2,
    );
  const typed = await askSecret(
    context.io,
    'Passphrase for the secrets (nobody can restore them without it): ',
  );
  if (typed !== (await askSecret(context.io, 'Once more: ')))
    throw new CliFailure('passphrase.differs', 'these were two different passphrases: nothing was done');
  return typed;
}

async function passphraseIn(context: Context, name: string): Promise<string> {
  try {
    // Editors and `echo` end a line; what is before its end is the passphrase.
    return (await readFile(resolve(context.io.workingFolder, name), 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CliFailure('usage', `${printable(name)} can't be read (${why})`, 2, { cause });
  }
}

interface RestoreOptions {
  readonly passphraseFile?: string;
  readonly keyFile?: string;
  readonly catchUp?: boolean;
}

export async function restoreBackup(
  context: Context,
  [name = '']: readonly string[],
  options: RestoreOptions,
) {
  const file = resolve(context.io.workingFolder, name);
  const { secrets } = await context.local.checkBackup(file);
  const passphrase = secrets ? await knownPassphrase(context, options) : null;
  const { keyFile } = options;
  const restored = await context.local.restore({
    data: context.data,
    file,
    passphrase,
    keyFile: keyFile === undefined ? null : resolve(context.io.workingFolder, keyFile),
    catchUp: options.catchUp === true,
  });
  context.show(restored, () => told(context, restored, options.catchUp === true));
}

async function knownPassphrase(context: Context, { passphraseFile }: RestoreOptions): Promise<string> {
  if (passphraseFile !== undefined) return await passphraseIn(context, passphraseFile);
  if (canAsk(context.io)) return await askSecret(context.io, 'Passphrase of the backup: ');
  throw new CliFailure(
    'passphrase.wanted',
    'the secrets of this backup are sealed: name a file that holds its passphrase with --passphrase-file',
    2,
  );
}

function told(context: Context, restored: RestoredData, catchUp: boolean): string {
  const page = facts(
    [
      ['Data folder', context.data],
      ['As of', utcTime(restored.createdAt)],
      ['Environments', restored.environments.map(({ name }) => name).join(', ') || 'none'],
      ['Jobs', String(restored.jobs)],
      [
        'Crons',
        catchUp
          ? 'catch up what was due since then'
          : 'count from now on: what was due since then is not run',
      ],
    ],
    context.paint.dim,
  );
  const missing = restored.environments.flatMap(({ name, missing }) =>
    missing.map((what) => `! ${printable(`"${name}": ${what}`)}\n`),
  );
  return `${page}${missing.join('')}start the daemon with "nightshift serve"\n`;
}
