import { expect, it } from 'vitest';
import { within } from '../../../test/testkit/deadline.ts';
import type { Scene } from './scene.ts';

/** The walls around an environment's runs, and what they use together. */
export function describeEnvironmentWalls(scene: () => Scene): void {
  it('takes new limits twice, with a run in between that does not notice', async () => {
    const { handle } = await scene().startReady({ kind: 'runs-forever' });
    await scene().limit(1024);
    await scene().limit(256);
    await scene().limit(256);
    expect(scene().runtime.usage(handle)).toBeDefined();
    expect(scene().reports.all).toEqual([]);
  });

  it('counts what all runs of an environment use together', async () => {
    const first = await scene().startReady({ kind: 'runs-forever' });
    const second = await scene().startReady({ kind: 'runs-forever' });
    const usage = scene().runtime.environmentUsage(scene().environment);
    expect(usage?.processes).toBeGreaterThanOrEqual(2);
    expect(usage?.memoryBytes).toBeGreaterThan(0);
    expect(usage?.swapBytes).toBeGreaterThanOrEqual(0);
    for (const { handle } of [first, second]) await scene().runtime.kill(handle);
  });

  it('knows nothing of an environment that was never limited', () => {
    expect(scene().runtime.environmentUsage('env-nobody-knows')).toBeUndefined();
  });

  it('removes an environment whose runs have ended, and makes it anew', async () => {
    const { runId } = await scene().run({ kind: 'exits', code: 0 });
    await scene().runtime.release(runId);
    await scene().runtime.removeEnvironment(scene().environment);
    expect(scene().runtime.environmentUsage(scene().environment)).toBeUndefined();
    await scene().runtime.removeEnvironment('env-nobody-knows');
    await scene().limit();
    expect((await scene().run({ kind: 'exits', code: 4 })).exit).toEqual({ kind: 'exited', code: 4 });
  });

  it('ends what runs when it closes, unless runs outlive the daemon', async () => {
    const { handle } = await scene().startReady({ kind: 'ignores-term' });
    await within('close', scene().runtime.close());
    if (scene().runtime.capabilities.outlivesDaemon) {
      expect(scene().reportsOf(handle.runId)).toEqual([]);
      await scene().crash([{ runId: handle.runId, environment: scene().environment, handle }]);
    } else {
      expect((await scene().ended(handle.runId)).exit).toEqual({ kind: 'signalled', signal: 'KILL' });
    }
  });
}
