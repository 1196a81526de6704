/**
 * Who says that an open run was begun. Where history is a database of its own, a commit that fails halfway can leave a run in
 * it that never happened, and a power cut can take one that did: there the core vouches for runs until their end is on the disk.
 * Where everything is one transaction there is nothing to vouch for.
 */
import type { Work } from './work.ts';

/** A run as its row begins; a type and no interface, as parameters of statements are. */
export type BegunRun = {
  readonly id: string;
  readonly environment: number;
  /** '' for a remote command. */
  readonly job: string;
  readonly createdAt: number;
  readonly document: string;
};

export interface Vouching {
  /** Keeps a run that begins, together with its due times: durably, whatever becomes of history. */
  keep(run: BegunRun): Work<void>;
  /** Whether an open run of history was begun. */
  happened(id: string): Work<boolean>;
  /** Whether history may forget the run. */
  mayForget(id: string): Work<boolean>;
  /** Runs of an environment that was removed need nobody's word. */
  dropOf(environment: number): Work<void>;
  /** The end of a run is committed. */
  ended(id: string): void;
  /** No word is kept any longer for runs whose end can't be lost. */
  release(): Promise<void>;
  /** The same, and runs that never happened go. */
  tidy(): Promise<void>;
}
