import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { aLogEntry, logOf } from './control-double.testkit.ts';
import { openStream, readAll, socketServer } from './socket-server.testkit.ts';

const lines = Array.from({ length: 5_000 }, (_, index) => aLogEntry(`line ${index}`));
const text = lines.map((_, index) => `2021-01-14T12:00:01Z INFO (a-job): line ${index}\n`).join('');

test.each([
  ['gzip', gunzipSync, 'application/gzip', 'demo.log.gz'],
  ['zstd', zstdDecompressSync, 'application/zstd', 'demo.log.zst'],
] as const)('the log comes as a file in %s, whole', async (form, decompress, type, name) => {
  const server = await socketServer({ logs: () => logOf(...lines) });
  const stream = await openStream(
    server,
    `/environments/demo/logs?format=text&compress=${form}&download=mine`,
  );
  expect(stream.headers['content-type']).toBe(type);
  expect(stream.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
  expect(decompress(await readAll(stream)).toString()).toBe(text);
  expect(server.asked).toEqual([['logs', { environment: 'demo' }, 'mine']]);
});

test('a download that is not compressed is a file as well', async () => {
  const server = await socketServer({ logs: () => logOf(...lines) });
  const stream = await openStream(server, '/environments/demo/logs?format=text&download=mine');
  expect(stream.headers['content-disposition']).toBe('attachment; filename="demo.log"');
  expect((await readAll(stream)).toString()).toBe(text);
});

test('a log that breaks off in the middle never looks like a whole file', async () => {
  async function* broken() {
    yield { entry: aLogEntry('first'), cursor: 'c' };
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('the disk is gone');
  }
  const server = await socketServer({ logs: broken });
  const stream = await openStream(server, '/environments/demo/logs?format=text&compress=gzip');
  await expect(readAll(stream)).rejects.toThrow('aborted');
});

test('a reader that leaves ends the reading', async () => {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* endless() {
    try {
      for (;;) yield { entry: aLogEntry('x'.repeat(1_000)), cursor: 'c' };
    } finally {
      end();
    }
  }
  const server = await socketServer({ logs: endless });
  const stream = await openStream(server, '/environments/demo/logs?format=text&compress=zstd');
  stream.destroy();
  await over;
});
