import { execFileSync } from 'node:child_process';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { parseCriLog, streamBytes } from '../../../test/testkit/cri-log.ts';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { makeTempFolder, type TempFolder } from '../../../test/testkit/temp-folder.ts';
import { CriLogWriter } from './cri-log-writer.ts';
import { Timestamps } from './timestamp.ts';

let temp: TempFolder;
beforeEach(async () => {
  temp = await makeTempFolder('log-writer');
});
afterEach(() => temp.dispose());

const open = (path: string) => new CriLogWriter(path, systemClock, new Timestamps(systemClock));

/** Resolves when a stream that was refused may go on; ask before appending. */
function roomIn(writer: CriLogWriter): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  writer.onResume = () => resolve();
  return promise;
}

describe('the writer of a log file', () => {
  it('asks its reader to pause when the disk is slower, and loses nothing', async () => {
    const path = join(temp.path, 'log');
    const writer = open(path);
    const line = Buffer.from(`${'z'.repeat(99)}\n`);
    const chunk = Buffer.concat(Array.from({ length: 600 }, () => line));
    let refusals = 0;
    for (let count = 0; count < 40; count++) {
      const room = roomIn(writer);
      if (writer.append('stdout', chunk)) continue;
      refusals++;
      await room;
    }
    await writer.close();
    // No write can end within one turn of the event loop, so a writer without bounds would never have refused.
    expect(refusals).toBeGreaterThan(5);
    const output = streamBytes(parseCriLog(await readFile(path)), 'stdout');
    expect(output.equals(Buffer.concat(Array.from({ length: 40 }, () => chunk)))).toBe(true);
  });

  it('expands a flood of empty lines within its bounds', async () => {
    const path = join(temp.path, 'log');
    const writer = open(path);
    const before = process.memoryUsage().arrayBuffers;
    const accepted = writer.append('stdout', Buffer.alloc(64 * 1024, '\n'));
    expect(accepted).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
    await writer.close();
    expect(streamBytes(parseCriLog(await readFile(path)), 'stdout').length).toBe(64 * 1024);
  });

  it('never cuts a record in two when its file is changed in the middle of a flood', async () => {
    const path = join(temp.path, 'log');
    const writer = open(path);
    const chunk = Buffer.from('0123456789abcdef\n'.repeat(3_000));
    for (let file = 1; file <= 5; file++) {
      const room = roomIn(writer);
      if (!writer.append('stdout', chunk)) await room;
      await rename(path, `${path}.${file}`);
      await writer.reopen();
    }
    await writer.close();
    const files = await Promise.all(
      [1, 2, 3, 4, 5].map(async (file) => parseCriLog(await readFile(`${path}.${file}`))),
    );
    const records = [...files.flat(), ...parseCriLog(await readFile(path))];
    expect(streamBytes(records, 'stdout').length).toBe(5 * chunk.length);
    expect(records.every((record) => record.text.toString() === '0123456789abcdef')).toBe(true);
  });

  it('keeps the old file when a new one can not be made', async () => {
    const path = join(temp.path, 'folder', 'log');
    execFileSync('mkdir', [join(temp.path, 'folder')]);
    const writer = open(path);
    await rename(join(temp.path, 'folder'), join(temp.path, 'moved'));
    await expect(writer.reopen()).rejects.toThrow('ENOENT');
    writer.append('stdout', Buffer.from('still here\n'));
    await writer.close();
    expect(await readFile(join(temp.path, 'moved', 'log'), 'utf8')).toContain('still here');
  });
});

describe('the writer of a log file on a full disk', () => {
  /** A disk of 256 KB; null where this user may not mount one. */
  const mountSmallDisk = (context: TestContext): string => {
    const folder = join(temp.path, 'disk');
    execFileSync('mkdir', [folder]);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('only root can mount the small disk that this case fills');
    }
    return folder;
  };

  it('goes on, drops what has no room, and says how much when there is room again', async (context) => {
    const disk = mountSmallDisk(context);
    try {
      const path = join(disk, 'log');
      const ballast = join(disk, 'ballast');
      execFileSync('sh', ['-c', `head -c 200000 /dev/zero > ${ballast}`]);
      const writer = open(path);
      const line = Buffer.from(`${'w'.repeat(999)}\n`);
      const flood = Buffer.concat(Array.from({ length: 60 }, () => line));
      for (let round = 0; round < 5; round++) {
        const room = roomIn(writer);
        if (!writer.append('stdout', flood)) await room;
      }
      await writer.written();
      await rm(ballast);
      writer.append('stdout', Buffer.from('there is room again\n'));
      await writer.close();
      const text = await readFile(path, 'latin1');
      const lost = [
        ...text.matchAll(/stderr F nightshift: up to (\d+) bytes of output were lost here: ENOSPC/g),
      ];
      expect(lost.length).toBeGreaterThanOrEqual(1);
      expect(text).toMatch(/\n\S+ stdout F there is room again\n$/);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
