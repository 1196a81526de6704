import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import { controlDouble } from './control-double.testkit.ts';
import { listenOnSocket } from './listen.ts';
import { createHttpServer } from './server.ts';

function aServer() {
  const app = createHttpServer({ control: controlDouble().control, log: pino({ level: 'silent' }) });
  onTestFinished(() => app.close());
  return app;
}

async function aFolder(): Promise<string> {
  const folder = await makeTempFolder('listen');
  onTestFinished(folder.dispose);
  return folder.path;
}

/** A socket whose owner was killed. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  await within('the end of the other process', new Promise((resolve) => child.once('exit', resolve)));
  expect((await lstat(path)).isSocket()).toBe(true);
}

describe('the daemon’s socket', () => {
  test('is for its owner alone, and goes when the server closes', async () => {
    const path = join(await aFolder(), 'nightshift.sock');
    const app = aServer();
    await listenOnSocket(app, path);
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
    await app.close();
    expect(existsSync(path)).toBe(false);
  });

  test('takes the place of one that a killed daemon left behind', async () => {
    const path = join(await aFolder(), 'nightshift.sock');
    await leaveSocket(path);
    await listenOnSocket(aServer(), path);
    await expect(listenOnSocket(aServer(), path)).rejects.toMatchObject({ code: 'daemon.runs-already' });
  });

  test('does not take the place of a living daemon, and names its pid', async () => {
    const path = join(await aFolder(), 'nightshift.sock');
    await listenOnSocket(aServer(), path);
    await expect(listenOnSocket(aServer(), path)).rejects.toThrow('nightshift (pid 4242) serves');
    expect((await lstat(path)).isSocket()).toBe(true);
  });

  test('does not take the place of a file that is no socket', async () => {
    const path = join(await aFolder(), 'nightshift.sock');
    await writeFile(path, 'precious');
    await expect(listenOnSocket(aServer(), path)).rejects.toMatchObject({ code: 'data.not-writable' });
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  test('in a folder that is not there is refused with a sentence', async () => {
    const path = join(await aFolder(), 'nowhere', 'nightshift.sock');
    await expect(listenOnSocket(aServer(), path)).rejects.toMatchObject({ code: 'data.not-writable' });
  });

  test('may have a longer path than the kernel takes', async () => {
    const folder = join(await aFolder(), 'x'.repeat(120));
    await mkdir(folder);
    const path = join(folder, 'nightshift.sock');
    await listenOnSocket(aServer(), path);
    await expect(listenOnSocket(aServer(), path)).rejects.toMatchObject({ code: 'daemon.runs-already' });
  });

  test('of a newer daemon is left alone by an older one that closes', async () => {
    const path = join(await aFolder(), 'nightshift.sock');
    const old = aServer();
    await listenOnSocket(old, path);
    await writeFile(`${path}.new`, '');
    const { rename } = await import('node:fs/promises');
    await rename(`${path}.new`, path);
    await old.close();
    expect(existsSync(path)).toBe(true);
  });
});
