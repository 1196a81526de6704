import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { Refusal } from '../domain/errors.ts';
import { aLogEntry, logOf } from '../http/control-double.testkit.ts';
import { socketServer } from '../http/socket-server.testkit.ts';
import { call } from './cli-run.testkit.ts';

let temp: TempFolder;
beforeEach(async () => {
  temp = await makeTempFolder('download');
});
afterEach(() => temp.dispose());

test('the log lies in the file when it is whole, in the form that its name says', async () => {
  const server = await socketServer({ logs: () => logOf(aLogEntry('one'), aLogEntry('two')) });
  const text = `${temp.path}/demo.log`;
  const { exitCode: code, stdout } = await call(server, [
    'logs',
    'demo',
    '--download',
    text,
    '--job',
    'a-job',
  ]);
  expect([code, stdout]).toEqual([0, `${text}: 78 B\n`]);
  expect(readFileSync(text, 'utf8')).toBe(
    '2021-01-14T12:00:01Z INFO (a-job): one\n2021-01-14T12:00:01Z INFO (a-job): two\n',
  );
  const entries = `${temp.path}/demo.ndjson.gz`;
  expect((await call(server, ['logs', 'demo', '--download', entries])).exitCode).toBe(0);
  const read = gunzipSync(readFileSync(entries)).toString().trimEnd().split('\n');
  expect(read.map((line) => JSON.parse(line).message)).toEqual(['one', 'two']);
  expect(server.asked).toEqual([
    ['logs', { environment: 'demo', jobs: ['a-job'] }, expect.stringMatching(/^[0-9a-f]{24}$/)],
    ['logs', { environment: 'demo' }, expect.any(String)],
  ]);
});

test('nothing half-done is left', async () => {
  async function* broken() {
    yield { entry: aLogEntry('first'), cursor: 'c' };
    await new Promise((resolve) => setImmediate(resolve));
    throw new Refusal('store.unavailable', { why: 'the disk is gone' });
  }
  const server = await socketServer({ logs: broken });
  const file = `${temp.path}/demo.log`;
  const { exitCode: code, stderr } = await call(server, ['logs', 'demo', '--download', file]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('the disk is gone')]);
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
  const nowhere = await call(server, ['logs', 'demo', '--download', `${temp.path}/no/such/file`]);
  expect([nowhere.exitCode, nowhere.stderr]).toEqual([1, expect.stringContaining("can't be written")]);
});

test('what is followed has no end to keep, and no other order', async () => {
  const server = await socketServer();
  for (const option of [['--download', 'x'], ['--newest-first']]) {
    const { exitCode: code, stderr } = await call(server, ['logs', 'demo', '-f', ...option]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('leave out --follow')]);
  }
  expect(server.asked).toEqual([]);
});
