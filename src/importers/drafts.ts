/** Jobs before it is known which of their variables all of them share. */
import { type Findings, type Imported, type ImportedJob, inOrder } from './imported.ts';
import { type JobVariables, shareVariables, withVariables } from './variables.ts';

export interface Draft extends Omit<ImportedJob, 'file'> {
  readonly variables: JobVariables['values'];
}

/** What one file gave. */
export interface DraftedFile {
  readonly findings: Findings;
  readonly drafts: readonly Draft[];
}

/**
 * The drafts as jobs: variables that all have alike become the environment's, the others stand before the command.
 * @param isSimple whether a command can take them as it stands, without a shell around it
 */
export function importedDrafts(
  files: readonly DraftedFile[],
  isSimple: (command: string) => boolean,
): Imported {
  const all = files.flatMap(({ findings, drafts }) => drafts.map((draft) => ({ findings, draft })));
  const { shared, own } = shareVariables(all.map(({ draft: { variables } }) => ({ values: variables })));
  for (const [index, { findings, draft }] of all.entries()) {
    const { line, variables: _, ...job } = draft;
    const command = withVariables(job.command, own[index] ?? [], isSimple(job.command));
    if (!findings.isTooLong(line, command, command)) findings.job(line, { ...job, command });
  }
  return {
    jobs: files.flatMap(({ findings }) => findings.jobs),
    variables: shared,
    notes: inOrder(files.map(({ findings }) => findings)),
    wanted: [],
    optional: [],
    memoryBytes: 0,
  };
}
