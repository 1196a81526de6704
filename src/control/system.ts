/** The port to what of the machine the use cases touch: folders and system users. `src/main/system.ts` implements it. */

import type { Disk } from '../alerts/core/levels.ts';

export type Looked =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-a-folder' }
  | { readonly kind: 'unreadable'; readonly why: string }
  | {
      readonly kind: 'folder';
      /** With every symbolic link followed. */
      readonly realPath: string;
      /** The name of the system user that owns it; its number where it has no name. */
      readonly owner: string;
      readonly empty: boolean;
    };

export interface System {
  /** The user the daemon runs as. Only root can run jobs as somebody else, make users and hand folders over. */
  readonly currentUser: string;
  look(path: string): Promise<Looked>;
  hasUser(name: string): Promise<boolean>;
  /** Makes a system user without home and log-in; one that exists already is no error. */
  makeUser(name: string): Promise<void>;
  /** The disks that these lie on, each once; what can't be looked at is left out. */
  disks(paths: readonly string[]): Promise<readonly Disk[]>;
  /** Makes `user` the owner of the folder itself, not of what is in it. */
  handOver(folder: string, user: string): Promise<void>;
}
