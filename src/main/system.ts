/** What the use cases touch of this machine: folders and system users, over the system's own programs. */
import { execFile } from 'node:child_process';
import { chown, opendir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Disk } from '../alerts/core/levels.ts';
import type { Looked, System } from '../control/system.ts';
import type { SystemUser } from '../runtimes/runtime.ts';

/** useradd and getent answer within this, or are taken to have failed. */
const programTimeoutMs = 10_000;

const passwdFile = '/etc/passwd';

const execute = promisify(execFile);

/** The files and users of the machine that the daemon runs on. */
export const system: System = {
  currentUser: userInfo().username,
  look,
  // By name only: a number would be a way to name root without saying so.
  hasUser: async (name) => (await findUser(name))?.name === name,
  makeUser,
  handOver,
  disks,
};

/** A system user by its name (or number); rejects with a sentence when there is none. */
export async function resolveUser(name: string): Promise<SystemUser> {
  const user = await findUser(name);
  if (user === undefined) throw new Error(`there is no system user "${name}"`);
  return user;
}

async function look(path: string): Promise<Looked> {
  try {
    const realPath = await realpath(path);
    const found = await stat(realPath);
    if (!found.isDirectory()) return { kind: 'not-a-folder' };
    const owner = (await findUser(String(found.uid)))?.name ?? String(found.uid);
    return { kind: 'folder', realPath, owner, empty: await isEmpty(realPath) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'missing' };
    if (code === 'ENOTDIR') return { kind: 'not-a-folder' };
    return { kind: 'unreadable', why: message };
  }
}

async function disks(paths: readonly string[]): Promise<readonly Disk[]> {
  const found = new Map<number, Disk>();
  for (const path of paths) {
    try {
      const { dev } = await stat(path);
      if (found.has(dev)) continue;
      // What root alone may use is nothing that jobs can count on.
      const { bsize, blocks, bavail } = await statfs(path);
      if (blocks > 0) found.set(dev, { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize });
    } catch {
      // A root that is away has no disk: its environment says so itself.
    }
  }
  return [...found.values()];
}

async function isEmpty(folder: string): Promise<boolean> {
  const entries = await opendir(folder);
  try {
    return (await entries.read()) === null;
  } finally {
    await entries.close();
  }
}

async function makeUser(name: string): Promise<void> {
  if ((await findUser(name)) !== undefined) return;
  try {
    await execute(
      'useradd',
      ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', name],
      { timeout: programTimeoutMs },
    );
  } catch (error) {
    // Another program may have made it in the meantime.
    if ((await findUser(name)) !== undefined) return;
    throw new Error(reasonOf(error), { cause: error });
  }
}

async function handOver(folder: string, name: string): Promise<void> {
  const { uid, gid } = await resolveUser(name);
  await chown(folder, uid, gid);
}

/** By name or number. The file first, because a run's start waits for it; users of a directory service through getent. */
async function findUser(nameOrNumber: string): Promise<SystemUser | undefined> {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(nameOrNumber)) return undefined;
  const text = await readFile(passwdFile, 'utf8').catch(() => '');
  return findIn(text, nameOrNumber) ?? (await askGetent(nameOrNumber)) ?? ownUser(nameOrNumber);
}

/** One line of passwd(5): name:password:uid:gid:comment:home:shell. */
function findIn(passwd: string, nameOrNumber: string): SystemUser | undefined {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid, , home] = line.split(':');
    if (name === undefined || name === '' || home === undefined) continue;
    if (name !== nameOrNumber && uid !== nameOrNumber) continue;
    return { name, uid: Number(uid), gid: Number(gid), home };
  }
  return undefined;
}

async function askGetent(nameOrNumber: string): Promise<SystemUser | undefined> {
  try {
    const { stdout } = await execute('getent', ['passwd', nameOrNumber], { timeout: programTimeoutMs });
    return findIn(stdout, nameOrNumber);
  } catch {
    // Exit code 2: no such user; or the machine has no getent (macOS).
    return undefined;
  }
}

/** Where users are in neither (macOS), the one that the daemon runs as is known all the same. */
function ownUser(nameOrNumber: string): SystemUser | undefined {
  const { username, uid, gid, homedir } = userInfo();
  if (nameOrNumber !== username && nameOrNumber !== String(uid)) return undefined;
  return { name: username, uid, gid, home: homedir };
}

function reasonOf(error: unknown): string {
  const { stderr, message, code } = error as { stderr?: string; message: string; code?: unknown };
  if (code === 'ENOENT') return 'there is no useradd on this machine';
  return stderr?.trim() || message;
}
