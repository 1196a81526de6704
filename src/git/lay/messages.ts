/** What the daemon and its lay process say to each other: one JSON document a line, one answer for each request, in order. */
import type { StageAnswer } from './staging.ts';
import type { TreeLimits } from './tree.ts';

/** Its first line: where it works, and as whom. */
export interface LayPlace {
  readonly root: string;
  /** The folder beside the root that is its own. */
  readonly stage: string;
  readonly repository: string;
  /** Null: as whoever it was started. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly env: Readonly<Record<string, string>>;
  readonly config: readonly string[];
}

export type LayRequest =
  | {
      readonly act: 'stage';
      readonly commit: string;
      readonly from: string | null;
      readonly limits: TreeLimits;
    }
  | { readonly act: 'lay' }
  | { readonly act: 'undo' }
  | { readonly act: 'keep'; readonly commit: string };

export type LayAnswer =
  | { readonly ok: true; readonly staged?: StageAnswer }
  /** `tree` and `root` are the pusher's to mend. */
  | { readonly ok: false; readonly about: 'tree' | 'root' | 'machine'; readonly why: string };
