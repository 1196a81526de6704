import { expect, it, type TestContext } from 'vitest';
import type { Scene } from './scene.ts';

/** What a new daemon finds: the runs of the one before it that was killed. */
export function describeRecovery(scene: () => Scene): void {
  const needs = (context: TestContext, outlives: boolean) => {
    if (!scene().canCrash) context.skip('no second instance can be made here');
    if (scene().runtime.capabilities.outlivesDaemon !== outlives)
      context.skip(outlives ? 'runs end with the daemon here' : 'runs outlive the daemon here');
  };
  const open = (handle: { runId: string } | null, runId: string) => ({
    runId,
    environment: scene().environment,
    handle: handle as never,
  });

  it('adopts a run that runs on, and reports its end', async (context) => {
    needs(context, true);
    const { handle, startedAt } = await scene().startReady({ kind: 'finishes-on-term', code: 5 });
    const recovery = await scene().crash([open(handle, handle.runId)]);
    expect(recovery.adopted.map((run) => run.runId)).toEqual([handle.runId]);
    expect(Math.abs((recovery.adopted[0]?.startedAt ?? 0) - startedAt)).toBeLessThan(2_000);
    expect(scene().reportsOf(handle.runId)).toEqual([]);
    expect(scene().runtime.usage(recovery.adopted[0]?.handle ?? handle)).toBeDefined();
    await scene().runtime.signal(recovery.adopted[0]?.handle ?? handle, 'TERM');
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 5 });
    expect((await scene().output(handle.runId)).toString()).toBe('ready\nbye\n');
  });

  it('adopts a run whose start was not recorded in time', async (context) => {
    needs(context, true);
    const { handle } = await scene().startReady({ kind: 'runs-forever' });
    const recovery = await scene().crash([open(null, handle.runId)]);
    expect(recovery.adopted.map((run) => run.runId)).toEqual([handle.runId]);
    await scene().runtime.kill(recovery.adopted[0]?.handle ?? handle);
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal: 'KILL' });
  });

  it('reports a run that ended meanwhile with its code and its time', async (context) => {
    needs(context, true);
    const { handle } = await scene().start({ kind: 'exits', code: 9 });
    const first = await scene().ended(handle.runId);
    const recovery = await scene().crash([open(handle, handle.runId)]);
    expect(recovery.adopted).toEqual([]);
    const again = await scene().reports.first('the second report', (report) => report !== first);
    expect(again).toMatchObject({ runId: handle.runId, exit: { kind: 'exited', code: 9 } });
    expect(Math.abs(again.endedAt - first.endedAt)).toBeLessThan(1_000);
  });

  it('reports a run that ended while nobody listened', async (context) => {
    needs(context, true);
    const { handle } = await scene().startReady({ kind: 'finishes-on-term', code: 6 });
    await scene().runtime.signal(handle, 'TERM');
    await scene().crash([open(handle, handle.runId)]);
    expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'exited', code: 6 });
  });

  it('ends what runs under its name and nobody knows', async (context) => {
    if (!scene().canCrash) context.skip('no second instance can be made here');
    const { handle } = await scene().startReady({ kind: 'ignores-term' });
    const recovery = await scene().crash([]);
    expect(recovery.adopted).toEqual([]);
    expect(recovery.strays.join(' ')).toContain(handle.runId);
    expect(scene().runtime.usage(handle)).toBeUndefined();
  });

  it('reports an open run without a trace as unknown, with why', async (context) => {
    if (!scene().canCrash) context.skip('no second instance can be made here');
    const recovery = await scene().crash([open(null, 'run-without-a-trace')]);
    expect(recovery).toEqual({ adopted: [], strays: [] });
    const report = await scene().ended('run-without-a-trace');
    expect(report.exit).toEqual({ kind: 'unknown', why: expect.stringMatching(/\w+ \w+ \w+/) });
  });

  it('reports a released run as unknown when it is asked for again', async (context) => {
    if (!scene().canCrash) context.skip('no second instance can be made here');
    const { handle } = await scene().start({ kind: 'exits', code: 0 });
    const first = await scene().ended(handle.runId);
    await scene().runtime.release(handle.runId);
    const recovery = await scene().crash([open(handle, handle.runId)]);
    expect(recovery).toEqual({ adopted: [], strays: [] });
    const again = await scene().reports.first('the second report', (report) => report !== first);
    expect(again.exit.kind).toBe('unknown');
  });

  it('ends the runs that the daemon left behind, and says that nobody knows how they ended', async (context) => {
    needs(context, false);
    const { handle } = await scene().startReady({ kind: 'ignores-term' });
    const recovery = await scene().crash([open(handle, handle.runId)]);
    expect(recovery).toEqual({ adopted: [], strays: [] });
    const report = await scene().ended(handle.runId);
    expect(report.exit).toEqual({ kind: 'unknown', why: expect.stringContaining('the daemon ended') });
    expect(scene().runtime.usage(handle)).toBeUndefined();
  });

  it('starts new runs after it has recovered', async (context) => {
    if (!scene().canCrash) context.skip('no second instance can be made here');
    await scene().crash([]);
    await scene().limit();
    expect((await scene().run({ kind: 'exits', code: 2 })).exit).toEqual({ kind: 'exited', code: 2 });
  });
}
