import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { takeInstanceLock } from './instance-lock.ts';

describe('the lock of a data folder', () => {
  let temp: TempFolder;
  beforeEach(async () => {
    temp = await makeTempFolder('lock');
  });
  afterEach(() => temp.dispose());

  /** Another process that holds the lock; it says so, and stays. */
  async function holder() {
    const module = join(import.meta.dirname, 'instance-lock.ts');
    const script = `await (await import(${JSON.stringify(module)})).takeInstanceLock(${JSON.stringify(temp.path)}); console.log('held'); setInterval(() => {}, 1e6);`;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(createInterface({ input: child.stdout }), 'line');
    return child;
  }

  test('is refused to a second daemon, with the pid of the first', async () => {
    const child = await holder();
    await expect(takeInstanceLock(temp.path)).rejects.toMatchObject({
      code: 'daemon.runs-already',
      message: expect.stringContaining(String(child.pid)),
    });
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  test('is free again when its holder was killed', async () => {
    const child = await holder();
    child.kill('SIGKILL');
    await once(child, 'close');
    const lock = await takeInstanceLock(temp.path);
    expect(await readFile(join(temp.path, 'daemon.pid'), 'utf8')).toBe(`${process.pid}\n`);
    lock.release();
  });

  test('is taken also where the pid can not be noted, as on a full disk', async () => {
    await mkdir(join(temp.path, 'daemon.pid'));
    const lock = await takeInstanceLock(temp.path);
    expect(existsSync(join(temp.path, 'daemon.pid'))).toBe(false);
    lock.release();
  });
});
