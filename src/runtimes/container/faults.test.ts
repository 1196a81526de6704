/** An OCI runtime that hangs, fails or prints garbage: a sentence, nothing left behind, and nobody else held up. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventLog } from '../../../test/testkit/event-log.ts';
import { systemClock } from '../../../test/testkit/system-clock.ts';
import type { Clock } from '../../domain/clock.ts';
import { type ExitReport, type RunSpec, StartFailure } from '../runtime.ts';
import { findProgramFile, ociRuntimes } from './machine.ts';
import { type MachineUnderTest, makeMachine } from './machine-under-test.ts';
import { whyNoContainers } from './probe.ts';

const why = await whyNoContainers({ dataFolder: '/tmp', instance: 'test' });
if (why !== null) console.warn(`\nFaults of OCI runtimes are NOT tested on this machine: ${why}\n`);

/** Long waits pass in a quarter of their time, short ones as they are. */
const hurried: Clock = {
  ...systemClock,
  after: (ms, act) => systemClock.after(ms > 1000 ? ms / 4 : ms, act),
};

describe.skipIf(why !== null)('with an OCI runtime that', () => {
  let folder: string;
  let machine: MachineUnderTest;
  let reports: EventLog<ExitReport>;

  /** A file `fault` in the folder holds shell lines that run before the true runtime does. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightshift-faults-'));
    const path = join(folder, 'faulty');
    const faults = join(folder, 'fault');
    await writeFile(faults, '');
    const candidates = ociRuntimes.flatMap((name) => findProgramFile(name) ?? []);
    const wrappers = await Promise.all(
      candidates.map(async (program) => {
        const wrapper = `${path}-${program.replaceAll('/', '-')}`;
        await writeFile(wrapper, `#!/bin/sh\n. ${faults}\nexec ${program} "$@"\n`);
        await chmod(wrapper, 0o755);
        return wrapper;
      }),
    );
    machine = await makeMachine({ clock: hurried, ociRuntimes: wrappers });
    reports = new EventLog<ExitReport>();
    machine.runtime.onExit = reports.push;
    await machine.runtime.recover([]);
  });
  afterEach(async () => {
    await fault('');
    await machine.dispose();
    await rm(folder, { recursive: true });
  });

  const fault = (lines: string) => writeFile(join(folder, 'fault'), lines);
  const spec = (argv: readonly string[]): RunSpec => {
    const runId = `run-${randomBytes(6).toString('hex')}`;
    return {
      runId,
      environment: 'env-faults',
      job: 'a-job',
      argv,
      root: machine.root,
      user: machine.user,
      variables: { PATH: '/usr/bin:/bin' },
      softLimitBytes: null,
      output: { kind: 'log', path: machine.logPath(runId) },
    };
  };
  const startFails = async (): Promise<StartFailure> => {
    const failed = await machine.runtime.start(spec(['sleep', '1000'])).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StartFailure);
    return failed as StartFailure;
  };
  const nothingIsLeft = async () => {
    const state = join('/run/nightshift', machine.instance);
    for (const part of ['bundles', 'oci', 'exits', 'persist', 'notes']) {
      expect(await readdir(join(state, part)), part).toEqual([]);
    }
    expect(reports.all).toEqual([]);
    // The machine's own init reaps what conmon left, when it comes to it; until then the kernel counts it.
    await vi.waitFor(
      () => expect(machine.runtime.environmentUsage('env-faults')?.processes ?? 0).toBe(0),
      10_000,
    );
  };
  const on = (verb: string, lines: string) => `case " $* " in *" ${verb} "*) ${lines} ;; esac\n`;

  test.each(['create', 'start'])('hangs in %s, a start fails in time', async (verb) => {
    await fault(on(verb, 'exec sleep 1000'));
    const failure = await startFails();
    expect(failure.message).toContain('in time');
    expect(failure.retryable).toBe(true);
    await nothingIsLeft();
    await fault('');
    const { handle } = await machine.runtime.start(spec(['true']));
    await reports.first('its end', (report) => report.runId === handle.runId);
    await machine.runtime.release(handle.runId);
  });

  test.each(['create', 'start'])('fails in %s, a start fails with its words', async (verb) => {
    await fault(on(verb, 'echo "no luck today" >&2; exit 1'));
    expect((await startFails()).message).toContain('no luck today');
    await nothingIsLeft();
  });

  test('is killed in create, a start fails', async () => {
    await fault(on('create', 'kill -9 $$'));
    await startFails();
    await nothingIsLeft();
  });

  test('prints garbage where a pid is expected, a start fails', async () => {
    await fault(on('create', 'echo garbage; exit 0'));
    await startFails();
    await nothingIsLeft();
  });

  test('says that it started and did not, a start fails', async () => {
    await fault(on('start', 'echo garbage; exit 0'));
    expect((await startFails()).message).toContain('it did not');
    await nothingIsLeft();
  });

  test('hangs in delete, a successor starts all the same, and the trouble is told', async () => {
    const first = spec(['true']);
    await machine.runtime.start(first);
    await reports.first('its end', (report) => report.runId === first.runId);
    await fault(on('delete', 'exec sleep 1000'));
    await machine.runtime.release(first.runId);
    const second = spec(['true']);
    await machine.runtime.start(second);
    await reports.first('its end', (report) => report.runId === second.runId);
    await machine.runtime.close();
    expect(machine.troubles.join()).toContain(first.runId);
    await fault('');
    await machine.again().then(async (next) => {
      next.onExit = reports.push;
      await next.recover([]);
      await next.close();
    });
  });

  test.each([
    ['hangs', 'exec sleep 1000'],
    ['fails', 'echo "no luck today" >&2; exit 1'],
  ])('%s in state, it is asked again what became of a run whose start was not recorded', async (_, lines) => {
    const { handle } = await machine.runtime.start(spec(['sleep', '1000']));
    const open = { runId: handle.runId, environment: 'env-faults', handle: null };
    await rm(join('/run/nightshift', machine.instance, 'bundles', handle.runId, 'handle.json'));
    const asked = join(folder, 'asked');
    await fault(on('state', `test -e ${asked} || { : > ${asked}; ${lines}; }`));
    const next = await machine.again();
    next.onExit = reports.push;
    const { adopted } = await next.recover([open]);
    expect(existsSync(asked)).toBe(true);
    expect(adopted.map((each) => each.runId)).toEqual([handle.runId]);
    await next.kill(adopted[0]?.handle ?? handle);
    await reports.first('its end', (report) => report.runId === handle.runId);
    await next.release(handle.runId);
  });

  test('holds the run of another, that one is not held up', async () => {
    const held = spec(['true']);
    await fault(`case "$*" in *" create "*${held.runId}*) sleep 1000 ;; esac\n`);
    const failing = machine.runtime.start(held).catch((error: unknown) => error);
    const quick = spec(['true']);
    await machine.runtime.start(quick);
    expect((await reports.first('its end', (report) => report.runId === quick.runId)).exit.kind).toBe(
      'exited',
    );
    expect(await failing).toBeInstanceOf(StartFailure);
    await machine.runtime.release(quick.runId);
    expect((await readFile(machine.logPath(quick.runId))).length).toBe(0);
  });
});
