import { join } from 'node:path';
import { afterEach, expect, it, type TestContext } from 'vitest';
import { type Holders, watchHolders } from '../../../test/testkit/fifo.ts';
import { script } from './programs.ts';
import type { Scene } from './scene.ts';

/** How a child hides from whoever ends the program. */
const disguises = {
  'a child in the background': 'sh -c "$hold" &',
  'a child with its own session (setsid)': 'setsid sh -c "$hold" &',
  'a child that forked twice': '(setsid sh -c "$hold" &);',
  'a child under nohup': 'nohup sh -c "$hold" >/dev/null 2>&1 &',
  'a child that closed all its files': 'setsid sh -c "$hold" </dev/null >/dev/null 2>&1 &',
} as const;

/** Holds the pipe `held` open for ever, and says so through it. */
const hold = 'hold=\'exec 9>held; echo held >&9; trap "" TERM HUP INT; exec sleep 1000\'; ';

/** What a program leaves behind is killed with it, whatever it did to hide. Real processes only. */
export function describeLeftovers(scene: () => Scene): void {
  let holders: Holders | undefined;
  afterEach(() => {
    holders?.dispose();
    holders = undefined;
  });
  const watchHeld = () => {
    holders = watchHolders(join(scene().root, 'held'));
    return holders;
  };
  const needsToFind = (context: TestContext) => {
    if (!scene().runtime.capabilities.killsDetached && scene().options.findsDetachedByVariable !== true)
      context.skip('this runtime does not find detached processes');
  };

  for (const [disguise, start] of Object.entries(disguises)) {
    it(`kills ${disguise} when the run is killed`, async (context) => {
      needsToFind(context);
      const held = watchHeld();
      const { handle } = await scene().startReady(script(`${hold} ${start} echo ready; sleep 1000`));
      await held.said('held');
      await scene().runtime.kill(handle);
      const report = await scene().ended(handle.runId);
      await held.gone();
      expect(report.exit).toEqual({ kind: 'signalled', signal: 'KILL' });
      expect(scene().reportsOf(handle.runId)).toHaveLength(1);
    });

    it(`kills ${disguise} when the program ends, and names it`, async (context) => {
      needsToFind(context);
      const held = watchHeld();
      // The program ends only when the child holds the pipe: the child opens the gate.
      const opens = hold.replace('exec sleep', 'echo open >gate; exec sleep');
      const { handle } = await scene().start(
        script(`mkfifo gate; ${opens} ${start} cat gate >/dev/null; exit 5`),
      );
      const report = await scene().ended(handle.runId);
      await held.gone();
      expect(report.exit).toEqual({ kind: 'exited', code: 5 });
      expect(report.leftovers.map((leftover) => leftover.command).join()).toContain('sleep');
      expect(report.leftovers.every((leftover) => leftover.pid > 0)).toBe(true);
    });
  }

  it('kills a detached child that cleaned its variables', async (context) => {
    if (!scene().runtime.capabilities.killsDetached)
      context.skip('this runtime finds detached processes by their variables, and says so');
    const held = watchHeld();
    const { handle } = await scene().startReady(
      script(`${hold} (env -i setsid sh -c "$hold" &); echo ready; sleep 1000`),
    );
    await held.said('held');
    await scene().runtime.kill(handle);
    await scene().ended(handle.runId);
    await held.gone();
  });

  it('signals the program itself and not its children', async () => {
    const held = watchHeld();
    const { handle } = await scene().start(
      script(
        `trap 'echo told; exit 0' TERM; sh -c 'exec 9>held; echo held >&9; exec sleep 1000' & echo ready; while :; do wait; done`,
      ),
    );
    await held.said('held');
    await scene().printed(handle.runId, 'ready');
    await scene().runtime.signal(handle, 'TERM');
    const report = await scene().ended(handle.runId);
    expect(report.exit).toEqual({ kind: 'exited', code: 0 });
    // Had the child got the signal, its shell would have ended before it could be found as a leftover.
    expect(report.leftovers).toHaveLength(1);
    await held.gone();
  });

  it('counts the memory of forked children', async () => {
    // dd fills its buffer, writes one byte too many for the pipe, and waits there.
    const { handle } = await scene().startReady(
      script(
        'dd if=/dev/zero bs=67108864 count=1 2>/dev/null | { head -c 1 >/dev/null; echo ready; exec sleep 1000; }',
      ),
    );
    const usage = scene().runtime.usage(handle);
    expect(usage?.memoryBytes).toBeGreaterThan(60 * 1024 * 1024);
    expect(usage?.memoryBytes).toBeLessThan(120 * 1024 * 1024);
    expect(usage?.processes).toBeGreaterThanOrEqual(3);
    expect(scene().runtime.environmentUsage(scene().environment)?.memoryBytes).toBeGreaterThan(
      60 * 1024 * 1024,
    );
    await scene().runtime.kill(handle);
    expect((await scene().ended(handle.runId)).memoryMaxBytes).toBeGreaterThan(60 * 1024 * 1024);
  });

  it('counts the processor time that a run took', async (context) => {
    if (scene().options.countsWholeCpuSeconds === true)
      context.skip('processor time is known in whole seconds here');
    const { handle } = await scene().startReady(
      script('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo ready; exec sleep 1000'),
    );
    expect(scene().runtime.usage(handle)?.cpuSeconds).toBeGreaterThan(0.02);
  });
}
