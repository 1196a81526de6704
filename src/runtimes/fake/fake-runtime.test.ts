import { describe, expect, it } from 'vitest';
import { EventLog } from '../../../test/testkit/event-log.ts';
import { FakeClock } from '../../../test/testkit/fake-clock.ts';
import type { ExitReport, RunSpec } from '../runtime.ts';
import { StartFailure } from '../runtime.ts';
import { FakeMachine } from './fake-machine.ts';
import {
  exits,
  type FakeFailure,
  type FakeProgram,
  failsToStart,
  finishesOnTerm,
  ignoresTerm,
  runsForever,
} from './fake-program.ts';
import { createFakeRuntime } from './fake-runtime.ts';

function stage(program: FakeProgram | FakeFailure) {
  const clock = new FakeClock();
  const machine = new FakeMachine(clock);
  const reports = new EventLog<ExitReport>();
  const make = () => {
    const runtime = createFakeRuntime({ machine, program: () => program });
    runtime.onExit = reports.push;
    return runtime;
  };
  const spec: RunSpec = {
    runId: 'run-1',
    environment: 'shop',
    job: 'mails',
    argv: ['anything'],
    root: '/srv/shop',
    user: { name: 'shop', uid: 1000, gid: 1000, home: '/srv/shop' },
    variables: {},
    softLimitBytes: null,
    output: { kind: 'log', path: '/logs/run-1' },
  };
  return { clock, machine, reports, make, runtime: make(), spec };
}

describe('the fake runtime on a fake clock', () => {
  it('ends a program at its moment and not before', async () => {
    const { runtime, clock, reports, spec } = stage(exits(4, 1_000));
    const { startedAt } = await runtime.start(spec);
    clock.advance(999);
    expect(reports.all).toEqual([]);
    clock.advance(1);
    expect(reports.all).toMatchObject([{ exit: { kind: 'exited', code: 4 }, endedAt: startedAt + 1_000 }]);
  });

  it('lets a program finish for as long as it takes after TERM', async () => {
    const { runtime, clock, reports, spec } = stage(finishesOnTerm(0, 5_000));
    const { handle } = await runtime.start(spec);
    await runtime.signal(handle, 'TERM');
    await runtime.signal(handle, 'TERM');
    clock.advance(4_999);
    expect(reports.all).toEqual([]);
    clock.advance(1);
    expect(reports.all).toMatchObject([{ exit: { kind: 'exited', code: 0 } }]);
  });

  it('ends a program by KILL also while it finishes, and once', async () => {
    const { runtime, clock, reports, spec } = stage(finishesOnTerm(0, 5_000));
    const { handle } = await runtime.start(spec);
    await runtime.signal(handle, 'TERM');
    await runtime.kill(handle);
    clock.advance(10_000);
    expect(reports.all).toMatchObject([{ exit: { kind: 'signalled', signal: 'KILL' } }]);
  });

  it('keeps a program that hangs in the kernel until it dies', async () => {
    const { runtime, clock, reports, spec } = stage(ignoresTerm({ dyingMs: 3_000 }));
    const { handle } = await runtime.start(spec);
    await runtime.kill(handle);
    clock.advance(2_999);
    expect(runtime.usage(handle)).toBeDefined();
    clock.advance(1);
    expect(reports.all).toHaveLength(1);
  });

  it('refuses to start what fails to start, and tells no end of it', async () => {
    const { runtime, clock, reports, spec } = stage(failsToStart('the disk is full', true));
    const failure = await runtime.start(spec).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure).toMatchObject({ message: 'the disk is full', retryable: true });
    clock.advance(60_000);
    expect(reports.all).toEqual([]);
  });

  it('tells a second runtime of an end that came while nobody listened', async () => {
    const { runtime, machine, make, clock, reports, spec } = stage(exits(3, 1_000));
    const { handle, startedAt } = await runtime.start(spec);
    runtime.onExit = () => {
      throw new Error('the first runtime was killed and hears nothing');
    };
    machine.onEnd = () => undefined;
    clock.advance(60_000);
    await make().recover([{ runId: 'run-1', environment: 'shop', handle }]);
    expect(reports.all).toMatchObject([{ exit: { kind: 'exited', code: 3 }, endedAt: startedAt + 1_000 }]);
  });

  it('forgets everything when its machine starts anew', async () => {
    const { runtime, machine, make, clock, reports, spec } = stage(runsForever());
    const { handle } = await runtime.start(spec);
    machine.reboot();
    clock.advance(60_000);
    expect(await make().recover([{ runId: 'run-1', environment: 'shop', handle }])).toEqual({
      adopted: [],
      strays: [],
    });
    expect(reports.all).toMatchObject([{ runId: 'run-1', exit: { kind: 'unknown' } }]);
  });

  it('prints at the moments of its script, and remembers the signals that it got', async () => {
    const prints = [{ afterMs: 500, stream: 'stderr', text: 'half a line' } as const];
    const { runtime, machine, clock, spec } = stage(ignoresTerm({ prints }));
    const { handle } = await runtime.start(spec);
    clock.advance(499);
    expect(machine.logs.get('/logs/run-1')).toBeUndefined();
    clock.advance(1);
    expect(String(machine.logs.get('/logs/run-1'))).toMatch(/Z stderr P half a line\n$/);
    await runtime.signal(handle, 'TERM');
    expect(machine.runs.get('run-1')?.signals).toEqual(['TERM']);
  });
});
