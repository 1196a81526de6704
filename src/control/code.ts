/**
 * The port to the code that was pushed to an environment, and to the root folder that it is laid into. `src/git` implements it.
 *
 * Laying is in steps that a crash may cut short: `stage` puts every new file beside the
 * root, and a second name of every file that will be replaced; `lay` renames the new ones into place; then either `keep` throws
 * the old ones away, or `undo` brings them back. Between `lay` and one of those the root may be a mixture, and nowhere else.
 */

export interface CodePlace {
  readonly environment: string;
  readonly root: string;
  /** The system user whose files they are. */
  readonly user: string;
}

export interface Commit {
  readonly id: string;
  /** The first line of its message. */
  readonly subject: string;
  /** The text of nightshift.yml; null where its tree has none. */
  readonly file: string | null;
}

export interface Staged {
  readonly added: number;
  readonly replaced: number;
  readonly removed: number;
  /** Sentences for whoever pushed: submodules, large files that are pointers, files that had been changed by hand. */
  readonly notes: readonly string[];
}

export interface Code {
  /** Rejects with Refusal `deploy.commit-unknown`. */
  commit(place: CodePlace, id: string): Promise<Commit>;
  /**
   * Checks the tree and makes everything ready beside the root, in which nothing is changed.
   * Rejects with Refusals `deploy.tree`, `deploy.root`.
   * @param from the commit that is in the root now; null when none was laid yet
   */
  stage(place: CodePlace, commit: string, from: string | null): Promise<Staged>;
  lay(place: CodePlace): Promise<void>;
  /** The root is as it was before `stage`, and nothing lies beside it. Resolves also when there is nothing to undo. */
  undo(place: CodePlace): Promise<void>;
  /** The root stays as it is, and the commit is remembered as the one that is in it, to which the branch has yet to lead. */
  keep(place: CodePlace, commit: string, branch: string): Promise<void>;
  /** The branch leads to the commit, and a clone checks it out; also where git itself has moved it already. */
  lead(place: CodePlace, branch: string, commit: string): Promise<void>;
  /** What was kept while its branch could not be moved any more: the daemon was ended just then. */
  unled(): Promise<
    readonly { readonly environment: string; readonly branch: string; readonly commit: string }[]
  >;
  /** Forgets the repository of an environment that is gone. */
  remove(environment: string): Promise<void>;
  close(): Promise<void>;
}
