import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCriLog, streamBytes, waitForFile } from '../../../test/testkit/cri-log.ts';
import { within } from '../../../test/testkit/deadline.ts';
import { EventLog } from '../../../test/testkit/event-log.ts';
import { watchHolders } from '../../../test/testkit/fifo.ts';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import { makeTempFolder, type TempFolder } from '../../../test/testkit/temp-folder.ts';
import { testUser } from '../../../test/testkit/test-user.ts';
import type { ExitReport, RunSpec, Runtime } from '../runtime.ts';
import { StartFailure } from '../runtime.ts';
import { createProcessRuntime } from './process-runtime.ts';

let temp: TempFolder;
let runtime: Runtime;
let reports: EventLog<ExitReport>;

beforeEach(async () => {
  temp = await makeTempFolder('process-runtime');
  for (const folder of ['root', 'data', 'logs']) await mkdir(join(temp.path, folder), { mode: 0o777 });
  execFileSync('chmod', ['777', join(temp.path, 'root')]);
  reports = new EventLog();
  runtime = make('own');
});
afterEach(async () => {
  await runtime.close();
  await temp.dispose();
});

function make(instance: string): Runtime {
  const made = createProcessRuntime({ dataFolder: join(temp.path, 'data'), instance, clock: systemClock });
  made.onExit = (report) => reports.push(report);
  return made;
}

function spec(argv: readonly string[], change: Partial<RunSpec> = {}): RunSpec {
  const runId = change.runId ?? 'run-1';
  return {
    runId,
    environment: 'shop',
    job: 'mails',
    argv,
    root: join(temp.path, 'root'),
    user: testUser(),
    variables: { PATH: '/usr/bin:/bin' },
    softLimitBytes: null,
    output: { kind: 'log', path: join(temp.path, 'logs', runId) },
    ...change,
  };
}

const sh = (script: string) => ['/bin/sh', '-c', script];
const ended = (runId = 'run-1') => reports.first(`the end of ${runId}`, (report) => report.runId === runId);
const output = async (runId = 'run-1', stream: 'stdout' | 'stderr' = 'stdout') =>
  streamBytes(parseCriLog(await readFile(join(temp.path, 'logs', runId))), stream).toString();

describe('starting', () => {
  it('refuses, and does not try again, when the root folder is not there', async () => {
    const failure = await runtime.start(spec(['true'], { root: join(temp.path, 'gone') })).catch((e) => e);
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure).toMatchObject({ retryable: false, message: expect.stringContaining('does not exist') });
    expect(reports.all).toEqual([]);
  });

  it('refuses, to be tried again, when the log can not be opened', async () => {
    const path = join(temp.path, 'no-such-folder', 'log');
    const failure = await runtime.start(spec(['true'], { output: { kind: 'log', path } })).catch((e) => e);
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure.retryable).toBe(true);
  });

  it('ends a file that may not be executed with 126, as a shell does', async () => {
    await writeFile(join(temp.path, 'root', 'plain'), 'no program', { mode: 0o644 });
    await runtime.start(spec(['./plain']));
    expect((await ended()).exit).toEqual({ kind: 'exited', code: 126 });
    expect(await output('run-1', 'stderr')).toBe('nightshift: ./plain: permission denied\n');
  });

  it('ends a command line that is too long for the system with 126', async () => {
    await runtime.start(spec(['echo', 'x'.repeat(3 * 1024 * 1024)]));
    expect((await ended()).exit).toEqual({ kind: 'exited', code: 126 });
  });

  it('refuses after it was closed', async () => {
    await runtime.close();
    await expect(runtime.start(spec(['true']))).rejects.toThrow('the daemon is ending');
  });

  it('leaves no descriptor open and no pipe behind, whether a start works or fails', async () => {
    const one = async (index: number) => {
      const change = { runId: `run-${index}` };
      await runtime.start(spec(['true'], change));
      await runtime.start(spec(['true'], { ...change, runId: `gone-${index}`, root: '/gone' })).catch(String);
      await ended(change.runId);
    };
    for (let index = 0; index < 5; index++) await one(index);
    const before = (await readdir('/proc/self/fd')).length;
    for (let index = 5; index < 25; index++) await one(index);
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 2);
    await runtime.close();
    expect(await readdir(join(temp.path, 'data', 'process'))).toEqual([]);
  });
});

