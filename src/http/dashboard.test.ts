import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import { controlDouble } from './control-double.testkit.ts';
import { createHttpServer } from './server.ts';

const page = '<!doctype html><title>Nightshift</title>';
const script = 'console.log("the dashboard");'.repeat(20);

async function aServer(options: { built: boolean }) {
  const folder = await makeTempFolder('dashboard');
  const dist = join(folder.path, 'dist');
  await writeFile(join(folder.path, 'secret.txt'), 'the secret');
  const build = async () => {
    await mkdir(join(dist, 'assets'), { recursive: true });
    await writeFile(join(dist, 'assets', 'main-abc123.js'), script);
    await writeFile(join(dist, 'assets', 'main-abc123.js.br'), brotliCompressSync(script));
    await writeFile(join(dist, 'icon.svg'), '<svg/>');
    await writeFile(join(dist, 'index.html'), page);
  };
  if (options.built) await build();
  const log = pino({ level: 'silent' });
  const app = createHttpServer({ control: controlDouble().control, log, dashboard: dist });
  onTestFinished(async () => {
    await app.close();
    await folder.dispose();
  });
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  return { app, get, build };
}

describe('the dashboard', () => {
  test.each(['/', '/environments/shop', '/index.html', '/apiary', '/?page=2'])(
    'is the answer to %s, and is asked for anew each time',
    async (url) => {
      const answer = await (await aServer({ built: true })).get(url);
      expect(answer).toMatchObject({ statusCode: 200, body: page });
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      });
    },
  );

  test('has pieces that are kept for good, as their names change with their content', async () => {
    const answer = await (await aServer({ built: true })).get('/assets/main-abc123.js');
    expect(answer.body).toBe(script);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  test('is sent as it was packed where the browser takes that', async () => {
    const { get } = await aServer({ built: true });
    const packed = await get('/assets/main-abc123.js', { 'accept-encoding': 'gzip, deflate, br' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
    expect(packed.rawPayload).toEqual(brotliCompressSync(script));
    const refused = await get('/assets/main-abc123.js', { 'accept-encoding': 'br;q=0, gzip' });
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  test('is not sent again to who has it', async () => {
    const { get } = await aServer({ built: true });
    const etag = String((await get('/icon.svg')).headers.etag);
    expect(await get('/icon.svg', { 'if-none-match': etag })).toMatchObject({ statusCode: 304, body: '' });
  });

  test('has no answer for a piece of another build', async () => {
    const answer = await (await aServer({ built: true })).get('/assets/main-older.js');
    expect(answer).toMatchObject({ statusCode: 404, body: 'there is no such file\n' });
  });

  test.each(['/../secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt'])(
    'leads nowhere else: %s',
    async (url) => {
      expect((await (await aServer({ built: true })).get(url)).body).not.toContain('secret');
    },
  );

  test('says how it is built where it is not, and is there as soon as it is', async () => {
    const { get, build } = await aServer({ built: false });
    const before = await get('/');
    expect(before.statusCode).toBe(200);
    expect(before.body).toContain('script/web');
    await build();
    expect((await get('/')).body).toBe(page);
  });

  test.each(['/api/v1/nothing', '/api', '/hooks/nothing', '/metrics/nothing'])(
    'leaves %s to others',
    async (url) => {
      const answer = await (await aServer({ built: true })).get(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ error: { code: 'route.unknown' } });
    },
  );

  test('takes nothing but questions', async () => {
    const { app } = await aServer({ built: true });
    const answer = await app.inject({ method: 'POST', url: '/', payload: {} });
    expect(answer.json()).toMatchObject({ error: { code: 'route.unknown' } });
  });
});
