import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { within } from '../../test/testkit/deadline.ts';
import { decodeExecFrame, type ExecFrame, encodeExecFrame, execWindowBytes } from '../contract/exec.ts';
import type { Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { ExecutionDouble } from './control-double.testkit.ts';
import { openWebSocket, socketServer } from './socket-server.testkit.ts';

/** A client that has asked for a command, and what it was told since. */
async function begun(
  execution: ExecutionDouble,
  request: string | Buffer = JSON.stringify({ command: 'cat' }),
  answers: Partial<Control> = { exec: async () => execution },
) {
  const server = await socketServer(answers);
  const socket = await openWebSocket(server, '/environments/demo/exec');
  const frames: ExecFrame[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const frame = decodeExecFrame(data);
    if (frame === undefined) throw new Error('not a frame');
    frames.push(frame);
    for (const look of waiting.splice(0)) look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send(request);
  const send = (frame: ExecFrame) => socket.send(encodeExecFrame(frame));
  /** The first frame on that channel. */
  const frameOn = async <Channel extends ExecFrame['channel']>(channel: Channel) => {
    for (;;) {
      const found = frames.find((frame) => frame.channel === channel);
      if (found !== undefined) return found as Extract<ExecFrame, { channel: Channel }>;
      await within(`a frame on ${channel}`, new Promise<void>((resolve) => waiting.push(resolve)));
    }
  };
  return { server, socket, frames, closed, send, frameOn };
}

const bytesOn = (frames: readonly ExecFrame[], channel: 'stdout' | 'stderr'): Buffer =>
  Buffer.concat(frames.flatMap((frame) => (frame.channel === channel ? [frame.bytes] : [])));

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Sends all of it, within the window. */
async function sendStdin(socket: WebSocket, bytes: Buffer, frames: readonly ExecFrame[]): Promise<void> {
  const granted = () =>
    frames.reduce(
      (sum, frame) => sum + (frame.channel === 'window' ? frame.grantedBytes : 0),
      execWindowBytes,
    );
  for (let start = 0; start < bytes.length; ) {
    const room = Math.min(granted() - start, 50_000, bytes.length - start);
    if (room > 0)
      socket.send(encodeExecFrame({ channel: 'stdin', bytes: bytes.subarray(start, start + room) }));
    else await new Promise((resolve) => setImmediate(resolve));
    start += room;
  }
  socket.send(encodeExecFrame({ channel: 'close' }));
}

describe('a remote command', () => {
  test('gets stdin and gives stdout and stderr byte for byte, and then tells how it ended', async () => {
    const execution = new ExecutionDouble();
    const sent = randomBytes(3 * 1024 * 1024 + 17);
    execution.stdin.pipe(execution.stdout, { end: false });
    execution.stderr.write(Buffer.from([0, 255, 10]));
    execution.stdin.once('end', () =>
      execution.end({ exit: { kind: 'exited', code: 42 }, outcome: 'failed', reason: 'exit code 42' }),
    );
    const { socket, frames, closed } = await begun(execution);
    await within('stdin', sendStdin(socket, sent, frames));
    expect(await within('the end', closed)).toBe(1000);
    expect(digest(bytesOn(frames, 'stdout'))).toBe(digest(sent));
    expect(bytesOn(frames, 'stderr')).toEqual(Buffer.from([0, 255, 10]));
    expect(frames.at(-1)).toEqual({
      channel: 'status',
      status: { run: 'run-9', exitCode: 42, exitSignal: null, outcome: 'failed', reason: 'exit code 42' },
    });
  });

  test('is asked for as the request says', async () => {
    const execution = new ExecutionDouble();
    const request = { command: ['ls', '-l'], terminal: { columns: 80, rows: 24 }, maxRuntimeSeconds: 99_999 };
    const { server, frameOn, send } = await begun(execution, JSON.stringify(request));
    send({ channel: 'resize', size: { columns: 100, rows: 30 } });
    send({ channel: 'signal', signal: 'INT' });
    execution.onSignal = () =>
      execution.end({ exit: { kind: 'signalled', signal: 'INT' }, outcome: 'signalled' });
    expect((await frameOn('status')).status).toMatchObject({ exitCode: null, exitSignal: 'INT' });
    expect(server.asked).toEqual([['exec', 'demo', request]]);
    expect(execution.sizes).toEqual([{ columns: 100, rows: 30 }]);
    expect(execution.signals).toEqual(['INT']);
  });

  test('hears a signal also when it does not read its stdin', async () => {
    const execution = new ExecutionDouble();
    const { send, frameOn } = await begun(execution);
    // PassThrough takes 64 KiB at most; the rest waits.
    send({ channel: 'stdin', bytes: new Uint8Array(execWindowBytes) });
    execution.onSignal = () => execution.end();
    send({ channel: 'signal', signal: 'TERM' });
    await frameOn('status');
    expect(execution.signals).toEqual(['TERM']);
  });

  test('that closed its stdin loses what is sent, and the client may go on sending', async () => {
    const execution = new ExecutionDouble();
    execution.stdin.once('readable', () => execution.stdin.destroy(new Error('EPIPE')));
    const { socket, frames, closed } = await begun(execution);
    await within('stdin', sendStdin(socket, Buffer.alloc(2 * execWindowBytes), frames));
    execution.end();
    expect(await within('the end', closed)).toBe(1000);
  });

  test('waits while its client does not read, and holds a bounded amount of memory', async () => {
    const execution = new ExecutionDouble();
    const { socket, closed, frames } = await begun(execution);
    let written = 0;
    let waiting = false;
    const total = 64 * 1024 * 1024;
    const write = () => {
      waiting = false;
      while (written < total) {
        written += 65_536;
        if (execution.stdout.write(Buffer.alloc(65_536))) continue;
        waiting = true;
        execution.stdout.once('drain', write);
        return;
      }
      execution.end();
    };
    socket.pause();
    write();
    await within(
      'a pause',
      stands(() => written),
    );
    expect(waiting).toBe(true);
    expect(written).toBeLessThan(8 * 1024 * 1024);
    socket.resume();
    expect(await within('the end', closed)).toBe(1000);
    expect(bytesOn(frames, 'stdout').length).toBe(total);
  });

  test.each([
    ['while it is silent', () => undefined],
    [
      'while it floods',
      (execution: ExecutionDouble) => {
        const flood = () => {
          if (execution.stdout.writableEnded) return;
          if (!execution.stdout.writableNeedDrain) execution.stdout.write(Buffer.alloc(65_536));
          setImmediate(flood);
        };
        flood();
      },
    ],
  ])('is hung up on when its client vanishes %s', async (_, play) => {
    const execution = new ExecutionDouble();
    const { server, socket, send, frames } = await begun(execution);
    send({ channel: 'stdin', bytes: Buffer.from('x') });
    await within('the beginning', new Promise((resolve) => execution.stdin.once('readable', resolve)));
    play(execution);
    socket.terminate();
    await within('the hang-up', execution.hungUp);
    expect(frames.some((frame) => frame.channel === 'status')).toBe(false);
    expect(server.lines.filter((line) => line.level === 50)).toEqual([]);
  });

  test('that begins after its client has left is hung up on', async () => {
    const execution = new ExecutionDouble();
    let begin: (execution: ExecutionDouble) => void = () => undefined;
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { socket } = await begun(execution, undefined, {
      exec: () => {
        asked();
        return new Promise((resolve) => {
          begin = resolve;
        });
      },
    });
    await within('the request', wasAsked);
    const left = new Promise((resolve) => socket.once('close', resolve));
    socket.terminate();
    await left;
    begin(execution);
    await within('the hang-up', execution.hungUp);
  });

  test('is hung up on when the daemon ends', async () => {
    const execution = new ExecutionDouble();
    const { server, send } = await begun(execution);
    send({ channel: 'stdin', bytes: Buffer.from('x') });
    await within('the beginning', new Promise((resolve) => execution.stdin.once('readable', resolve)));
    await within('the end of the server', server.app.close());
    await within('the hang-up', execution.hungUp);
  });
});

describe('a client of exec that does not keep to the contract', () => {
  test.each([
    ['{', 'the first message is not valid JSON'],
    ['{}', '"command" '],
    ['{"command": []}', '"command" '],
    ['{"command": "x", "terminal": {"columns": 0, "rows": 1}}', '"terminal.columns" must be at least 1'],
    [Buffer.from([0, 1]), 'the first message must be text'],
  ])('with %s gets one sentence', async (request, sentence) => {
    const { frameOn, closed, server } = await begun(new ExecutionDouble(), request);
    const { status } = await frameOn('status');
    expect(status).toMatchObject({
      error: { code: 'request.invalid', message: expect.stringContaining(sentence) },
    });
    expect(await within('the end', closed)).toBe(1008);
    expect(server.asked).toEqual([]);
  });

  test.each([
    ['a channel that is none', Buffer.from([9, 1])],
    ['a channel of the server', Buffer.from(encodeExecFrame({ channel: 'stdout', bytes: Buffer.from('x') }))],
    ['more stdin than was granted', Buffer.alloc(execWindowBytes + 2)],
    ['no signal', Buffer.from(encodeExecFrame({ channel: 'signal', signal: 'NOPE' }))],
    ['text', 'hello'],
  ])('and sends %s is let go, and its command hung up on', async (_, message) => {
    const execution = new ExecutionDouble();
    const { socket, closed } = await begun(execution);
    socket.send(message);
    expect([1002, 1008]).toContain(await within('the end', closed));
    await within('the hang-up', execution.hungUp);
  });

  test('because the command is refused hears why', async () => {
    const { frameOn, closed } = await begun(new ExecutionDouble(), undefined, {
      exec: async () => {
        throw new Refusal('component.not-booked', { environment: 'demo' });
      },
    });
    expect((await frameOn('status')).status).toMatchObject({ error: { code: 'component.not-booked' } });
    expect(await within('the end', closed)).toBe(1000);
  });
});

async function stands(count: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 2_000; still += 1) {
    if (count() !== last) still = 0;
    last = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
