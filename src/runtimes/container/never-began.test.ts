/** Runs that an earlier daemon recorded and did not come to start: begun again under the same id, or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCriLog, streamBytes, waitForFile } from '../../../test/testkit/cri-log.ts';
import { EventLog } from '../../../test/testkit/event-log.ts';
import type { ExitReport, RunSpec } from '../runtime.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { type MachineUnderTest, makeMachine } from './machine-under-test.ts';
import { whyNoContainers } from './probe.ts';

const why = await whyNoContainers({ dataFolder: '/tmp', instance: 'test' });
if (why !== null) console.warn(`\nRuns that never began are NOT tested on this machine: ${why}\n`);

describe.skipIf(why !== null)('a run that was recorded and has no handle', () => {
  let machine: MachineUnderTest;
  let runtime: ContainerRuntime;
  let reports: EventLog<ExitReport>;
  const runId = `run-${randomBytes(6).toString('hex')}`;
  const open = { runId, environment: 'env-began', handle: null };

  beforeEach(async () => {
    machine = await makeMachine();
    await machine.runtime.recover([]);
    await again();
  });
  afterEach(() => machine.dispose());

  async function again(): Promise<void> {
    runtime = await machine.again();
    reports = new EventLog<ExitReport>();
    runtime.onExit = reports.push;
  }
  const report = () => reports.first('its report', (each) => each.runId === runId);
  const spec = (command: string): RunSpec => ({
    runId,
    environment: 'env-began',
    job: 'a-job',
    argv: ['/bin/sh', '-c', command],
    root: machine.root,
    user: machine.user,
    variables: { PATH: '/usr/bin:/bin' },
    softLimitBytes: null,
    output: { kind: 'log', path: machine.logPath(runId) },
  });
  const bundle = () => join('/run/nightshift', machine.instance, 'bundles', runId);

  test('never began when there is nothing of it, and can be started under its id', async () => {
    await runtime.recover([open]);
    expect(await report()).toMatchObject({ neverBegan: true, exit: { kind: 'unknown' } });
    await runtime.start(spec('echo once'));
    const end = await reports.first('its end', (each) => each.exit.kind === 'exited');
    expect(end.exit).toEqual({ kind: 'exited', code: 0 });
    const log = await waitForFile(machine.logPath(runId), (text) => text.includes('once'));
    expect(streamBytes(parseCriLog(Buffer.from(log)), 'stdout').toString()).toBe('once\n');
    await runtime.release(runId);
  });

  test('never began when its bundle was only just being made, of which nothing is left', async () => {
    await mkdir(bundle());
    await writeFile(join(bundle(), 'config.json'), '{}');
    await runtime.recover([open]);
    expect((await report()).neverBegan).toBe(true);
    expect(await readdir(join(bundle(), '..'))).toEqual([]);
  });

  test('never began also when the daemon that found that out was killed while it removed what was there', async () => {
    await machine.runtime.start(spec('exec sleep 60'));
    // As it is between the two: it was noted, its container's init is gone, the container is not.
    await rm(join(bundle(), 'handle.json'));
    await writeFile(join(bundle(), 'never-began'), '');
    const init = Number(await readFile(join(bundle(), 'pid'), 'utf8'));
    process.kill(init, 'SIGKILL');
    await runtime.recover([open]);
    expect((await report()).neverBegan).toBe(true);
    expect(await readdir(join(bundle(), '..'))).toEqual([]);
  });

  test('is told as unknown when the container is there and the OCI runtime can not say what became of it', async () => {
    const made = join('/run/nightshift', machine.instance, 'oci', `ns-${runId}`);
    await mkdir(made);
    await writeFile(join(made, 'state.json'), 'garbage');
    await runtime.recover([open]);
    expect((await report()).neverBegan).toBeUndefined();
    await rm(made, { recursive: true });
    await runtime.release(runId);
  });

  test('is told with its code when it ends while it is looked for', async () => {
    const { handle } = await machine.runtime.start(spec('sleep 0.3; exit 9'));
    await rm(join(bundle(), 'handle.json'));
    // Its init is what the container's handle would be made of again.
    await rm(join(bundle(), 'pid'));
    await runtime.recover([open]);
    expect((await report()).exit).toEqual({ kind: 'exited', code: 9 });
    expect(handle.runId).toBe(runId);
    await runtime.release(runId);
  });

  test('is told as unknown when another runtime knew of it', async () => {
    await runtime.recover([{ ...open, handle: { runtime: 'process', version: 1, runId } }]);
    expect((await report()).neverBegan).toBeUndefined();
  });

  test('is told as unknown when the notes of the runtime are gone, as after a restart of the machine', async () => {
    await runtime.close();
    await again();
    await runtime.recover([open]);
    const told = await report();
    expect(told.neverBegan).toBeUndefined();
    expect(told.exit).toMatchObject({ kind: 'unknown', why: expect.stringContaining('gone') });
  });
});
