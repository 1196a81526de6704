import { expect, it } from 'vitest';
import { within } from '../../../test/testkit/deadline.ts';
import type { Scene } from './scene.ts';

/** A run from its start to its report: exit codes, signals, kill, release. */
export function describeLife(scene: () => Scene): void {
  it('starts a program and reports its exit code', async () => {
    const before = Date.now();
    const { handle, startedAt, streams } = await scene().start({ kind: 'exits', code: 7 });
    const report = await scene().ended(handle.runId);
    expect(report.exit).toEqual({ kind: 'exited', code: 7 });
    expect(report.leftovers).toEqual([]);
    expect(report.outOfMemory).toBeNull();
    expect(streams).toBeNull();
    // A file's time, where the moment comes from one, is a tick of the kernel coarser than the clock.
    expect(startedAt).toBeGreaterThan(before - 50);
    expect(report.endedAt).toBeGreaterThan(startedAt - 50);
    expect(report.endedAt).toBeLessThan(Date.now() + 50);
  });

  it('reports exit code 0 as such', async () => {
    expect((await scene().run({ kind: 'exits', code: 0 })).exit).toEqual({ kind: 'exited', code: 0 });
  });

  it('has a handle that survives being written down', async () => {
    const { handle } = await scene().startReady({ kind: 'runs-forever' });
    expect(handle).toMatchObject({ runtime: scene().runtime.name, runId: handle.runId });
    expect(Number.isInteger(handle.version)).toBe(true);
    await scene().runtime.signal(JSON.parse(JSON.stringify(handle)), 'TERM');
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal: 'TERM' });
  });

  it.each(['KILL', 'USR1', 'ABRT'] as const)('reports that a program ended by signal %s', async (signal) => {
    const report = await scene().run({ kind: 'dies-of', signal });
    expect(report.exit).toEqual({ kind: 'signalled', signal });
  });

  it('ends a program that is not found with exit code 127, as a shell does', async () => {
    const report = await scene().run({ kind: 'not-found' });
    expect(report.exit).toEqual({ kind: 'exited', code: 127 });
    expect((await scene().output(report.runId, 'stderr')).toString()).toContain('/nonexistent/program');
  });

  it.each(['TERM', 'INT', 'HUP'] as const)('ends a program that does nothing about %s', async (signal) => {
    const { handle } = await scene().startReady({ kind: 'runs-forever' });
    await scene().runtime.signal(handle, signal);
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal });
  });

  it('lets a program finish in its own way on TERM', async () => {
    const { handle } = await scene().startReady({ kind: 'finishes-on-term', code: 3 });
    await scene().runtime.signal(handle, 'TERM');
    const report = await scene().ended(handle.runId);
    expect(report.exit).toEqual({ kind: 'exited', code: 3 });
    expect((await scene().output(handle.runId)).toString()).toBe('ready\nbye\n');
  });

  it('ends a program that ignores TERM when it is killed, and tells it once', async () => {
    const { handle } = await scene().startReady({ kind: 'ignores-term' });
    await scene().runtime.signal(handle, 'TERM');
    await scene().runtime.kill(handle);
    const report = await scene().ended(handle.runId);
    expect(report.exit).toEqual({ kind: 'signalled', signal: 'KILL' });
    await scene().quiet();
    expect(scene().reportsOf(handle.runId)).toHaveLength(1);
  });

  it('tells a run once whose end and kill race each other', async () => {
    const handles = [];
    for (let round = 0; round < 8; round++) {
      const { handle } = await scene().start({ kind: 'exits', code: 0 });
      handles.push(handle);
      await Promise.all([scene().runtime.kill(handle), scene().runtime.kill(handle)]);
    }
    for (const { runId } of handles) {
      const { exit } = await scene().ended(runId);
      expect([
        { kind: 'exited', code: 0 },
        { kind: 'signalled', signal: 'KILL' },
      ]).toContainEqual(exit);
    }
    await scene().quiet();
    for (const { runId } of handles) expect(scene().reportsOf(runId)).toHaveLength(1);
  });

  it('takes signal and kill for a run that has ended as done', async () => {
    const { handle } = await scene().start({ kind: 'exits', code: 0 });
    await scene().ended(handle.runId);
    await scene().runtime.signal(handle, 'TERM');
    await scene().runtime.kill(handle);
    await scene().runtime.release(handle.runId);
    await scene().runtime.signal(handle, 'TERM');
    await scene().runtime.kill(handle);
    await scene().quiet();
    expect(scene().reportsOf(handle.runId)).toHaveLength(1);
  });

  it('carries two runs at the same time and keeps them apart', async () => {
    const [first, second] = await Promise.all([
      scene().start({ kind: 'runs-forever' }),
      scene().start({ kind: 'prints', text: 'only the second' }),
    ]);
    const secondEnd = await scene().ended(second.handle.runId);
    await scene().printed(first.handle.runId, 'ready');
    expect(secondEnd.exit).toEqual({ kind: 'exited', code: 0 });
    expect(scene().reportsOf(first.handle.runId)).toEqual([]);
    expect(scene().runtime.usage(first.handle)).toBeDefined();
    expect((await scene().output(second.handle.runId)).toString()).toBe('only the second\n');
    await scene().runtime.kill(first.handle);
    await scene().ended(first.handle.runId);
    expect((await scene().output(first.handle.runId)).toString()).toBe('ready\n');
  });

  it('knows what a run uses while it runs, and nothing after its end', async () => {
    const { handle } = await scene().startReady({ kind: 'runs-forever' });
    const usage = scene().runtime.usage(handle);
    expect(usage?.memoryBytes).toBeGreaterThan(0);
    expect(usage?.processes).toBeGreaterThanOrEqual(1);
    expect(usage?.cpuSeconds).toBeGreaterThanOrEqual(0);
    await scene().runtime.kill(handle);
    const report = await scene().ended(handle.runId);
    expect(scene().runtime.usage(handle)).toBeUndefined();
    expect(report.memoryMaxBytes).toBeGreaterThanOrEqual(usage?.memoryBytes ?? 0);
  });

  it('forgets a run that is released, also one that it never knew', async () => {
    const { handle } = await scene().start({ kind: 'exits', code: 0 });
    await scene().ended(handle.runId);
    await scene().runtime.release(handle.runId);
    await scene().runtime.release(handle.runId);
    await scene().runtime.release('run-nobody-knows');
    expect(scene().runtime.usage(handle)).toBeUndefined();
  });

  it('starts many short runs at once and tells each end once', async () => {
    const started = await within(
      'many starts',
      Promise.all(
        Array.from({ length: scene().options.manyRuns ?? 100 }, (_, code) =>
          scene().start({ kind: 'exits', code }),
        ),
      ),
      60_000,
    );
    for (const [code, { handle }] of started.entries()) {
      expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code });
    }
    await scene().quiet();
    expect(scene().reports.all).toHaveLength(started.length);
  });
}
