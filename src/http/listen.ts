import { chmod, type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { apiPrefix } from '../contract/routes.ts';
import { Refusal } from '../domain/errors.ts';

/** What the kernel takes as the address of a socket (unix(7): 108 with the NUL; 104 on macOS). */
const addressBytesMax = 103;
/** A daemon that has been found gets so long to tell its pid. */
const pidPatienceMs = 1_000;

/**
 * Listens on a unix socket that only its owner may use. A socket that a killed daemon left behind is replaced; one that
 * answers is not (`daemon.runs-already`), nor is anything else at that path (`data.not-writable`).
 * The socket gets its mode under another name and is then renamed, so that nobody meets it unguarded. Two daemons that
 * start at the same moment are kept apart by the lock on the data folder, not here. Closing `app` removes the socket.
 */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<void> {
  await checkFree(path);
  const fresh = join(dirname(path), `.${process.pid}.sock`);
  let ours: number | undefined;
  // Node would remove the name that it listened on; the other one is ours to remove, while it still is ours.
  app.addHook('onClose', () => removeIfStill(path, ours));
  const folder = await folderOf(fresh);
  try {
    await rm(fresh, { force: true });
    await app.listen({
      path: addressOf(fresh, folder),
      listenTextResolver: () => `the API listens at ${path}`,
    });
    await chmod(fresh, 0o600);
    ours = (await lstat(fresh)).ino;
    await rename(fresh, path);
  } catch (thrown) {
    throw notWritable(path, thrown);
  } finally {
    await folder?.close();
  }
}

async function checkFree(path: string): Promise<void> {
  const found = await lstat(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined;
    throw notWritable(path, thrown);
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw notWritable(path, new Error(`${basename(path)} in it is not a socket`));
  const folder = await folderOf(path);
  try {
    const address = addressOf(path, folder);
    if (await answers(address)) {
      const pid = await pidOf(address);
      throw new Refusal('daemon.runs-already', { pid: pid ?? 'unknown', folder: dirname(path) });
    }
  } finally {
    await folder?.close();
  }
}

/** A path that is too long for the kernel is reached through its folder, held open; undefined when it is short enough. */
async function folderOf(path: string): Promise<FileHandle | undefined> {
  if (Buffer.byteLength(path) <= addressBytesMax || process.platform !== 'linux') return undefined;
  return open(dirname(path), 'r').catch((thrown) => Promise.reject(notWritable(path, thrown)));
}

const addressOf = (path: string, folder: FileHandle | undefined): string =>
  folder === undefined ? path : `/proc/self/fd/${folder.fd}/${basename(path)}`;

/** Whether somebody accepts connections there; a refused one is a socket that was left behind. */
const answers = (address: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ECONNREFUSED' || thrown.code === 'ENOENT') resolve(false);
      else reject(notWritable(address, thrown));
    });
  });

const pidOf = (address: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const request = get({ socketPath: address, path: `${apiPrefix}/daemon`, timeout: pidPatienceMs });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
    request.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', () => resolve(undefined));
      response.once('end', () => resolve(readPid(Buffer.concat(parts).toString())));
    });
  });

function readPid(text: string): number | undefined {
  try {
    const pid: unknown = JSON.parse(text)?.pid;
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function removeIfStill(path: string, ino: number | undefined): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && found.ino === ino) await rm(path, { force: true });
}

function notWritable(path: string, thrown: unknown): unknown {
  if (thrown instanceof Refusal) return thrown;
  const { code, message } = thrown as NodeJS.ErrnoException;
  return new Refusal('data.not-writable', { folder: dirname(path), why: code ?? message }, { cause: thrown });
}
