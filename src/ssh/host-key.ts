/** The key by which clients know this server again: made once, kept in the data folder, readable to its owner only. */
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ssh2 from 'ssh2';
import { makeOpenSshKey } from '../control/openssh-key.ts';
import { Refusal } from '../domain/errors.ts';

export interface HostKey {
  /** In OpenSSH's own form. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, for known_hosts. */
  readonly publicKey: string;
}

/** Reads the key, or makes it where there is none. Rejects with Refusal `ssh.host-key`: a key is never replaced by itself. */
export async function hostKeyOf(folder: string): Promise<HostKey> {
  const file = join(folder, 'ssh_host_ed25519_key');
  try {
    const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await make(file);
      return await readFile(file, 'utf8');
    });
    if (((await stat(file)).mode & 0o077) !== 0)
      throw new Error('others than its owner can read it: chmod 600 it');
    return parsed(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal('ssh.host-key', { file, why }, { cause: error });
  }
}

function parsed(text: string): HostKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  if (key.type !== 'ssh-ed25519' || !key.isPrivateKey()) throw new Error('it is no private ed25519 key');
  return { privateKey: text, publicKey: `ssh-ed25519 ${key.getPublicSSH().toString('base64')}` };
}

/** All of it or none, on the disk before it is used; where two make it at once, the first one's stays. */
async function make(file: string): Promise<void> {
  // Not ssh2's own: of its keys one in 200 lacks a byte, and nobody can read it.
  const { privateKey: text } = makeOpenSshKey('nightshift');
  const draft = `${file}.${process.pid}`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}
