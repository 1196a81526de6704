/** `key add`, `key list`, `key remove`. */
import type { SshKey } from '../../contract/ssh-key.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { readNamed } from '../named-file.ts';
import { moment } from '../output/moments.ts';
import { type Column, printable, table } from '../output/table.ts';

interface Owner {
  /** The name is that of an account. */
  readonly account?: boolean;
}

const keysOf = (name: string, { account }: Owner): string =>
  account === true ? path`/users/${name}/ssh-keys` : path`/environments/${name}/ssh-keys`;

/** What a key of this owner opens. */
const opened = (name: string, { account }: Owner): string =>
  account === true ? `all that "${name}" sees` : `"${name}"`;

export async function addKey(
  context: Context,
  [owner = '', file = '']: readonly string[],
  options: Owner & { readonly name?: string },
) {
  const key = await readKey(context, file);
  const { name } = options;
  const added = await context.client.call<SshKey>(
    'POST',
    keysOf(owner, options),
    {},
    { key, ...(name === undefined ? {} : { name }) },
  );
  context.show(
    added,
    (shown) =>
      `"${printable(shown.name)}" opens ${opened(owner, options)} now: ${shown.fingerprint} (${shown.type})`,
  );
}

/** Larger files are no public keys. */
const keyBytesMost = 16_384;

async function readKey(context: Context, file: string): Promise<string> {
  const bytes = await readNamed(context, file, 'name a .pub file, or - for standard input');
  if (bytes.length > keyBytesMost)
    throw new CliFailure('file.unreadable', `${file} is too large for a public key: name a .pub file`);
  return new TextDecoder().decode(bytes);
}

export async function listKeys(context: Context, [owner = '']: readonly string[], options: Owner) {
  const keys = await context.client.list<SshKey>(keysOf(owner, options));
  const columns: readonly Column<SshKey>[] = [
    { title: 'Name', cell: (key) => key.name },
    { title: 'Type', cell: (key) => key.type },
    { title: 'Fingerprint', cell: (key) => key.fingerprint },
    { title: 'Added', cell: (key) => moment(context, key.addedAt) },
    { title: 'By', cell: (key) => key.addedBy },
  ];
  context.show(keys, () =>
    keys.length === 0
      ? `"${owner}" has no SSH keys: add one with "nightshift key add ${owner} FILE${options.account === true ? ' --account' : ''}"`
      : table(columns, keys, context.paint.dim),
  );
}

export async function removeKey(context: Context, [owner = '', key = '']: readonly string[], options: Owner) {
  await context.client.call('DELETE', `${keysOf(owner, options)}${path`/${key}`}`);
  const named = options.account === true ? { account: owner } : { environment: owner };
  context.show(
    { ...named, key, removed: true },
    () => `"${printable(key)}" opens ${opened(owner, options)} no more`,
  );
}
