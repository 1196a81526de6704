/** Use cases over a real store, a platform and a system that record, and a clock that stands still. */
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import type { Disk } from '../alerts/core/levels.ts';
import { type ErrorCode, Refusal } from '../domain/errors.ts';
import { defaultPlans, type Plan } from '../domain/plan.ts';
import type { LogEntry, LogStore } from '../logs/log-store.ts';
import { openMetrics } from '../metrics/open-metrics.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';
import type { Code, CodePlace, Commit, Staged } from './code.ts';
import type { Actor } from './control.ts';
import { createControl, type RunningControl } from './create-control.ts';
import { RecordingLogSender } from './recording-log-sender.testkit.ts';
import { RecordingPlatform } from './recording-platform.testkit.ts';
import { RecordingSenders } from './recording-senders.testkit.ts';
import type { Looked, System } from './system.ts';

export const operator: Actor = { name: 'root', role: 'operator', via: 'socket' };
export const member = (...environments: string[]): Actor => ({
  name: 'ada',
  role: 'member',
  environments,
  via: 'http',
});
export const wait = { wait: true };
export const noWait = { wait: false };

/** A machine with folders and users that a test lays out. */
export class FakeSystem implements System {
  currentUser = 'root';
  readonly users = new Set(['root', 'www-data']);
  readonly folders = new Map<string, { owner: string; empty: boolean; realPath?: string } | 'file'>();

  look(path: string): Promise<Looked> {
    const found = this.folders.get(path);
    if (found === undefined) return Promise.resolve({ kind: 'missing' });
    if (found === 'file') return Promise.resolve({ kind: 'not-a-folder' });
    return Promise.resolve({ kind: 'folder', realPath: path, ...found });
  }

  hasUser = (name: string): Promise<boolean> => Promise.resolve(this.users.has(name));

  makeUser(name: string): Promise<void> {
    this.users.add(name);
    return Promise.resolve();
  }

  /** What `disks` answers. */
  readonly disksSeen: Disk[] = [];
  disks = (): Promise<readonly Disk[]> => Promise.resolve(this.disksSeen);

  handOver(folder: string, user: string): Promise<void> {
    const found = this.folders.get(folder);
    if (found === undefined || found === 'file') throw new Error(`no folder ${folder}`);
    this.folders.set(folder, { ...found, owner: user });
    return Promise.resolve();
  }
}

/** Logs of nothing but what a test puts in. */
export class FakeLogs implements LogStore {
  readonly removed: string[] = [];
  entries: LogEntry[] = [];
  failure: string | null = null;
  prepare = (): Promise<string> => Promise.resolve('/nowhere');
  opened(): void {
    throw new Error('no use case opens logs');
  }
  closed(): void {
    throw new Error('no use case closes logs');
  }
  note(): Promise<void> {
    return Promise.reject(new Error('no use case writes logs'));
  }
  async *read() {
    for (const entry of this.entries) yield await Promise.resolve({ entry, cursor: entry.run });
  }
  enforce = (): Promise<number> => Promise.resolve(0);
  removeEnvironment(environment: string): Promise<void> {
    if (this.failure !== null) return Promise.reject(new Error(this.failure));
    this.removed.push(environment);
    return Promise.resolve();
  }
  compact = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();
}

/** Commits that a test lays out; it remembers what was asked of it. */
export class FakeCode implements Code {
  readonly commits = new Map<string, Omit<Commit, 'id'>>();
  readonly asked: string[] = [];
  readonly failures = new Map<keyof Code, Error>();
  readonly #held = new Set<keyof Code>();
  #releases: (() => void)[] = [];
  staged: Staged = { added: 1, replaced: 0, removed: 0, notes: [] };

  async commit(_place: CodePlace, id: string): Promise<Commit> {
    const found = this.commits.get(id);
    if (found === undefined) throw new Refusal('deploy.commit-unknown', { commit: id, environment: 'shop' });
    return await Promise.resolve({ id, ...found });
  }
  async stage(place: CodePlace, commit: string, from: string | null): Promise<Staged> {
    await this.#ask('stage', `${place.environment} ${commit} from ${from}`);
    return this.staged;
  }
  lay = (place: CodePlace): Promise<void> => this.#ask('lay', place.environment);
  undo = (place: CodePlace): Promise<void> => this.#ask('undo', place.environment);
  pending: { environment: string; branch: string; commit: string }[] = [];
  async keep(place: CodePlace, commit: string, branch: string): Promise<void> {
    this.pending = [{ environment: place.environment, branch, commit }];
    await this.#ask('keep', `${place.environment} ${commit}`);
  }
  async lead(place: CodePlace, branch: string, commit: string): Promise<void> {
    await this.#ask('lead', `${place.environment} ${branch} ${commit}`);
    this.pending = [];
  }
  unled = () => Promise.resolve(this.pending);
  remove = (environment: string): Promise<void> => this.#ask('remove', environment);
  close = (): Promise<void> => Promise.resolve();

