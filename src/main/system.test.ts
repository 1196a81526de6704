import { execFileSync } from 'node:child_process';
import { chown, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { resolveUser, system } from './system.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder('system');
});
afterEach(() => folder.dispose());

const me = userInfo();
const isRoot = me.uid === 0;
if (!isRoot) console.info('not root: that users are made and folders handed over is not tested here');

describe('looking at a root', () => {
  it('tells a folder with its owner, and whether it is empty', async () => {
    const path = join(folder.path, 'app');
    await mkdir(path);
    expect(await system.look(path)).toEqual({
      kind: 'folder',
      realPath: path,
      owner: me.username,
      empty: true,
    });
    await writeFile(join(path, '.hidden'), '');
    expect(await system.look(path)).toMatchObject({ empty: false });
  });

  it('follows symbolic links to where they lead', async () => {
    await mkdir(join(folder.path, 'real'));
    await symlink(join(folder.path, 'real'), join(folder.path, 'link'));
    expect(await system.look(`${join(folder.path, 'link')}/../link/`)).toMatchObject({
      realPath: join(folder.path, 'real'),
    });
  });

  it('tells what is missing, and what is no folder', async () => {
    await writeFile(join(folder.path, 'file'), '');
    await symlink('nowhere', join(folder.path, 'dangling'));
    expect(await system.look(join(folder.path, 'none'))).toEqual({ kind: 'missing' });
    expect(await system.look(join(folder.path, 'dangling'))).toEqual({ kind: 'missing' });
    expect(await system.look(join(folder.path, 'file'))).toEqual({ kind: 'not-a-folder' });
    expect(await system.look(join(folder.path, 'file', 'x'))).toEqual({ kind: 'not-a-folder' });
  });

  it.runIf(isRoot)('tells an owner without a name by its number', async () => {
    await chown(folder.path, 48_711, 48_711);
    expect(await system.look(folder.path)).toMatchObject({ owner: '48711' });
  });
});

describe('a system user', () => {
  it('is found with its ids and home', async () => {
    expect(await resolveUser(me.username)).toEqual({
      name: me.username,
      uid: me.uid,
      gid: me.gid,
      home: me.homedir,
    });
  });

  it('is known by name, not by number: nobody gets root by writing 0', async () => {
    expect(await system.hasUser(me.username)).toBe(true);
    expect(await system.hasUser('0')).toBe(false);
    expect(await system.hasUser('')).toBe(false);
    expect(await system.hasUser('no-such-user-here')).toBe(false);
  });

  it.each(['no-such-user-here', '', '--help', 'root:x', 'root\n', '../passwd'])(
    '%j is unknown',
    async (name) => {
      await expect(resolveUser(name)).rejects.toThrow(`there is no system user "${name}"`);
    },
  );

  it.runIf(isRoot)('is made once, without home and log-in, and a folder is handed to it', async () => {
    const name = `ns-test-${process.pid}`;
    try {
      await Promise.all([system.makeUser(name), system.makeUser(name)]);
      await system.makeUser(name);
      const line = (await readFile('/etc/passwd', 'utf8'))
        .split('\n')
        .filter((each) => each.startsWith(`${name}:`));
      expect(line).toHaveLength(1);
      expect(line[0]).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/);
      const { uid, gid } = await resolveUser(name);
      expect(uid).toBeGreaterThan(0);
      await system.handOver(folder.path, name);
      expect(await stat(folder.path)).toMatchObject({ uid, gid });
      expect(await system.look(folder.path)).toMatchObject({ owner: name });
    } finally {
      execFileSync('userdel', [name]);
    }
  });

  it.runIf(isRoot)('that can’t be made is refused with what useradd says', async () => {
    await expect(system.makeUser('x'.repeat(64))).rejects.toThrow(/^useradd: /);
  });
});
