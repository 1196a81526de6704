/** Behind Debian's nginx, with TLS and packaging/nginx as it is but for addresses and certificate: nothing is held back, and nobody is mistaken. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeExecFrame, type ExecFrame, encodeExecFrame } from '../../src/contract/exec.ts';
import { EventLog } from '../testkit/event-log.ts';
import { findFreePort } from '../testkit/free-port.ts';
import { listening } from '../testkit/listening.ts';
import { checkout, type Daemon, Stage } from './daemon.ts';
import { has } from './machine.ts';

const nginxIsThere = has('nginx') && has('openssl');
const why = nginxIsThere ? '' : ' (skipped: nginx or openssl is not on PATH)';
/** Beside other tests on a busy machine. */
const patienceMs = 60_000;
const password = 'correct horse battery';
const snippet = readFileSync(join(checkout, 'packaging/nginx/nightshift.conf'), 'utf8');

describe.skipIf(!nginxIsThere)(`behind nginx${why}`, { timeout: 2 * patienceMs }, () => {
  const stage = new Stage();
  const folder = join(stage.folder, 'nginx');
  let nginx: ChildProcess | undefined;
  let daemon: Daemon;
  let environment: string;
  let port: number;
  let token: string;
  let ca: Buffer;

  beforeAll(async () => {
    mkdirSync(folder);
    const file = join(folder, 'password');
    writeFileSync(file, password, { mode: 0o600 });
    const ways = ['--listen', '127.0.0.1:0', '--trust-proxy', '127.0.0.1'];
    daemon = await stage.start('--ephemeral', ...ways, '--operator-password-file', file);
    const upstream = /dashboard http:\/\/(\S+)/.exec(await daemon.ready())?.[1] ?? '';
    ({ name: environment } = await stage.environment(daemon, 'behind'));
    token = (
      await daemon.json<{ token: string }>('token', 'create', '--name', 'proxied', '--scope', 'operator')
    ).token;
    port = await findFreePort();
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...[
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=DNS:localhost',
          '-keyout',
          key,
          '-out',
          certificate,
        ],
      ],
      { stdio: 'ignore' },
    );
    ca = readFileSync(certificate);
    const server = snippet
      .replace('server 127.0.0.1:8484;', `server ${upstream};`)
      .replace('listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`)
      .replace(/^.*listen \[::\].*\n/m, '')
      .replace(/ssl_certificate .*;/, `ssl_certificate ${certificate};`)
      .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    writeFileSync(
      join(folder, 'nginx.conf'),
      `pid ${folder}/pid; error_log stderr; events {}
http {
  access_log off;
  ${temporary.map((each) => `${each}_temp_path ${folder}/${each};`).join('\n  ')}
${server}
}
`,
    );
    chmodSync(folder, 0o755);
    nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await listening(port);
  });
  afterAll(async () => {
    if (nginx !== undefined && nginx.exitCode === null) {
      nginx.kill('SIGTERM');
      await once(nginx, 'close');
    }
    await stage.dispose();
  });

  interface Answer {
    readonly status: number | undefined;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: string;
  }

  async function ask(
    path: string,
    options: RequestOptions & { readonly body?: unknown } = {},
  ): Promise<Answer> {
    const { body, headers, ...rest } = options;
    const sent = request({
      ...{ host: 'localhost', port, ca, path, agent: false, ...rest },
      headers: {
        host: `localhost:${port}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  test('the dashboard is served, and browsers are told to come back by TLS', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toContain('<title>');
    expect(headers['strict-transport-security']).toBeDefined();
  });

  test('who logs in gets a cookie for TLS alone, and the address that is told is theirs, whatever they claim', async () => {
    const from = {
      method: 'POST',
      localAddress: '127.0.0.2',
      headers: {
        'nightshift-request': '1',
        origin: `https://localhost:${port}`,
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-host': 'evil.example',
      },
    };
    const used = await ask('/api/v1/session', { ...from, body: { name: 'operator', password } });
    expect(used.status, used.body).toBe(200);
    expect(used.headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-nightshift=.*; Secure/)]);
    const acts = await daemon.json<{ actor: string; address: string | null }[]>('activity');
    expect(acts.filter((each) => each.actor === 'operator').map((each) => each.address)).toContain(
      '127.0.0.2',
    );
  });

  test('events arrive as they happen, also over HTTP/2 as browsers ask for them', async () => {
    const session = connectHttp2(`https://localhost:${port}`, { ca });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/api/v1/events', authorization: `Bearer ${token}` });
    const pieces = new EventLog<string>();
    stream.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
    await once(stream, 'response');
    // The stream stays open: what nginx held back for a fuller buffer would never come.
    for (const name of ['first', 'second']) {
      await daemon.do('job', 'add', environment, name, 'cron', '--command', 'true', '--every', '1d');
      await pieces.first(`an event about ${name}`, (piece) => piece.includes(name), patienceMs);
    }
  });

  test('a remote command talks while it runs, in both directions', async () => {
    const socket = new WebSocket(`wss://localhost:${port}/api/v1/environments/${environment}/exec`, {
      ca,
      headers: { authorization: `Bearer ${token}` },
    });
    onTestFinished(() => socket.terminate());
    const frames = new EventLog<ExecFrame>();
    socket.on('message', (data) => {
      const frame = decodeExecFrame(data as Buffer);
      if (frame !== undefined) frames.push(frame);
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ command: ['cat'] }));
    const heard: string[] = [];
    for (const words of ['one\n', 'two\n']) {
      socket.send(encodeExecFrame({ channel: 'stdin', bytes: Buffer.from(words) }));
      const answer = await frames.first(
        `"${words}" back, or the end`,
        (frame) =>
          (frame.channel === 'stdout' || frame.channel === 'status') && !heard.includes(wordsOf(frame)),
        patienceMs,
      );
      heard.push(wordsOf(answer));
    }
    expect(heard).toEqual(['one\n', 'two\n']);
    socket.send(encodeExecFrame({ channel: 'close' }));
    const end = await frames.first('the end', (frame) => frame.channel === 'status', patienceMs);
    expect(end).toMatchObject({ status: { exitCode: 0 } });
  });

  test('the guide shows the file that was tried', () => {
    expect(readFileSync(join(checkout, 'docs/guides/nginx.md'), 'utf8')).toContain(snippet);
  });
});

const wordsOf = (frame: ExecFrame): string =>
  frame.channel === 'stdout' ? Buffer.from(frame.bytes).toString() : JSON.stringify(frame);
