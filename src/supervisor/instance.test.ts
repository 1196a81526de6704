import { describe, expect, it } from 'vitest';
import {
  type Context,
  deadlineOf,
  type InstanceEvent,
  type InstanceState,
  idle,
  killAgainMs,
  type Step,
  step,
} from './instance.ts';

/** Walks one instance through events, at times of the test's choosing. */
function walk() {
  let state: InstanceState = idle;
  let drawn = 0;
  const clock = { now: 0 };
  const context = (): Context => ({
    now: clock.now,
    policy: { exitTimeoutMs: 10_000 },
    newRunId: () => `run-${++drawn}`,
    jitter: () => 0,
  });
  return {
    clock,
    get state() {
      return state;
    },
    on(event: InstanceEvent): Step {
      const next = step(state, event, context());
      state = next.state;
      return next;
    },
    /** Starts it and reports it running. */
    up(): string {
      this.on({ kind: 'start', trigger: 'start' });
      const runId = (state as { runId: string }).runId;
      this.on({ kind: 'started', runId });
      return runId;
    },
  };
}

const failed = (runId: string): InstanceEvent => ({
  kind: 'exited',
  runId,
  ok: false,
  sentence: 'exit code 255',
});

describe('one instance of a worker', () => {
  it('starts when it is asked to, and runs when the runtime says so', () => {
    const life = walk();
    const begun = life.on({ kind: 'start', trigger: 'start' });
    expect(begun.effects).toEqual([{ kind: 'start', runId: 'run-1', trigger: 'start', predecessor: null }]);
    expect(life.on({ kind: 'started', runId: 'run-1' }).state.kind).toBe('running');
  });

  it('is restarted at once after ten seconds of running, naming the run before', () => {
    const life = walk();
    const runId = life.up();
    life.clock.now = 10_000;
    expect(life.on(failed(runId)).effects).toEqual([
      { kind: 'start', runId: 'run-2', trigger: 'failure', predecessor: 'run-1' },
    ]);
  });

  it('is restarted with the trigger "exit" when it ended well', () => {
    const life = walk();
    const runId = life.up();
    life.clock.now = 10_000;
    const next = life.on({ kind: 'exited', runId, ok: true, sentence: 'exit code 0' });
    expect(next.effects).toMatchObject([{ kind: 'start', trigger: 'exit' }]);
  });

  it('waits 1, 2, 4 … 60 seconds after quick ends, for ever', () => {
    const life = walk();
    let runId = life.up();
    const waits: number[] = [];
    for (let end = 0; end < 9; end++) {
      life.clock.now += 100;
      life.on(failed(runId));
      const until = deadlineOf(life.state) ?? Number.NaN;
      waits.push((until - life.clock.now) / 1000);
      life.clock.now = until;
      life.on({ kind: 'timer' });
      runId = (life.state as { runId: string }).runId;
      life.on({ kind: 'started', runId });
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('forgets the quick ends once it ran healthily', () => {
    const life = walk();
    let runId = life.up();
    life.on(failed(runId));
    life.clock.now = 1_000;
    life.on({ kind: 'timer' });
    runId = (life.state as { runId: string }).runId;
    life.on({ kind: 'started', runId });
    life.clock.now = 20_000;
    life.on(failed(runId));
    expect(life.state).toMatchObject({ kind: 'starting', attempt: 0 });
  });

  it('treats a failed start as a quick end', () => {
    const life = walk();
    life.on({ kind: 'start', trigger: 'start' });
    life.on({ kind: 'start-failed', runId: 'run-1', sentence: 'runc: no such file' });
    expect(life.state).toMatchObject({
      kind: 'backing-off',
      attempt: 1,
      last: { sentence: 'runc: no such file' },
    });
  });

  it('is asked to end, and killed when its exit timeout has passed, again and again', () => {
    const life = walk();
    const runId = life.up();
    expect(life.on({ kind: 'stop', request: 'stop' }).effects).toEqual([
      { kind: 'ask-to-end', runId, request: 'stop' },
    ]);
    life.clock.now = 9_999;
    expect(life.on({ kind: 'timer' }).effects).toEqual([]);
    life.clock.now = 10_000;
    expect(life.on({ kind: 'timer' }).effects).toEqual([{ kind: 'kill', runId }]);
    life.clock.now = 10_000 + killAgainMs;
    expect(life.on({ kind: 'timer' }).effects).toEqual([{ kind: 'kill', runId }]);
    expect(life.on(failed(runId)).state).toMatchObject({ kind: 'idle' });
  });

  it('starts the new run of a restart only when the old one has ended', () => {
    const life = walk();
    const runId = life.up();
    const asked = life.on({ kind: 'restart', trigger: 'deploy', request: 'deploy' });
    expect(asked.effects).toEqual([{ kind: 'ask-to-end', runId, request: 'deploy' }]);
    const over = life.on({ kind: 'exited', runId, ok: true, sentence: 'exit code 0' });
    expect(over.effects).toEqual([{ kind: 'start', runId: 'run-2', trigger: 'deploy', predecessor: runId }]);
  });

  it('ends a run that is still starting as soon as it can', () => {
    const life = walk();
    life.on({ kind: 'start', trigger: 'start' });
    expect(life.on({ kind: 'stop', request: 'stop' }).effects).toEqual([]);
    expect(life.on({ kind: 'started', runId: 'run-1' }).effects).toMatchObject([{ kind: 'ask-to-end' }]);
  });

  it('starts again when it was enabled anew while it was stopping', () => {
    const life = walk();
    const runId = life.up();
    life.on({ kind: 'stop', request: 'stop' });
    life.on({ kind: 'start', trigger: 'start' });
    expect(life.on(failed(runId)).effects).toMatchObject([{ kind: 'start', trigger: 'start' }]);
  });

  it('tries at once when a deployment comes while it backs off, and forgets the quick ends', () => {
    const life = walk();
    const runId = life.up();
    life.on(failed(runId));
    life.on({ kind: 'restart', trigger: 'deploy', request: 'deploy' });
    expect(life.state).toMatchObject({ kind: 'starting', attempt: 0 });
  });

  it('stays down when it is stopped while it backs off', () => {
    const life = walk();
    life.on(failed(life.up()));
    life.on({ kind: 'stop', request: 'stop' });
    life.clock.now = 100_000;
    expect(life.on({ kind: 'timer' }).effects).toEqual([]);
    expect(life.state.kind).toBe('idle');
  });

  it('goes on with the run of an earlier daemon as if it had started it', () => {
    const life = walk();
    life.clock.now = 500;
    life.on({ kind: 'adopted', runId: 'old', since: -60_000, request: null });
    expect(life.state).toMatchObject({ kind: 'running', runId: 'old', since: -60_000 });
  });

  it('asks an adopted run again to end when the daemon died while it was stopping', () => {
    const life = walk();
    const adopted = life.on({ kind: 'adopted', runId: 'old', since: -60_000, request: 'deploy' });
    expect(adopted.effects).toEqual([{ kind: 'ask-to-end', runId: 'old', request: 'deploy' }]);
  });

  it('is not touched by a report about another run', () => {
    const life = walk();
    life.up();
    const before = life.state;
    expect(life.on(failed('another')).state).toBe(before);
  });
});
