/** A program that tries to get out of its environment, by every way listed in escapes.ts, and gets nowhere. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, run, Stage } from './daemon.ts';
import { escapeGroups, escapeProgram } from './escapes.ts';
import { isRoot } from './machine.ts';

const attempts = escapeGroups.flatMap(({ escapes }) => escapes);

/** The fork bomb alone makes 500 processes in an eighth of a processor: ms. */
const patience = 120_000;

describe.skipIf(!isRoot)('a program that tries to get out', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let contained: boolean;
  let given: Record<string, string | number>;

  beforeAll(async () => {
    daemon = await stage.start('--ephemeral');
    contained = daemon.lines.all.some((line) => line === 'runtime: container');
    if (!contained) console.warn('\nIsolation is NOT tested: this machine runs no containers\n');
    const other = await stage.environment(daemon, 'other', 'XS');
    writeFileSync(join(other.root, 'secret'), 'secret', { mode: 0o644 });
    given = {
      OTHER: other.root,
      DATA: daemon.data,
      SOCKET: join(daemon.data, 'nightshift.sock'),
      DAEMON: daemon.pid,
    };
  });
  afterAll(() => stage.dispose());

  /** Every attempt was made, and what got through is named. */
  function expectNothingThrough(printed: string): void {
    const lines = printed.split('\n').filter((line) => /^\d+ (through|refused)$/.test(line));
    const through = lines
      .filter((line) => line.endsWith('through'))
      .map((line) => attempts[Number.parseInt(line, 10)]?.what);
    expect(through).toEqual([]);
    expect(lines).toHaveLength(attempts.length);
  }

  test('as a remote command fails at each', { timeout: patience }, async ({ skip }) => {
    skip(!contained, 'no containers here');
    const { name, root } = await stage.environment(daemon, 'remote', 'XS');
    writeFileSync(
      join(root, 'escape.sh'),
      escapeProgram(() => true, given),
      { mode: 0o644 },
    );
    const { stdout } = await daemon.cli('exec', name, '--', 'sh', 'escape.sh');
    expectNothingThrough(stdout);
  });

  test('as a worker fails at each', { timeout: patience }, async ({ skip }) => {
    skip(!contained, 'no containers here');
    const { name, root } = await stage.environment(daemon, 'worker', 'XS');
    writeFileSync(join(root, 'escape.sh'), `${escapeProgram(() => true, given)}\nexec sleep 86399`, {
      mode: 0o644,
    });
    const log = daemon.follow(name);
    try {
      await daemon.do('job', 'add', name, 'w', 'worker', '--command', 'sh escape.sh');
      const { run: worker } = await log.lines.first(
        'the end of the attempts',
        ({ message }) => message === 'done',
        patience,
      );
      expectNothingThrough(log.messages(worker).join('\n'));
    } finally {
      await log.close();
    }
  });

  test('as root, where an operator asked for that, fails at each', { timeout: patience }, async ({
    skip,
  }) => {
    skip(!contained, 'no containers here');
    const name = stage.name('root');
    const root = stage.root(name);
    await daemon.do('env', 'create', name, '--root', root, '--user', 'root');
    await daemon.do('book', name, 'XS');
    writeFileSync(
      join(root, 'escape.sh'),
      escapeProgram(({ asRoot }) => asRoot !== false, given),
      { mode: 0o644 },
    );
    const { stdout } = await daemon.cli('exec', name, '--', 'sh', 'escape.sh');
    expectNothingThrough(stdout);
  });

  test('would get through without the walls: some of the attempts, made by the test itself', async () => {
    const harmless = [
      "read a file of another environment's root",
      'list the data folder of the daemon',
      "connect to the daemon's socket",
      'see processes that are not its own',
      'signal the daemon',
      "read the daemon's variables and memory",
      'take part in the keyrings of the machine',
      'hold a handle of the daemon',
    ];
    const program = escapeProgram(({ what }) => harmless.includes(what), given);
    const { stdout } = await run('sh', ['-c', program], { cwd: stage.folder });
    const through = attempts.filter((_, index) => stdout.split('\n').includes(`${index} through`));
    expect(through.map(({ what }) => what).sort()).toEqual(harmless.toSorted());
  });
});
