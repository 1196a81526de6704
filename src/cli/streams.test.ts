import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import { execWindowBytes } from '../contract/exec.ts';
import { logEntry } from '../contract/log.ts';
import type { Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { aLogEntry, anInstant, ExecutionDouble, logOf } from '../http/control-double.testkit.ts';
import { socketServer } from '../http/socket-server.testkit.ts';
import { runCli } from './cli.ts';
import { aLocal, call, caller } from './cli-run.testkit.ts';

/** A log without end; `over` resolves when its reading was ended. */
function endlessLog() {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  let given = 0;
  const logs: Control['logs'] = async function* (_, __, signal) {
    try {
      for (; !signal.aborted; given += 1) yield { entry: aLogEntry(`line ${given}`), cursor: 'c' };
    } finally {
      end();
    }
  };
  return { logs, over, given: () => given };
}

describe('logs', () => {
  test('asks for what its options say', async () => {
    const server = await socketServer();
    const line =
      'logs demo -n 5 --job a,b --job c --level err --run r --since 1h --until 2026-11-22T03:00:00Z --grep SMTP';
    await call(server, line.split(' '));
    expect(server.asked).toEqual([
      [
        'logs',
        {
          environment: 'demo',
          jobs: ['a', 'b', 'c'],
          run: 'r',
          level: 'ERR',
          since: anInstant - 3_600_000,
          until: Date.UTC(2026, 10, 22, 3),
          contains: 'SMTP',
          last: 5,
        },
      ],
    ]);
  });

  test.each([
    ['logs demo', 100],
    ['logs demo --since 1h', undefined],
    ['logs demo --run r', undefined],
    ['logs demo -n all', undefined],
    ['logs demo -n 0 --since 1h', 0],
  ])('%s: the last %s lines', async (line, last) => {
    const server = await socketServer();
    await call(server, line.split(' '));
    const expected = expect.objectContaining({
      environment: 'demo',
      ...(last === undefined ? {} : { last }),
    });
    expect(server.asked).toEqual([['logs', expected]]);
    expect(Object.hasOwn(server.asked[0]?.[1] as object, 'last')).toBe(last !== undefined);
  });

  test('passes every byte on, and with --json one entry a line', async () => {
    const bytes = randomBytes(100_000).filter((byte) => byte !== 0x0a);
    const server = await socketServer({ logs: () => logOf(aLogEntry(bytes)) });
    const { io, stdout } = caller(server);
    expect(await runCli(['logs', 'demo'], io, aLocal)).toBe(0);
    const head = Buffer.from('2021-01-14T12:00:01Z INFO (a-job): ');
    expect(stdout.bytes.equals(Buffer.concat([head, bytes, Buffer.from('\n')]))).toBe(true);
    const { stdout: json } = await call(server, ['logs', 'demo', '--json']);
    const entry = logEntry.parse(JSON.parse(json));
    expect(Buffer.from(entry.messageBase64 ?? '', 'base64').equals(bytes)).toBe(true);
  });

  test('marks errors on a terminal without touching a byte of the messages', async () => {
    const bytes = Buffer.from([0xe2, 0x82, 0xff, 0x0d, 0x41]);
    const server = await socketServer({
      logs: () => logOf(aLogEntry(bytes, { level: 'ERR', stream: 'stderr' }), aLogEntry('fine')),
    });
    const { io, stdout } = caller(server, { terminal: true });
    await runCli(['logs', 'demo'], io, aLocal);
    const [first, second] = stdout.bytes.toString('latin1').split('\n');
    expect(first).toBe(`\u001b[31m2021-01-14T12:00:01Z ERR \u001b[0m (a-job): ${bytes.toString('latin1')}`);
    expect(second).toBe('2021-01-14T12:00:01Z INFO (a-job): fine');
  });

  test('ends quietly with 0 when its reader has seen enough', async () => {
    const log = endlessLog();
    const server = await socketServer({ logs: log.logs });
    let taken = 0;
    const head = new Writable({
      write(chunk: Buffer, _, done) {
        taken += chunk.length;
        done(taken > 200_000 ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) : null);
      },
    });
    const { io, stderr } = caller(server, { stdout: head });
    expect(await within('the end', runCli(['logs', 'demo', '-f'], io, aLocal))).toBe(0);
    expect(stderr.text).toBe('');
    await within('the end of the reading', log.over);
  });

  test('waits for a reader that is slow, and so does the daemon', async () => {
    const log = endlessLog();
    const server = await socketServer({ logs: log.logs });
    let release: () => void = () => undefined;
    const slow = new Writable({
      write(_chunk, _encoding, done) {
        release = done;
      },
    });
    const { io } = caller(server, { stdout: slow });
    const code = runCli(['logs', 'demo', '-f'], io, aLocal);
    for (let still = 0, last = -1; still < 2_000; still += 1) {
      if (log.given() !== last || last <= 0) still = 0;
      last = log.given();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(log.given() * 'line 1234'.length).toBeLessThan(2 * 1024 * 1024);
    slow.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    release();
    expect(await within('the end', code)).toBe(0);
    await within('the end of the reading', log.over);
  });

  test('says what went wrong in the middle, after all that came before', async () => {
    const server = await socketServer({
      logs: async function* () {
        yield { entry: aLogEntry('first'), cursor: 'c' };
        await new Promise((resolve) => setImmediate(resolve));
        throw new Refusal('environment.unknown', { environment: 'demo' });
      },
    });
    const { exitCode, stdout, stderr } = await call(server, ['logs', 'demo']);
    expect(stdout).toContain('first');
    expect(stderr).toContain('there is no environment "demo"');
    expect(exitCode).toBe(1);
  });

  test('says so when the daemon ends', async () => {
    let reading: () => void = () => undefined;
    const read = new Promise<void>((resolve) => {
      reading = resolve;
    });
    const server = await socketServer({
      logs: async function* (_, __, signal) {
        yield { entry: aLogEntry('first'), cursor: 'c' };
        reading();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const { io, stdout, stderr } = caller(server);
    const code = runCli(['logs', 'demo', '-f'], io, aLocal);
    await within('the reading', read);
    while (stdout.parts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.app.close();
    expect(await within('the end', code)).toBe(1);
    expect(stderr.text).toContain('the daemon ended the connection');
  });
});

describe('exec', () => {
  async function executing(words: readonly string[], options: Parameters<typeof caller>[1] = {}) {
    const execution = new ExecutionDouble();
    let ask: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const server = await socketServer({
      exec: async () => {
        ask();
        return execution;
      },
    });
    const cli = caller(server, options);
    const code = runCli(['exec', 'demo', ...words], cli.io, aLocal);
    await within('the request', Promise.race([asked, code]));
    return { execution, server, code, ...cli };
  }

  test.each([
    [['--', 'ls -l | wc'], 'ls -l | wc'],
    [['ls'], 'ls'],
    [
      ['--', 'ls', '-l', '--', 'x'],
      ['ls', '-l', '--', 'x'],
    ],
  ])('%j runs %j', async (words, command) => {
    const { execution, server, code } = await executing(words);
    execution.end();
    expect(await within('the end', code)).toBe(0);
    expect(server.asked).toEqual([['exec', 'demo', { command, terminal: null, maxRuntimeSeconds: 3_600 }]]);
  });

  test('passes stdin, stdout and stderr on byte for byte, beyond every window', async () => {
    const sent = randomBytes(8 * execWindowBytes + 13);
    const { execution, code, io, stdout, stderr } = await executing(['cat']);
    execution.stdin.pipe(execution.stdout, { end: false });
    execution.stderr.write(Buffer.from([0, 255, 13, 10]));
    execution.stdin.once('end', () =>
      execution.end({ exit: { kind: 'exited', code: 7 }, outcome: 'failed' }),
    );
    io.stdin.end(sent);
    expect(await within('the end', code)).toBe(7);
    expect(stdout.bytes.equals(sent)).toBe(true);
    expect(stderr.bytes).toEqual(Buffer.from([0, 255, 13, 10]));
  });

  test.each([
    [{ exit: { kind: 'exited', code: 0 }, outcome: 'ok' }, 0, ''],
    [{ exit: { kind: 'exited', code: 255 }, outcome: 'failed' }, 255, ''],
    [{ exit: { kind: 'signalled', signal: 'TERM' }, outcome: 'signalled' }, 143, ''],
    [
      { exit: { kind: 'signalled', signal: 'KILL' }, outcome: 'out-of-memory', reason: 'out of memory' },
      137,
      'the command ended: out of memory',
    ],
    [
      { exit: { kind: 'unknown', why: 'x' }, outcome: 'lost', reason: 'the conmon was gone' },
      1,
      'the conmon was gone',
    ],
  ] as const)('ends as the command does: %j', async (facts, exitCode, said) => {
    const { execution, code, stderr } = await executing(['x']);
    execution.end(facts);
    expect(await within('the end', code)).toBe(exitCode);
    if (said === '') expect(stderr.text).toBe('');
    else expect(stderr.text).toContain(said);
  });

  test('forwards Ctrl-C, also while the command does not read its stdin', async () => {
    const { execution, code, io, signal } = await executing(['sleep 1000']);
    io.stdin.write(Buffer.alloc(4 * execWindowBytes));
    execution.onSignal = () =>
      execution.end({ exit: { kind: 'signalled', signal: 'INT' }, outcome: 'signalled' });
    signal('SIGINT');
    expect(await within('the end', code)).toBe(130);
    expect(execution.signals).toEqual(['INT']);
  });

  test('lets go at the third Ctrl-C, which ends the command', async () => {
    const { execution, code, signal } = await executing(['trap "" INT; sleep 1000']);
    for (const _ of [1, 2, 3]) signal('SIGINT');
    expect(await within('the end', code)).toBe(130);
    await within('the hang-up', execution.hungUp);
  });

  test('gives the command a terminal with -t, and puts the own one back', async () => {
    const { execution, code, io, server } = await executing(['-t', '--', 'bash'], { terminal: true });
    const modes: boolean[] = [];
    Object.assign(io.stdin, { setRawMode: (raw: boolean) => modes.push(raw) });
    execution.end();
    expect(await within('the end', code)).toBe(0);
    expect(server.asked[0]?.[2]).toMatchObject({ terminal: { columns: 100, rows: 24 } });
    expect(modes.at(-1)).toBe(false);
  });

  test('refuses -t where there is no terminal', async () => {
    const server = await socketServer();
    const { exitCode, stderr } = await call(server, ['exec', '-t', 'demo', '--', 'bash']);
    expect([exitCode, stderr]).toEqual([1, 'nightshift: stdin and stdout are no terminal: leave -t away\n']);
    expect(server.asked).toEqual([]);
  });

  test('tells a refusal in its sentence', async () => {
    const server = await socketServer({
      exec: async () => {
        throw new Refusal('component.not-booked', { environment: 'demo' });
      },
    });
    const { exitCode, stderr } = await call(server, ['exec', 'demo', 'ls']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe('nightshift: "demo" has no jobs component: book one with "nightshift book demo M"\n');
  });

  test('says so without a daemon', async () => {
    const { exitCode, stderr } = await call(undefined, ['exec', '--data', '/nowhere', 'demo', 'ls']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no daemon answers at /nowhere/nightshift.sock');
  });

  test('ends quietly when the reader of its output has gone, and the command with it', async () => {
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const { execution, code, stderr } = await executing(['yes'], { stdout: gone });
    execution.stdout.write('y\n');
    expect(await within('the end', code)).toBe(0);
    expect(stderr.text).toBe('');
    await within('the hang-up', execution.hungUp);
  });

  test('says so when the daemon ends', async () => {
    const { execution, server, code, stderr, stdout } = await executing(['sleep 1000']);
    execution.stdout.write('begun');
    while (stdout.text !== 'begun') await new Promise((resolve) => setImmediate(resolve));
    await server.app.close();
    expect(await within('the end', code)).toBe(1);
    expect(stderr.text).toContain('the command was ended, because the connection ended');
  });
});
