/** What is special to containers: the walls, the limits, the init, and a daemon or a conmon that is killed. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { remnantGroups } from '../../../test/system/machine.ts';
import { parseCriLog, streamBytes, waitForFile } from '../../../test/testkit/cri-log.ts';
import { EventLog } from '../../../test/testkit/event-log.ts';
import { type ExitReport, type RunSpec, type Started, StartFailure } from '../runtime.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { findProgramFile } from './machine.ts';
import { type MachineUnderTest, makeMachine } from './machine-under-test.ts';
import { whyNoContainers } from './probe.ts';
import { identify, isAlive } from './processes.ts';

const why = await whyNoContainers({ dataFolder: '/tmp', instance: 'test' });
if (why !== null) console.warn(`\nContainers are NOT tested on this machine: ${why}\n`);

describe.skipIf(why !== null)('a container', () => {
  let machine: MachineUnderTest;
  let runtime: ContainerRuntime;
  let reports: EventLog<ExitReport>;
  const started: Started[] = [];
  const megabyte = 1024 * 1024;

  beforeAll(async () => {
    machine = await makeMachine();
    use(machine.runtime);
    await runtime.recover([]);
  });
  afterEach(async () => {
    for (const { handle } of started.splice(0)) {
      if (!reports.all.some((report) => report.runId === handle.runId)) {
        await runtime.kill(handle);
        await ended(handle.runId);
      }
      await runtime.release(handle.runId);
    }
  });
  afterAll(async () => {
    await machine.dispose();
    expect(machine.troubles).toEqual([]);
  });

  function use(next: ContainerRuntime): void {
    runtime = next;
    reports = new EventLog<ExitReport>();
    runtime.onExit = reports.push;
  }

  const newEnvironment = async (limits: { memory?: number; cpu?: number; processes?: number } = {}) => {
    const environment = `env-${randomBytes(4).toString('hex')}`;
    await limit(environment, limits);
    return environment;
  };
  const limit = (environment: string, limits: { memory?: number; cpu?: number; processes?: number }) =>
    runtime.limit({
      environment,
      memoryBytes: (limits.memory ?? 512) * megabyte,
      cpu: limits.cpu ?? 2,
      processes: limits.processes ?? 200,
    });
  const specOf = (argv: readonly string[], change: Partial<RunSpec> = {}): RunSpec => {
    const runId = `run-${randomBytes(6).toString('hex')}`;
    return {
      runId,
      environment: 'env-any',
      job: 'a-job',
      argv,
      root: machine.root,
      user: machine.user,
      variables: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      softLimitBytes: null,
      output: { kind: 'log', path: machine.logPath(runId) },
      ...change,
    };
  };
  const start = async (argv: readonly string[] | string, change?: Partial<RunSpec>) => {
    const words = typeof argv === 'string' ? ['/bin/sh', '-c', argv] : argv;
    const run = await runtime.start(specOf(words, change));
    started.push(run);
    return run;
  };
  const ended = (runId: string, ms?: number) =>
    reports.first(`the exit report of ${runId}`, (report) => report.runId === runId, ms);
  const printed = (runId: string, text: string) =>
    waitForFile(machine.logPath(runId), (contents) => contents.includes(text));
  const run = async (argv: readonly string[] | string, change?: Partial<RunSpec>) => {
    const { handle } = await start(argv, change);
    const report = await ended(handle.runId);
    const records = parseCriLog(await readFile(machine.logPath(handle.runId)));
    const text = (stream: 'stdout' | 'stderr') => streamBytes(records, stream).toString().trim();
    return { report, stdout: text('stdout'), stderr: text('stderr') };
  };

  describe('walls', () => {
    test('it sees nothing of other environments, of the daemon, of /run and of other homes', async () => {
      const other = join(machine.root, '..', 'other-root');
      await mkdir(other);
      await writeFile(join(other, 'secret'), 'secret', { mode: 0o644 });
      const { stdout } = await run(
        `for f in ${other} ${machine.dataFolder} /run/nightshift /run/* /home/* /root/* /var/lib; do [ -e $f ] && echo "sees $f"; done; ls $PWD/..`,
      );
      expect(stdout).toBe('root');
    });

    test('it sees only its own processes', async () => {
      const { stdout } = await run('set -- /proc/[0-9]*; echo $#; cat /proc/1/comm');
      // The init and the shell itself.
      expect(stdout).toBe('2\nsh');
    });

    test('it has no capability, gets no new privileges and stands behind seccomp', async () => {
      const { stdout } = await run('grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status');
      const values = stdout.split('\n').map((line) => line.split(/:\s*/));
      expect(Object.fromEntries(values)).toEqual({
        CapInh: '0000000000000000',
        CapPrm: '0000000000000000',
        CapEff: '0000000000000000',
        CapBnd: '0000000000000000',
        CapAmb: '0000000000000000',
        NoNewPrivs: '1',
        Seccomp: '2',
      });
    });

    test.each([
      ['mounts a file system', 'mount -t tmpfs x /tmp'],
      ['opens a user namespace', 'unshare --user --map-root-user true'],
      ['writes a setting of the kernel', 'echo 1 >/proc/sys/vm/drop_caches'],
      ['presses the magic key', 'echo h >/proc/sysrq-trigger'],
      ['changes a control group', 'mkdir /sys/fs/cgroup/memory/x || mkdir /sys/fs/cgroup/x'],
      ['writes into the host', 'touch /usr/x || touch /etc/x || touch /x'],
      ['makes a device', 'mknod /tmp/disk b 8 0'],
      ['becomes root', 'su root -c true </dev/null'],
      ['signals the daemon', `kill -0 ${process.pid}`],
    ])('it never %s, not even as root', async (_what, attempt) => {
      const asRoot = { name: 'root', uid: 0, gid: 0, home: '/root' };
      const user = attempt.startsWith('su ') ? machine.user : asRoot;
      const { report } = await run(attempt, { user });
      expect(report.exit).not.toEqual({ kind: 'exited', code: 0 });
      expect(report.exit.kind).toBe('exited');
    });

    test('a run as root finds no secrets in /etc', async () => {
      const user = { name: 'root', uid: 0, gid: 0, home: '/root' };
      const { report, stdout } = await run(
        'cat /etc/shadow /etc/gshadow; ls /etc/sudoers.d /etc/ssl/private',
        {
          user,
        },
      );
      expect(report.exit.kind).toBe('exited');
      expect(stdout.replaceAll(/^\/etc\/.*:$/gm, '').trim()).toBe('');
    });

    test('it finds what programs need: names, hosts, resolver, time zones, devices', async () => {
      const environment = await newEnvironment();
      const { stdout } = await run(
        'hostname; getent hosts $(hostname) | cut -d" " -f1; cat /etc/resolv.conf | wc -l; id -un; TZ=Europe/Zurich date +%Z; head -c 4 /dev/urandom | wc -c; echo x >/dev/shm/x; echo x >/var/tmp/x; cat /tmp/x; id -G',
        { environment },
      );
      const [hostname, address, resolver, user, zone, random, temporary, groups] = stdout.split('\n');
      expect([hostname, address, user, random, temporary]).toEqual([
        environment,
        '127.0.1.1',
        machine.user.name,
        '4',
        'x',
      ]);
      expect(Number(resolver)).toBe(readFileSync('/etc/resolv.conf', 'utf8').split('\n').length - 1);
      expect(zone).toMatch(/^CES?T$/);
      expect(groups).toBe(String(machine.user.gid));
    });

    test('its /tmp is its own, and is empty for the next run', async () => {
      const environment = await newEnvironment();
      await run('echo mine >/tmp/mine', { environment });
      // The root of these tests lies below /tmp.
      const { stdout } = await run('ls -A /tmp', { environment });
      expect(stdout).toBe(machine.root.split('/')[2]);
      expect(existsSync('/tmp/mine')).toBe(false);
    });

    test('a folder of the host below the root is no way out', async () => {
      const { stdout } = await run('ln -sf /run way-out; ls way-out/; ls /proc/1/root/run 2>/dev/null');
      expect(stdout).toBe('');
    });
  });

  describe('limits', () => {
    test('a fork bomb ends at the edge of its environment, and others start meanwhile', async () => {
      const environment = await newEnvironment({ processes: 40 });
      const { handle } = await start('echo ready; f() { f | f & f; }; f 2>/dev/null', { environment });
      await printed(handle.runId, 'ready');
      expect((await run('exit 3')).report.exit).toEqual({ kind: 'exited', code: 3 });
      expect(runtime.environmentUsage(environment)?.processes).toBeLessThanOrEqual(40);
      await runtime.kill(handle);
      await ended(handle.runId);
      expect(runtime.environmentUsage(environment)?.processes).toBe(0);
    });

    test('a run that finds no room for its program says so', async () => {
      const environment = await newEnvironment({ processes: 30 });
      const { handle } = await start('for i in $(seq 25); do sleep 1000 & done; echo ready; wait', {
        environment,
      });
      await printed(handle.runId, 'ready');
      await limit(environment, { processes: 20 });
      const refused = await runtime.start(specOf(['true'], { environment })).then(
        async (late) => {
          started.push(late);
          return (await ended(late.handle.runId)).exit;
        },
        (error: unknown) => error,
      );
      // Where exactly the wall is hit depends on the OCI runtime; a success it is not.
      if (refused instanceof Error) expect(refused).toBeInstanceOf(StartFailure);
      else expect(refused).toEqual({ kind: 'exited', code: 126 });
    });

    /** Holds so many MB: dd fills its buffer, writes one byte more than the pipe takes, and waits. */
    const holds = (megabytes: number) =>
      `dd if=/dev/zero bs=${megabytes * megabyte} count=1 2>/dev/null | { head -c 1 >/dev/null; echo ready; exec sleep 1000; }`;

    /** The same, and ends when the process that holds the memory is killed. */
    const endsWith = (megabytes: number) =>
      `mkfifo $$; dd if=/dev/zero of=$$ bs=${megabytes * megabyte} count=1 & holder=$!
       (exec 9<$$; head -c 1 <&9 >/dev/null; echo ready; exec sleep 1000) & wait $holder; exit 9`;

    test('the memory of an environment holds for two runs together, and the report says out of memory', async () => {
      const environment = await newEnvironment({ memory: 100 });
      const first = await start(endsWith(60), { environment });
      await printed(first.handle.runId, 'ready');
      const second = await start(['dd', 'if=/dev/zero', 'of=/dev/null', `bs=${80 * megabyte}`], {
        environment,
      });
      const hit = await reports.first('a report', ({ runId }) =>
        [first.handle.runId, second.handle.runId].includes(runId),
      );
      expect(hit.outOfMemory).toMatchObject({ scope: 'environment', limitBytes: 100 * megabyte });
      expect(hit.outOfMemory?.heldBytes).toBeGreaterThan(30 * megabyte);
      expect(hit.outOfMemory?.othersBytes).toBeGreaterThan(10 * megabyte);
      expect(runtime.environmentUsage(environment)?.outOfMemoryKills).toBe(1);
      await runtime.release(hit.runId);
      expect(runtime.environmentUsage(environment)?.outOfMemoryKills).toBe(1);
    });

    test('a larger plan takes effect on a running run', async () => {
      const environment = await newEnvironment({ memory: 40 });
      const { handle } = await start(`echo waiting; until [ -e go ]; do sleep 0.05; done; ${holds(80)}`, {
        environment,
      });
      await printed(handle.runId, 'waiting');
      await limit(environment, { memory: 256 });
      await writeFile(join(machine.root, 'go'), '');
      await printed(handle.runId, 'ready');
      expect(runtime.usage(handle)?.memoryBytes).toBeGreaterThan(75 * megabyte);
      expect(reports.all.filter((report) => report.runId === handle.runId)).toEqual([]);
    });

    test('a limit smaller than what is held ends the run that holds most, as out of memory, and no other', async () => {
      const environment = await newEnvironment({ memory: 200 });
      const small = await start(holds(10), { environment });
      await printed(small.handle.runId, 'ready');
      const { handle } = await start(endsWith(80), { environment });
      await printed(handle.runId, 'ready');
      await limit(environment, { memory: 40 });
      const { outOfMemory, exit } = await ended(handle.runId);
      expect(exit).not.toEqual({ kind: 'exited', code: 0 });
      expect(outOfMemory).toMatchObject({ scope: 'environment', limitBytes: 40 * megabyte });
      expect(outOfMemory?.heldBytes).toBeGreaterThan(70 * megabyte);
      expect(outOfMemory?.othersBytes).toBeGreaterThan(9 * megabyte);
      expect(runtime.usage(small.handle)?.memoryBytes).toBeGreaterThan(9 * megabyte);
      expect(reports.all.filter(({ runId }) => runId === small.handle.runId)).toEqual([]);
    });

    test('the processor time of an environment is limited', async () => {
      const environment = await newEnvironment({ cpu: 0.2 });
      const began = performance.now();
      const { report } = await run('timeout 1 sh -c "while :; do :; done"; exit 0', { environment });
      // Its share, and not its seconds: on a slow machine the run's start takes its time within the limit too.
      const elapsedSeconds = (performance.now() - began) / 1000;
      expect(report.cpuSeconds).toBeGreaterThan(0.05);
      expect((report.cpuSeconds ?? 0) / elapsedSeconds).toBeLessThan(0.35);
      expect(runtime.environmentUsage(environment)?.throttledSeconds).toBeGreaterThan(0.1);
    });

    test.skipIf(findProgramFile('php') === undefined)(
      "PHP's memory_limit is the soft limit, and a script may lift it",
      async () => {
        const show = 'echo ini_get("memory_limit"), "\\n";';
        const { stdout } = await run(['php', '-r', `${show} ini_set("memory_limit", "1500M"); ${show}`], {
          softLimitBytes: 1024 * megabyte,
        });
        expect(stdout).toBe('1024M\n1500M');
        const without = await run(['php', '-r', show]);
        expect(without.stdout).not.toBe('1024M');
      },
    );
  });

  describe('init', () => {
    test('a program has the default disposition of every signal', async () => {
      const { stdout, stderr } = await run('grep -E "^Sig(Ign|Blk)" /proc/self/status; yes | head -1');
      expect(stdout).toMatch(/^SigBlk:\s0+\nSigIgn:\s0+\ny$/);
      expect(stderr).toBe('');
    });

    test("a shell's words about a killed program are not in the job's output", async () => {
      const { handle } = await start('echo ready; exec sleep 1000');
      await printed(handle.runId, 'ready');
      await runtime.signal(handle, 'TERM');
      const { exit } = await ended(handle.runId);
      expect(exit).toEqual({ kind: 'signalled', signal: 'TERM' });
      const records = parseCriLog(await readFile(machine.logPath(handle.runId)));
      expect(streamBytes(records, 'stderr').toString()).toBe('');
    });

    test('a thousand orphans are reaped', { timeout: 90_000 }, async () => {
      const { handle } = await start(
        'i=0; while [ $i -lt 1000 ]; do (true &); i=$((i+1)); done; n=1; while [ $n != 0 ]; do n=$(grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l); done; exit 5',
      );
      const report = await ended(handle.runId, 80_000);
      expect(report.exit).toEqual({ kind: 'exited', code: 5 });
      expect(report.leftovers).toEqual([]);
    });

    test('a signal that comes at once after the start reaches the program', async () => {
      const { handle } = await start(['sleep', '1000']);
      await runtime.signal(handle, 'TERM');
      expect((await ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal: 'TERM' });
    });

    test('a hundred processes at most are named, and hostile names do no harm', async () => {
      const { report } = await run(
        'for i in $(seq 150); do sleep 1000 & done; sh -c \'exec -a "$(printf "a\\nb\\033[31m")" sleep 1000\' & exit 4',
        { environment: await newEnvironment({ processes: 400 }) },
      );
      expect(report.exit).toEqual({ kind: 'exited', code: 4 });
      expect(report.leftovers).toHaveLength(100);
      expect(report.leftovers.every(({ command }) => /^[\x20-\x7e…]*$/.test(command))).toBe(true);
      expect(report.leftovers[0]?.command).toBe('sleep 1000');
    });

    test('a note that the job itself filled is bounded, and no other run is harmed', async () => {
      const { report } = await run('head -c 64000000 /dev/zero >/.nightshift/leftovers 2>/dev/null; exit 6');
      expect(report.exit).toEqual({ kind: 'exited', code: 6 });
      expect(report.leftovers).toEqual([]);
      await runtime.release(report.runId);
      expect((await run('exit 0')).report.exit).toEqual({ kind: 'exited', code: 0 });
    });

    test('a program that is not found, or not to be executed, ends as in a shell', async () => {
      const missing = await run(['no-such-program']);
      expect(missing.report.exit).toEqual({ kind: 'exited', code: 127 });
      expect(missing.stderr).toContain('no-such-program: not found');
      const folder = await run(['/etc/passwd']);
      expect(folder.report.exit).toEqual({ kind: 'exited', code: 126 });
      // What a shell has built in is no program here.
      expect((await run(['cd', '/'])).report.exit).toEqual({ kind: 'exited', code: 127 });
    });
  });

  describe('start', () => {
    const bundles = () => readdirSync(join('/run/nightshift', machine.instance, 'bundles'));

    test('a start that fails leaves nothing and tells why', async () => {
      const spec = specOf(['true'], { root: '/nonexistent/root' });
      await expect(runtime.start(spec)).rejects.toMatchObject({ retryable: false });
      const broken = specOf(['true'], { output: { kind: 'log', path: '/nonexistent/folder/x.log' } });
      await expect(runtime.start(broken)).rejects.toBeInstanceOf(StartFailure);
      expect(bundles()).not.toContain(spec.runId);
      expect(bundles()).not.toContain(broken.runId);
      expect(reports.all.filter(({ runId }) => [spec.runId, broken.runId].includes(runId))).toEqual([]);
    });

    test('a run id that is no file name is refused', async () => {
      for (const runId of ['../x', '', 'a/b', '.hidden', 'x'.repeat(200)]) {
        await expect(runtime.start(specOf(['true'], { runId }))).rejects.toBeInstanceOf(StartFailure);
      }
    });
  });

  describe('a killed conmon', () => {
    test('is noticed within ten seconds, and its run is ended', async () => {
      const { handle } = await start('echo ready; exec sleep 1000');
      await printed(handle.runId, 'ready');
      process.kill(handle['conmonPid'] as number, 'SIGKILL');
      const report = await ended(handle.runId);
      expect(report.exit).toEqual({ kind: 'unknown', why: expect.stringContaining('conmon') });
      expect(runtime.usage(handle)).toBeUndefined();
      // The kernel takes a process out of its group a moment before it is gone.
      await vi.waitFor(() =>
        expect(identify(handle['initPid'] as number)?.startTime).not.toBe(handle['initStartTime']),
      );
    });

    test('while the daemon was down: the run is ended, and nobody invents an exit code', async () => {
      const { handle } = await start('echo ready; exec sleep 1000');
      await printed(handle.runId, 'ready');
      runtime.onExit = () => undefined;
      process.kill(handle['conmonPid'] as number, 'SIGKILL');
      process.kill(handle['initPid'] as number, 'SIGKILL');
      use(await machine.again());
      const open = { runId: handle.runId, environment: handle['environment'] as string, handle };
      expect((await runtime.recover([open])).adopted).toEqual([]);
      expect((await ended(handle.runId)).exit.kind).toBe('unknown');
    });
  });

  test('after a restart of the machine nothing is signalled, even when the pids are there again', async () => {
    const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const identity = identify(stranger.pid ?? 0);
    if (identity === undefined) throw new Error('no stranger');
    try {
      const { handle } = await start('exit 0');
      await ended(handle.runId);
      await runtime.release(handle.runId);
      started.length = 0;
      const [initPid, initStartTime] = [identity.pid, identity.startTime];
      const stale = {
        ...handle,
        runId: 'run-of-another-boot',
        bootId: 'another-boot',
        initPid,
        initStartTime,
      };
      use(await machine.again());
      const recovery = await runtime.recover([{ runId: stale.runId, environment: 'env-any', handle: stale }]);
      expect(recovery).toEqual({ adopted: [], strays: [] });
      const report = await ended(stale.runId);
      expect(report.exit).toEqual({ kind: 'unknown', why: 'the machine was restarted' });
      expect(isAlive(identity)).toBe(true);
      await runtime.release(stale.runId);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('nothing is left on the machine when all runs are released and the runtime is closed', async () => {
    const own = await makeMachine();
    const end = new Promise<ExitReport>((tell) => {
      own.runtime.onExit = tell;
    });
    await own.runtime.recover([]);
    const { handle } = await own.runtime.start(
      specOf(['true'], {
        environment: 'env-gone',
        root: own.root,
        output: { kind: 'log', path: own.logPath('x') },
      }),
    );
    await end;
    await own.runtime.release(handle.runId);
    await own.runtime.removeEnvironment('env-gone');
    await own.runtime.close();
    expect(existsSync(join('/run/nightshift', own.instance))).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(own.instance);
    expect(remnantGroups([own.instance])).toEqual([]);
    await own.dispose();
  });
});
