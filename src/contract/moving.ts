/** Moving in and out: imports from files of other programs, exports to them, and backups. */
import { z } from 'zod';
import { fileDifference } from './deployment.ts';
import { exportFormats, importFormats } from './moving-formats.ts';
import { bytes } from './wire.ts';

export const sourceFile = z.strictObject({
  /** Its path where it comes from. */
  name: z.string().min(1).max(4_096),
  text: z.string().max(600_000),
});

export const newImport = z.strictObject({
  format: z.enum(importFormats),
  /** The one that was named, and those that belong to it. */
  files: z.array(sourceFile).min(1).max(200),
  /** Of the machine that the files come from: crontabs are read in it. */
  timezone: z.string().max(100).default('UTC'),
  /** Books this plan in the same step; left out, the plan stays. */
  plan: z.string().max(100).nullable().default(null),
  /** Only tells what it would change. */
  dryRun: z.boolean().default(false),
});

/** What became of a line that is not kept as it stood. */
export const importNote = z.strictObject({
  file: z.string(),
  line: z.int(),
  directive: z.string(),
  /** `adapted`: kept in another form; `not needed`: done without being told; `left out`: the sentence says what to do instead. */
  fate: z.enum(['adapted', 'not needed', 'left out']),
  sentence: z.string(),
});
export type ImportNote = z.infer<typeof importNote>;

export const planProposal = z.strictObject({
  /** The smallest plan that fits; null where none is large enough. */
  plan: z.string().nullable(),
  /** Enabled ones, all of the environment. */
  jobs: z.int(),
  memoryBytes: bytes,
});

export const importedJobs = fileDifference.extend({
  /** Names of the variables that are set. */
  variables: z.array(z.string()),
  notes: z.array(importNote),
  /** Files that were named and not given, as paths or patterns: asked again with them, they are read too. */
  wanted: z.array(z.string()),
  /** Patterns of files that would belong to these where there are any, such as drop-ins of systemd. */
  optional: z.array(z.string()),
  /** Null while the plan that is booked is large enough. */
  proposal: planProposal.nullable(),
  /** Why it would be refused as things are; null when it would not. */
  refused: z.string().nullable(),
  /** The same jobs as the text of a nightshift.yml. */
  file: z.string(),
});
export type ImportedJobs = z.infer<typeof importedJobs>;

export const exportQuery = z.strictObject({ format: z.enum(exportFormats) });

export const exportedJobs = z.strictObject({
  /** A file of that program; what it can't say stands in comments. */
  text: z.string(),
});
export type ExportedJobs = z.infer<typeof exportedJobs>;

export const newBackup = z.strictObject({
  /** Seals the secrets; null: they are not in it. */
  passphrase: z.string().max(1_000).nullable(),
});
