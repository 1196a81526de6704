import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { within } from '../../../test/testkit/deadline.ts';
import type { AttachedStreams, Started } from '../runtime.ts';
import { script } from './programs.ts';
import type { Scene } from './scene.ts';

/** Runs whose streams go to the caller: remote commands. Real processes only. */
export function describeAttached(scene: () => Scene): void {
  const attach = async (
    argv: readonly string[],
    terminal: { columns: number; rows: number } | null = null,
  ): Promise<Started & { streams: AttachedStreams }> => {
    const started = await scene().start(argv, { output: { kind: 'attached', terminal } });
    if (started.streams === null) throw new Error('an attached run has no streams');
    return { ...started, streams: started.streams };
  };

  /** Resolves when the stream has carried this text. */
  const says = (stream: NodeJS.ReadableStream, expected: string): Promise<string> => {
    let heard = '';
    const hearing = new Promise<string>((resolve) => {
      stream.on('data', (data) => {
        heard += data.toString();
        if (heard.includes(expected)) resolve(heard);
      });
    });
    return within(`"${expected}" from an attached run`, hearing);
  };

  it('carries a megabyte from stdin to stdout, byte for byte', async () => {
    const { handle, streams } = await attach(['cat']);
    const sent = randomBytes(1024 * 1024);
    const received = buffer(streams.stdout as NodeJS.ReadStream);
    streams.stdin.end(sent);
    expect((await within('the end of stdout', received)).equals(sent)).toBe(true);
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 0 });
  });

  it('keeps stderr apart and reports the exit code', async () => {
    const { handle, streams } = await attach(script('echo out; echo err >&2; exit 42'));
    const both = Promise.all([
      text(streams.stdout as NodeJS.ReadStream),
      text(streams.stderr as NodeJS.ReadStream),
    ]);
    expect(await within('the end of both streams', both)).toEqual(['out\n', 'err\n']);
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 42 });
  });

  it('keeps what a reader takes only after the end', async () => {
    const { handle, streams } = await attach(script('echo early; exit 0'));
    await scene().ended(handle.runId);
    expect(await within('stdout', text(streams.stdout as NodeJS.ReadStream))).toBe('early\n');
  });

  it('ends by kill, and its streams end with it', async () => {
    const { handle, streams } = await attach(script('echo ready; exec sleep 1000'));
    await says(streams.stdout, 'ready');
    const ends = new Promise((resolve) => streams.stdout.on('end', resolve));
    await scene().runtime.kill(handle);
    await within('the end of stdout', ends);
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal: 'KILL' });
  });

  it('passes a signal to the program', async () => {
    const { handle, streams } = await attach(
      script('trap "echo interrupted; exit 130" INT; echo ready; while :; do sleep 1000 & wait $!; done'),
    );
    await says(streams.stdout, 'ready');
    const told = says(streams.stdout, 'interrupted');
    await scene().runtime.signal(handle, 'INT');
    await told;
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 130 });
  });

  it('lets the next write fail when its reader has closed stdout, as in any pipe', async () => {
    const { handle, streams } = await attach(['yes']);
    await says(streams.stdout, 'y');
    (streams.stdout as Readable).destroy();
    streams.stderr.resume();
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal: 'PIPE' });
  });

  it('leaves Ctrl-C on its terminal to the program alone', async () => {
    const { handle, streams } = await attach(
      script('trap "echo caught" INT; echo ready; read line; echo "$line"; exit 5'),
      { columns: 80, rows: 24 },
    );
    await says(streams.stdout, 'ready');
    const caught = says(streams.stdout, 'caught');
    streams.stdin.write('\u0003');
    await caught;
    streams.stdin.write('on\n');
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 5 });
  });

  it('does not mind a stdin that nobody reads', async () => {
    const { handle, streams } = await attach(['true']);
    streams.stdin.on('error', () => streams.stdin.removeAllListeners('drain'));
    streams.stdin.write(Buffer.alloc(1024 * 1024));
    streams.stdout.resume();
    streams.stderr.resume();
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 0 });
  });

  it('ends a program that is not found with 127 and says so on stderr', async () => {
    const { handle, streams } = await attach(['/nonexistent/program']);
    streams.stdout.resume();
    expect(await within('stderr', text(streams.stderr as NodeJS.ReadStream))).toContain(
      '/nonexistent/program',
    );
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 127 });
  });

  it('gives a terminal where one is asked for, of the size that was asked for', async () => {
    const { handle, streams } = await attach(script('test -t 0 && test -t 1 && stty size; exit 3'), {
      columns: 91,
      rows: 17,
    });
    const output = await within('the end of the terminal', text(streams.stdout as NodeJS.ReadStream));
    expect(output.trim()).toBe('17 91');
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 3 });
  });

  it('gives the terminal a new size', async () => {
    const { handle, streams } = await attach(
      script('trap "stty size" WINCH; echo ready; while :; do sleep 1000 & wait $!; done'),
      { columns: 80, rows: 24 },
    );
    await says(streams.stdout, 'ready');
    const resized = says(streams.stdout, '40 132');
    streams.resize({ columns: 132, rows: 40 });
    await resized;
    await scene().runtime.kill(handle);
    await scene().ended(handle.runId);
  });
}