describe('what a program finds', () => {
  it('is a session of its own, without privileges of groups', async () => {
    await runtime.start(spec(sh('ps -o sid= -p $$ | tr -d " "; echo $$; id -G')));
    await ended();
    const [session, pid, groups] = (await output()).split('\n');
    expect(session).toBe(pid);
    if (process.getuid?.() === 0) expect(groups).toBe(String(testUser().gid));
  });

  it('is the soft limit of its plan as an ini file that PHP reads after its own', async () => {
    await runtime.start(
      spec(
        sh(
          'echo $PHP_INI_SCAN_DIR; IFS=:; for each in $PHP_INI_SCAN_DIR; do test -z "$each" || cat $each/*.ini; done',
        ),
        { softLimitBytes: 1024 ** 3 },
      ),
    );
    await ended();
    expect(await output()).toMatch(/^:\/.*\nmemory_limit = 1073741824\n$/);
  });

  it('keeps the folders of ini files that the environment names itself', async () => {
    const variables = { PATH: '/usr/bin:/bin', PHP_INI_SCAN_DIR: '/srv/own' };
    await runtime.start(spec(sh('echo $PHP_INI_SCAN_DIR'), { softLimitBytes: 1024, variables }));
    await ended();
    expect(await output()).toMatch(/^\/srv\/own:\/.*\/1024\n$/);
  });
});

describe('a program that leaves somebody behind', () => {
  it('is told as ended also when somebody who can not be found holds its output', async () => {
    const escaped = `env -i /usr/bin/setsid /bin/sh -c 'echo $$ >escaped.new; mv escaped.new escaped; exec sleep 1000'`;
    await runtime.start(spec(sh(`(${escaped} &) ; while [ ! -e escaped ]; do :; done; echo done; exit 3`)));
    const pid = Number(await waitForFile(join(temp.path, 'root', 'escaped'), (text) => text.length > 1));
    try {
      const report = await ended();
      expect(report.exit).toEqual({ kind: 'exited', code: 3 });
      expect(await output()).toBe('done\n');
    } finally {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        // Found after all: that is more than is promised.
        expect((error as NodeJS.ErrnoException).code).toBe('ESRCH');
      }
    }
  });

  it('does not count processes that end with a kill as left behind', async () => {
    const holders = watchHolders(join(temp.path, 'root', 'held'));
    const { handle } = await runtime.start(
      spec(sh('sh -c "exec 9>held; echo held >&9; exec sleep 1000" & wait')),
    );
    await holders.said('held');
    await runtime.kill(handle);
    expect(await ended()).toMatchObject({ exit: { kind: 'signalled', signal: 'KILL' }, leftovers: [] });
    await holders.gone();
    holders.dispose();
  });
});

describe('after a kill -9 of a real daemon', () => {
  const daemon = `
    import { createProcessRuntime } from ${JSON.stringify(new URL('./process-runtime.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../../../test/testkit/system-clock.ts', import.meta.url).href)};
    const [dataFolder, instance, spec] = process.argv.slice(2);
    const runtime = createProcessRuntime({ dataFolder, instance, clock: systemClock });
    await runtime.recover([]);
    const { handle } = await runtime.start(JSON.parse(spec));
    console.log(JSON.stringify(handle));
  `;

  async function startDaemon(instance: string, run: RunSpec) {
    const file = join(temp.path, 'daemon.ts');
    await writeFile(file, daemon);
    const data = join(temp.path, `data-${instance}`);
    await mkdir(data);
    const child = spawn(process.execPath, [file, data, instance, JSON.stringify(run)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: '/usr/bin:/bin', NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    });
    const [line] = await within('the handle', once(createInterface(child.stdout), 'line'));
    return { child, handle: JSON.parse(line) };
  }

  it('ends what it left, detached or not, and leaves the jobs of other daemons alone', async () => {
    const holdBy = (pipe: string) =>
      sh(
        `setsid sh -c 'exec 9>${pipe}; echo held >&9; exec sleep 1000' & sh -c 'exec 8>${pipe}; exec sleep 1000' & wait`,
      );
    const ours = watchHolders(join(temp.path, 'root', 'ours'));
    const others = watchHolders(join(temp.path, 'root', 'others'));
    const own = await startDaemon('own', spec(holdBy('ours')));
    const other = await startDaemon('other', spec(holdBy('others'), { runId: 'run-2' }));
    await ours.said('held');
    await others.said('held');
    own.child.kill('SIGKILL');
    other.child.kill('SIGKILL');
    await Promise.all([once(own.child, 'exit'), once(other.child, 'exit')]);

    const recovery = await runtime.recover([{ runId: 'run-1', environment: 'shop', handle: own.handle }]);
    await ours.gone();
    expect(recovery).toEqual({ adopted: [], strays: [] });
    const report = await ended();
    expect(report.exit).toEqual({ kind: 'unknown', why: 'the daemon ended and took the run with it' });
    expect(report.leftovers.length).toBeGreaterThanOrEqual(2);

    // Had the other daemon's run been ended too, its successor would find nothing.
    const successor = make('other');
    const { strays } = await successor.recover([]);
    expect(strays).toEqual(['run-2']);
    await others.gone();
    await successor.close();
    for (const holders of [ours, others]) holders.dispose();
  });
});
