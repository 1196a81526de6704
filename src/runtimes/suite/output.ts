import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { streamBytes } from '../../../test/testkit/cri-log.ts';
import { makeFifo, release } from '../../../test/testkit/fifo.ts';
import { script } from './programs.ts';
import { readLogFile, type Scene } from './scene.ts';

/** Every byte of a run's output, in CRI log format; and what a program finds around it. Real processes only. */
export function describeOutput(scene: () => Scene): void {
  const printed = async (text: string) => {
    const report = await scene().run(script(text));
    expect(report.exit).toEqual({ kind: 'exited', code: 0 });
    return {
      records: await scene().records(report.runId),
      stdout: await scene().output(report.runId),
      stderr: await scene().output(report.runId, 'stderr'),
    };
  };

  it('keeps stdout and stderr apart, each complete when the end is told', async () => {
    const { stdout, stderr } = await printed('echo out; echo err >&2; echo out again');
    expect(stdout.toString()).toBe('out\nout again\n');
    expect(stderr.toString()).toBe('err\n');
  });

  it('gives each line the time at which it came, in UTC', async () => {
    const before = Date.now();
    const { records } = await printed('echo a line');
    const time = Date.parse(records[0]?.time ?? '');
    expect(time).toBeGreaterThanOrEqual(before - 50);
    expect(time).toBeLessThanOrEqual(Date.now() + 50);
    expect(records[0]?.time).toMatch(/(Z|\+00:00)$/);
  });

  it('keeps a last line without a newline', async () => {
    const { stdout, records } = await printed('printf "one\\ntwo"');
    expect(stdout.toString()).toBe('one\ntwo');
    expect(records.at(-1)?.partial).toBe(true);
  });

  it('keeps empty lines, carriage returns and spaces', async () => {
    const { stdout } = await printed("printf '\\n\\n  a \\r\\n\\n'");
    expect(stdout.toString()).toBe('\n\n  a \r\n\n');
  });

  it('keeps NUL bytes and invalid UTF-8', async () => {
    const { stdout } = await printed("printf 'a\\000b\\377\\376\\n\\303\\n'");
    expect(stdout).toEqual(Buffer.from([97, 0, 98, 0xff, 0xfe, 10, 0xc3, 10]));
  });

  it('keeps a line of five megabytes', async () => {
    const { stdout } = await printed("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo after");
    expect(stdout.length).toBe(5_000_007);
    expect(stdout.subarray(0, 5_000_000).every((byte) => byte === 120)).toBe(true);
    expect(stdout.subarray(5_000_000).toString()).toBe('\nafter\n');
  });

  it('keeps the lines of a flood, all of them and in order', async () => {
    const { stdout } = await printed('seq 1 200000');
    let expected = '';
    for (let line = 1; line <= 200_000; line++) expected += `${line}\n`;
    expect(stdout.equals(Buffer.from(expected))).toBe(true);
  });

  it('keeps what a child writes after the program itself has written', async () => {
    const { stdout } = await printed('(echo from the child) & wait; echo from the program');
    expect(stdout.toString()).toBe('from the child\nfrom the program\n');
  });

  it('goes on in a new file after the old one was renamed', async () => {
    const gate = makeFifo(join(scene().root, 'gate'));
    const { handle } = await scene().startReady(script('echo one; cat gate >/dev/null; echo two'), 'one');
    const path = scene().logPath(handle.runId);
    await rename(path, `${path}.1`);
    await scene().runtime.reopenLog(handle);
    await release(gate);
    await scene().ended(handle.runId);
    expect(streamBytes(await readLogFile(`${path}.1`), 'stdout').toString()).toBe('one\n');
    expect(streamBytes(await readLogFile(path), 'stdout').toString()).toBe('two\n');
  });

  it('takes reopening the log of a run that has ended as done', async () => {
    const { handle } = await scene().start({ kind: 'exits', code: 0 });
    await scene().ended(handle.runId);
    await scene().runtime.reopenLog(handle);
  });

  it('gives a program its variables and nothing of the daemon', async () => {
    process.env.LEAKED_FROM_THE_DAEMON = 'yes';
    try {
      const variables = {
        PATH: '/usr/bin:/bin',
        GREETING: 'grüß dich',
        EMPTY: '',
        LINES2: 'a\nb',
        EQUALS: 'a=b',
      };
      const report = await scene().run(['env', '-0'], { variables });
      const found = (await scene().output(report.runId)).toString().split('\0').slice(0, -1);
      // A runtime may mark its runs, and a container's user has a home.
      const own = found.filter((each) => !/^(NIGHTSHIFT_\w+|HOME|HOSTNAME|container)=/.test(each));
      expect(own.sort()).toEqual(
        Object.entries(variables)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
    } finally {
      delete process.env.LEAKED_FROM_THE_DAEMON;
    }
  });

  it('passes arguments as they are', async () => {
    const words = ['', ' ', '*', '$HOME', 'a\nb', '"', "'", 'ü'];
    const report = await scene().run(['printf', '%s|', ...words]);
    expect((await scene().output(report.runId)).toString()).toBe(`${words.join('|')}|`);
  });

  it('runs in the root folder, as the user, and may write there', async () => {
    const { stdout } = await printed('pwd -P; id -u; echo kept > made-by-the-run; cat made-by-the-run');
    const uid = scene().spec([]).user.uid;
    expect(stdout.toString()).toBe(`${scene().root}\n${uid}\nkept\n`);
  });

  it('has nothing on stdin, and no terminal', async () => {
    const { stdout } = await printed('wc -c; test -t 0 || test -t 1 || test -t 2 || echo no terminal');
    expect(stdout.toString().trim()).toMatch(/^0\s+no terminal$/);
  });

  it('lets a program open its own output by name', async () => {
    const { stdout, stderr } = await printed('echo out > /dev/stdout; echo err > /dev/stderr');
    expect(stdout.toString()).toBe('out\n');
    expect(stderr.toString()).toBe('err\n');
  });
}
