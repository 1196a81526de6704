/** What an import is asked with, and what it answers. */
import type { ImportFormat, Note, SourceFile } from '../importers/import-files.ts';
import type { FileDifference } from './file-difference.ts';

export interface ImportInput {
  readonly format: ImportFormat;
  /** The one that was named, and those that belong to it. */
  readonly files: readonly SourceFile[];
  /** Of the machine that the files come from. */
  readonly timezone: string;
  /** The plan to book in the same step; null: the plan stays. */
  readonly plan: string | null;
}

export interface PlanProposal {
  /** The smallest one that fits; null where none is large enough. */
  readonly plan: string | null;
  /** Enabled ones, all of the environment. */
  readonly jobs: number;
  /** What they need together. */
  readonly memoryBytes: number;
}

export interface ImportView extends FileDifference {
  /** Names of those that are set. */
  readonly variables: readonly string[];
  readonly notes: readonly Note[];
  /** Files that were named and not given: asked again with them, they are read too. */
  readonly wanted: readonly string[];
  /** Patterns of files that would belong to these where there are any. */
  readonly optional: readonly string[];
  /** The difference as lines for people. */
  readonly lines: readonly string[];
  /** Null while the plan that is booked is large enough. */
  readonly proposal: PlanProposal | null;
  /** Why it would be refused as things are; null when it would not. */
  readonly refused: string | null;
  /** The same jobs as the text of a nightshift.yml. */
  readonly file: string;
}
