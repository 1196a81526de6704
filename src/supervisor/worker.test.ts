import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
import type { Context } from './instance.ts';
import {
  isSettled,
  nextDeadline,
  noWorker,
  openRunsOf,
  type WorkerEvent,
  type WorkerState,
  type WorkerWish,
  workerStep,
} from './worker.ts';

const wish = (changes: Partial<WorkerWish> = {}): WorkerWish => ({
  run: true,
  instances: 1,
  handover: 'stop-first',
  settings: 'first',
  ...changes,
});

/** A world that does what the effects say: programs that start, obey or ignore the exit signal, and die of KILL. */
class World {
  state: WorkerState = noWorker;
  now = 0;
  drawn = 0;
  /** What is there for the kernel: run id → what has been asked of it. */
  readonly alive = new Map<string, { index: number; asked: boolean; killed: boolean; up: boolean }>();
  readonly begun: string[] = [];

  send(event: WorkerEvent): void {
    const context: Context = {
      now: this.now,
      policy: { exitTimeoutMs: 10_000 },
      newRunId: () => `run-${++this.drawn}`,
      jitter: () => 0,
    };
    const next = workerStep(this.state, event, context);
    this.state = next.state;
    for (const effect of next.effects) {
      if (effect.kind === 'start') {
        this.begun.push(effect.runId);
        this.alive.set(effect.runId, { index: effect.index, asked: false, killed: false, up: false });
      } else {
        const run = this.alive.get(effect.runId);
        if (run !== undefined) run[effect.kind === 'kill' ? 'killed' : 'asked'] = true;
      }
    }
  }

  wish(changes: Partial<WorkerWish> = {}): void {
    this.send({ kind: 'wish', wish: wish(changes), request: 'stop' });
  }

  up(runId: string): void {
    const run = this.alive.get(runId);
    if (run === undefined || run.up) return;
    run.up = true;
    this.send({ kind: 'report', report: { kind: 'started', runId } });
  }

  exit(runId: string): void {
    if (!this.alive.delete(runId)) return;
    this.send({ kind: 'report', report: { kind: 'exited', runId, ok: false, sentence: 'exit code 1' } });
  }

  failToStart(runId: string): void {
    if (this.alive.get(runId)?.up !== false) return;
    this.alive.delete(runId);
    this.send({ kind: 'report', report: { kind: 'start-failed', runId, sentence: 'could not be started' } });
  }

  /** Lets everybody obey and time pass until nothing happens any more. */
  calm(): void {
    for (let round = 0; round < 200; round++) {
      for (const runId of [...this.alive.keys()]) this.up(runId);
      for (const [runId, run] of [...this.alive]) if (run.asked || run.killed) this.exit(runId);
      const deadline = nextDeadline(this.state);
      if (deadline !== null) {
        this.now = Math.max(this.now, deadline);
        this.send({ kind: 'timer' });
      }
    }
  }
}