  /** From now on this does not come to its end, as in a daemon that is killed. */
  hold(act: keyof Code): void {
    this.#held.add(act);
  }

  /** Another daemon: nothing is held any more, and what was goes on for nobody. */
  release(): void {
    this.#held.clear();
    this.#releases = [];
  }

  async #ask(act: keyof Code, detail: string): Promise<void> {
    this.asked.push(`${act} ${detail}`);
    await Promise.resolve();
    if (this.#held.has(act)) await new Promise<void>((resolve) => this.#releases.push(resolve));
    const failure = this.failures.get(act);
    if (failure !== undefined) throw failure;
  }
}

export interface World {
  readonly code: FakeCode;
  readonly control: RunningControl;
  readonly store: Store;
  readonly platform: RecordingPlatform;
  readonly system: FakeSystem;
  readonly logs: FakeLogs;
  readonly senders: RecordingSenders;
  readonly logSender: RecordingLogSender;
  readonly clock: FakeClock;
  readonly troubles: string[];
  /** From now on this method of the store rejects as a full disk makes it; null mends it. */
  failStore(method: keyof Store | null): void;
  /** Another daemon over the same store, with a new platform: as after a crash. */
  again(): World;
  dispose(): Promise<void>;
}

export async function makeWorld(plans: readonly Plan[] = defaultPlans): Promise<World> {
  const folder = await makeTempFolder('control');
  const clock = new FakeClock();
  const store = await openSqliteStore({
    folder: join(folder.path, 'data'),
    clock,
    onNotice: () => undefined,
  });
  const system = new FakeSystem();
  for (const name of ['shop', 'blog', 'wiki']) {
    system.folders.set(`/srv/${name}`, { owner: 'www-data', empty: false });
  }
  return worldOver(store, clock, system, new FakeCode(), plans, async () => {
    await store.close();
    await folder.dispose();
  });
}

function worldOver(
  store: Store,
  clock: FakeClock,
  system: FakeSystem,
  code: FakeCode,
  plans: readonly Plan[],
  dispose: () => Promise<void>,
): World {
  const platform = new RecordingPlatform();
  const logs = new FakeLogs();
  const senders = new RecordingSenders();
  const logSender = new RecordingLogSender();
  const troubles: string[] = [];
  let failing: keyof Store | null = null;
  const watched = new Proxy(store, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...parameters: unknown[]): unknown =>
        key === failing
          ? Promise.reject(new Refusal('store.unavailable', { why: 'the disk is full' }))
          : Reflect.apply(method, target, parameters);
    },
  });
  let ids = 0;
  const control = createControl({
    store: watched,
    platform,
    logs,
    logSender,
    metrics: openMetrics({ path: ':memory:', clock, onTrouble: (sentence) => troubles.push(sentence) }),
    code,
    backups: { make: async (passphrase) => Readable.from([`backup ${passphrase}`]) },
    system,
    senders,
    clock,
    newId: () => `id-${clock.wall()}-${String(ids++).padStart(4, '0')}`,
    plans,
    version: '1.2.3',
    pid: 42,
    dataFolder: '/var/lib/nightshift',
    passwordCost: { logN: 4, r: 1, p: 1 },
    dashboard: () => 'http://127.0.0.1:8080',
    runtime: { name: 'fake', cannot: ['It isolates nothing.'] },
    schedulerHeartbeatAt: async () => Number((await watched.meta('beat')) ?? 7),
    onTrouble: (_environment, sentence) => troubles.push(sentence),
    onEvent: () => undefined,
  });
  return {
    control,
    code,
    store,
    platform,
    system,
    logs,
    senders,
    logSender,
    clock,
    troubles,
    failStore: (method) => {
      failing = method;
    },
    again: () => worldOver(store, clock, system, code, plans, dispose),
    dispose,
  };
}

/** An environment `shop` with plan M (4 jobs, 512 MB) booked. */
export async function withShop(world: World): Promise<void> {
  await world.control.createEnvironment(operator, { name: 'shop', root: '/srv/shop' });
  await world.control.book(operator, 'shop', 'M', { wait: false, force: false });
}

/** Expects a refusal with this code; answers it. */
export async function refused(code: ErrorCode, work: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Refusal);
  expect((error as Refusal).code, (error as Refusal).message).toBe(code);
  return error as Refusal;
}
