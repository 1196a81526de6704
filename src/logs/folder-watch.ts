/**
 * Notices what changes in folders of logs, at little cost. A quiet folder is watched by the kernel (inotify); as soon as
 * something moves there, the watch is taken off and the files that matter are looked at every few milliseconds until it is
 * quiet again: a job that writes without pause would else wake the daemon for each of its writes.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';

export interface FolderListener {
  /** The files to look at while the folder is busy. */
  readonly files: () => Iterable<string>;
  /** These files have changed; `listing` when files came, went or were renamed. */
  readonly changed: (names: readonly string[], listing: boolean) => void;
}

/** After the first sign, so that what is written together is seen together. */
const firstLookMs = 5;
const busyLookMs = 20;
const quietAfterMs = 300;
/** Two changes of a folder within so many ms may have the same time. */
const fileTimeMs = 20;
/** However quiet: watches can get lost, and some file systems have none. */
const slowLookMs = 2_000;

export class FolderWatches {
  readonly #clock: Clock;
  readonly #trouble: (path: string, error: unknown) => void;
  readonly #folders = new Map<string, WatchedFolder>();

  /** `trouble`: a folder can't be watched; it is looked at now and then instead. */
  constructor(clock: Clock, trouble: (path: string, error: unknown) => void) {
    this.#clock = clock;
    this.#trouble = trouble;
  }

  /** From when this returns nothing is missed. The answer ends it. */
  subscribe(path: string, listener: FolderListener): () => void {
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      folder = new WatchedFolder(path, this.#clock, (error) => this.#trouble(path, error));
      this.#folders.set(path, folder);
    }
    folder.listeners.add(listener);
    const subscribed = folder;
    return () => {
      subscribed.listeners.delete(listener);
      if (subscribed.listeners.size > 0) return;
      subscribed.close();
      this.#folders.delete(path);
    };
  }

  /** Looks at a folder now: somebody knows that something happens there. */
  poke(path: string): void {
    this.#folders.get(path)?.stir();
  }

  close(): void {
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
  }
}

class WatchedFolder {
  readonly listeners = new Set<FolderListener>();
  readonly #path: string;
  readonly #clock: Clock;
  readonly #trouble: (error: unknown) => void;
  #watcher: FSWatcher | null = null;
  #cancel: (() => void) | null = null;
  #busy = false;
  #lastChange = 0;
  #closed = false;
  #said = false;
  /** What each file looked like at the last look. */
  #looks = new Map<string, string>();
  #folderLook = '';
  /** What the watch told since the last look. */
  readonly #named = new Set<string>();

  constructor(path: string, clock: Clock, trouble: (error: unknown) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#trouble = trouble;
    this.#folderLook = this.#lookOfFolder();
    this.#watch();
    this.#schedule(slowLookMs);
  }

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#watcher = null;
    this.#cancel?.();
  }

  /** Something moves. */
  stir(): void {
    if (this.#closed || this.#busy) return;
    this.#busy = true;
    this.#lastChange = this.#clock.monotonic();
    this.#watcher?.close();
    this.#watcher = null;
    this.#schedule(firstLookMs);
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#path, { persistent: false }, (_, name) => {
        if (name !== null) this.#named.add(name);
        this.stir();
      });
      this.#watcher.on('error', () => this.stir());
    } catch (error) {
      // Not there yet, or the machine's watches are used up: the slow look finds changes all the same.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !this.#said) {
        this.#said = true;
        this.#trouble(error);
      }
    }
  }

  #schedule(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(ms, () => this.#look());
  }

  #look(): void {
    if (this.#closed) return;
    const now = this.#clock.monotonic();
    if (!this.#busy && this.#watcher === null) this.#watch();
    if (this.#compare()) {
      this.#lastChange = now;
      // A slow look that finds something which the watch did not tell: look closer for a while.
      if (this.#busy) this.#schedule(busyLookMs);
      else this.stir();
    } else if (this.#busy && now - this.#lastChange < quietAfterMs) this.#schedule(busyLookMs);
    else this.#calmDown();
  }

  #calmDown(): void {
    if (this.#busy) {
      this.#busy = false;
      this.#watch();
      // What came before the watch stood is found by this look.
      if (this.#compare()) {
        this.stir();
        return;
      }
    }
    this.#schedule(slowLookMs);
  }

  #lookOfFolder(): string {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    if (stat === undefined) return '';
    const age = this.#clock.wall() - stat.mtimeMs;
    return age >= 0 && age < fileTimeMs ? young : `${stat.ino}:${stat.mtimeMs}`;
  }

  /** Tells the listeners what has changed since the last look. */
  #compare(): boolean {
    const folderLook = this.#lookOfFolder();
    const listing = folderLook !== this.#folderLook || folderLook === young;
    this.#folderLook = folderLook;
    const looks = new Map<string, string>();
    const names = [...this.#named];
    this.#named.clear();
    for (const listener of this.listeners) {
      for (const name of listener.files()) {
        if (looks.has(name)) continue;
        const look = lookOf(join(this.#path, name));
        looks.set(name, look);
        if (this.#looks.get(name) !== look) names.push(name);
      }
    }
    this.#looks = looks;
    if (!listing && names.length === 0) return false;
    for (const listener of this.listeners) listener.changed(names, listing);
    return true;
  }
}

/** A folder that was changed just now, and may change again without its time showing it. */
const young = 'young';

function lookOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
}