describe('a worker with its instances', () => {
  it('runs as many instances as it is asked for', () => {
    const world = new World();
    world.wish({ instances: 3 });
    world.calm();
    expect(openRunsOf(world.state)).toHaveLength(3);
    expect(isSettled(world.state)).toBe(true);
  });

  it('adds and removes instances without touching the others (supervisor #504)', () => {
    const world = new World();
    world.wish({ instances: 2 });
    world.calm();
    const first = openRunsOf(world.state);
    world.wish({ instances: 3 });
    world.calm();
    expect(openRunsOf(world.state)).toEqual(expect.arrayContaining(first));
    world.wish({ instances: 1 });
    world.calm();
    expect(openRunsOf(world.state)).toEqual(first.slice(0, 1));
  });

  it('replaces runs with old settings, and only those', () => {
    const world = new World();
    world.wish();
    world.calm();
    world.wish({ settings: 'second' });
    expect(isSettled(world.state)).toBe(false);
    world.calm();
    expect(world.begun).toEqual(['run-1', 'run-2']);
    world.wish({ settings: 'second' });
    world.calm();
    expect(world.begun).toEqual(['run-1', 'run-2']);
  });

  it('with handover start-first lets the old run go only when the new one runs', () => {
    const world = new World();
    world.wish({ handover: 'start-first' });
    world.up('run-1');
    world.send({ kind: 'restart', trigger: 'deploy', request: 'deploy' });
    expect(world.alive.get('run-1')?.asked).toBe(false);
    expect([...world.alive.keys()]).toEqual(['run-1', 'run-2']);
    world.up('run-2');
    expect(world.alive.get('run-1')?.asked).toBe(true);
    world.exit('run-1');
    expect(openRunsOf(world.state)).toEqual(['run-2']);
    expect(isSettled(world.state)).toBe(true);
  });

  it('with handover start-first keeps the old run while the new one does not come up', () => {
    const world = new World();
    world.wish({ handover: 'start-first' });
    world.up('run-1');
    world.send({ kind: 'restart', trigger: 'deploy', request: 'deploy' });
    world.failToStart('run-2');
    expect(world.alive.get('run-1')?.asked).toBe(false);
    expect(openRunsOf(world.state)).toEqual(['run-1']);
  });

  it('does not restart a superseded run that ends by itself', () => {
    const world = new World();
    world.wish({ handover: 'start-first' });
    world.up('run-1');
    world.send({ kind: 'restart', trigger: 'deploy', request: 'deploy' });
    world.exit('run-1');
    expect(world.begun).toEqual(['run-1', 'run-2']);
  });

  it('says in a sentence why a crash loop is one', () => {
    const world = new World();
    world.wish();
    for (let end = 0; end < 6; end++) {
      world.up(world.begun.at(-1) ?? '');
      world.exit(world.begun.at(-1) ?? '');
      if (end < 5) {
        world.now = nextDeadline(world.state) ?? 0;
        world.send({ kind: 'timer' });
      }
    }
    const told = explain(world.state, world.now, (at) => at, { state: { kind: 'disabled' }, reason: '' });
    expect(told.state.kind).toBe('crash-loop');
    expect(told.reason).toBe('exit code 1, 6 times in a row; again in 32s');
  });

  it('adopts the newest run of an interrupted handover and lets the older one go', () => {
    const world = new World();
    const adopted = (runId: string): WorkerEvent => ({
      kind: 'adopted',
      index: 0,
      settings: 'first',
      run: { kind: 'adopted', runId, since: 0, request: null },
    });
    for (const runId of ['new', 'old']) {
      world.alive.set(runId, { index: 0, asked: false, killed: false, up: true });
      world.send(adopted(runId));
    }
    world.wish();
    expect(world.alive.get('old')?.asked).toBe(true);
    expect(world.alive.get('new')?.asked).toBe(false);
    world.calm();
    expect(openRunsOf(world.state)).toEqual(['new']);
  });

  it('keeps its promises whatever happens in whatever order', () => {
    const deed = fc.oneof(
      fc.record({
        kind: fc.constant('wish' as const),
        run: fc.boolean(),
        instances: fc.integer({ min: 1, max: 3 }),
        settings: fc.constantFrom('first', 'second'),
      }),
      fc.record({ kind: fc.constant('restart' as const) }),
      fc.record({ kind: fc.constantFrom('up', 'exit', 'fail'), pick: fc.nat() }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 70_000 }) }),
    );
    const life = fc.tuple(
      fc.constantFrom('stop-first' as const, 'start-first' as const),
      fc.array(deed, { maxLength: 60 }),
    );
    fc.assert(
      fc.property(life, ([handover, deeds]) => {
        const world = new World();
        let last: Partial<WorkerWish> = { run: false, handover };
        const most = handover === 'stop-first' ? 1 : 2;
        for (const each of deeds) {
          const runs = [...world.alive.keys()];
          if (each.kind === 'wish') {
            last = { run: each.run, instances: each.instances, settings: each.settings, handover };
            world.wish(last);
          } else if (each.kind === 'restart') {
            world.send({ kind: 'restart', trigger: 'deploy', request: 'deploy' });
          } else if (each.kind === 'wait') {
            world.now += each.ms;
            world.send({ kind: 'timer' });
          } else {
            const runId = runs[each.pick % Math.max(1, runs.length)] ?? '';
            if (each.kind === 'up') world.up(runId);
            if (each.kind === 'exit' && world.alive.get(runId)?.up) world.exit(runId);
            if (each.kind === 'fail') world.failToStart(runId);
          }
          // The state knows exactly what is alive, and never holds two of one instance unless that is asked for.
          expect(openRunsOf(world.state).sort()).toEqual([...world.alive.keys()].sort());
          for (let index = 0; index < 3 && handover === 'stop-first'; index++) {
            const here = [...world.alive.values()].filter((run) => run.index === index);
            expect(here.length).toBeLessThanOrEqual(most);
          }
        }
        world.calm();
        expect(world.alive.size).toBe(last.run ? (last.instances ?? 1) : 0);
        expect(isSettled(world.state)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
