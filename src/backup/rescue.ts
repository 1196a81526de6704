/** A core that can't be read any more is set aside, and comes back from the newest backup that the daemon made of itself. */
import { cp, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { Refusal } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';
import { automaticBackups } from './automatic.ts';
import { readBackup } from './read-backup.ts';
import { countFromNow } from './restore.ts';

export interface RescueInput {
  readonly folder: string;
  readonly clock: Clock;
  readonly openStore: () => Promise<Store>;
  /** Has the core know again the runs that are open in the history, so that what goes on is taken up; answers how many. */
  readonly joinNewerHistory: (folder: string) => number;
  /** For the operator, in one sentence. */
  readonly tell: (sentence: string) => void;
}

const coreName = 'nightshift.db';

/** Opens the store; where its core is damaged, from a backup. Rejects as `openStore` does where there is none that helps. */
export async function openOrRescue(input: RescueInput): Promise<Store> {
  try {
    return await input.openStore();
  } catch (error) {
    // A damaged history the store sets aside itself.
    const ofCore =
      error instanceof Refusal &&
      error.code === 'data.corrupt' &&
      error.parameters.file === join(input.folder, coreName);
    if (!ofCore) throw error;
    const store = await rescue(input, error);
    if (store === null) throw error;
    return store;
  }
}

async function rescue(input: RescueInput, damage: Refusal): Promise<Store | null> {
  const { folder, clock, tell } = input;
  const path = join(folder, coreName);
  const stamp = new Date(clock.wall()).toISOString().replace(/[-:]|\.\d+/g, '');
  const aside = `${path}.set-aside-${stamp}`;
  for (const backup of await automaticBackups(folder)) {
    const staging = await mkdtemp(join(folder, '.rescue-'));
    try {
      const { createdAt } = await readBackup(backup, staging);
      await moveAside(path, aside);
      await rename(join(staging, coreName), path);
      await syncFolder(folder);
      const vouched = input.joinNewerHistory(folder);
      const store = await input.openStore();
      await countFromNow(store, clock.wall());
      const when = new Date(createdAt).toISOString().replace(/\.\d+/, '');
      const sentence = `${path} was damaged (${String(damage.parameters.why)}): it was set aside as ${aside}, and what it held on ${when} is there again from ${backup}; ${vouched} open ${vouched === 1 ? 'run' : 'runs'} came from the history; changes since then are lost, and crons count from now on`;
      tell(sentence);
      await noteActivity(store, clock.wall(), sentence);
      return store;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      tell(`${backup} is of no help: ${error.message}`);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  // None helped: what was there is put back, so that a person finds it as it was.
  if (await exists(aside))
    for (const ending of ['', '-wal', '-shm']) await putBack(`${aside}${ending}`, `${path}${ending}`);
  return null;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The first time; later ones replace what an earlier backup had put there. */
async function moveAside(path: string, aside: string): Promise<void> {
  const first = !(await exists(aside));
  for (const ending of ['-wal', '-shm', '']) {
    if (!(await exists(`${path}${ending}`))) continue;
    if (first) await rename(`${path}${ending}`, `${aside}${ending}`);
    else await rm(`${path}${ending}`);
  }
}

async function putBack(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  if (await exists(from)) await cp(from, to, { preserveTimestamps: true }).then(() => rm(from));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function noteActivity(store: Store, at: number, detail: string): Promise<void> {
  await store.addActivity({
    ...{ at, actor: 'nightshift', environment: null, act: 'recover from a damaged database' },
    ...{ detail, via: 'start', address: null },
  });
}
