/** supervisord's programs as workers. */

import {
  type Destination,
  type Directive,
  Findings,
  type Imported,
  inOrder,
  type SourceFile,
} from './imported.ts';
import { type IniOption, type IniSection, readIni } from './ini.ts';
import { JobNames } from './job-names.ts';
import { folderOf, resolvePath } from './places.ts';
import { withoutMarks } from './shell-text.ts';
import { sectionDirectives } from './supervisor-directives.ts';
import { environmentOf, programJobs, type WorkerDraft } from './supervisor-program.ts';
import { type JobVariables, shareVariables, usableVariable, withVariables } from './variables.ts';

/** The first file is supervisord.conf or a program's own; the others are those that it includes. */
export function importSupervisor(files: readonly SourceFile[], to: Destination): Imported {
  const read = files.map((file) => {
    const findings = new Findings(file.name);
    return { file, findings, sections: readIni(withoutMarks(file.text), findings) };
  });
  const names = new JobNames();
  const drafts: { draft: WorkerDraft; findings: Findings }[] = [];
  const wanted: string[] = [];
  const common = new Map<string, { value: string; line: number }>();
  for (const { file, findings, sections } of read) {
    for (const section of sections) {
      const [kind, name] = kindOf(section);
      const here = folderOf(file.name);
      if (kind === 'program') {
        const made = programJobs(section, name, { to, findings, names, here });
        drafts.push(...made.map((draft) => ({ draft, findings })));
      } else if (kind === 'include') wanted.push(...includes(section, here, files));
      else {
        noteSection(section, kind, findings);
        const stated = kind === 'supervisord' ? section.options.get('environment') : undefined;
        if (stated !== undefined)
          for (const [key, value] of environmentOf(stated, { here }, findings))
            common.set(key, { value, line: stated.line });
      }
    }
  }
  const sets = drafts.map(({ draft, findings }): JobVariables => {
    const values = new Map([...common, ...draft.variables]);
    for (const [key, { value, line }] of values)
      if (!usableVariable(key, value, findings, line)) values.delete(key);
    return { values };
  });
  const { shared, own } = shareVariables(sets);
  for (const [index, { draft, findings }] of drafts.entries()) {
    const { line, variablesLine, variables: _, simple, ...job } = draft;
    const before = own[index] ?? [];
    if (before.length > 0)
      findings.note(
        variablesLine,
        `environment of ${job.name}`,
        'adapted',
        `${before.map(([key]) => key).join(', ')} stands before the command, because variables belong to all jobs of an environment: secrets are better set with "nightshift env set"`,
      );
    findings.job(line, { ...job, command: withVariables(job.command, before, simple) });
  }
  return {
    jobs: read.flatMap(({ findings }) => findings.jobs),
    variables: shared,
    notes: inOrder(read.map(({ findings }) => findings)),
    wanted,
    optional: [],
    memoryBytes: 0,
  };
}

/** `[program:mails]` → `program`, `mails`. */
function kindOf({ name }: IniSection): [string, string] {
  const at = name.indexOf(':');
  return at === -1 ? [name, ''] : [name.slice(0, at), name.slice(at + 1).trim()];
}

function noteSection(section: IniSection, kind: string, findings: Findings): void {
  const known = (sectionDirectives as Readonly<Record<string, Directive>>)[kind];
  const header = `[${section.name}]`;
  if (known === undefined)
    findings.note(
      section.line,
      header,
      'left out',
      'supervisord has no such section: is its name written as it should be?',
    );
  else if (known.fate !== 'kept')
    findings.note(section.line, header, known.fate, known.becomes.replaceAll('`', '"'));
}

/** Patterns of `[include]` that none of the files comes from. */
function includes(section: IniSection, here: string, files: readonly SourceFile[]): string[] {
  const stated: IniOption | undefined = section.options.get('files');
  const patterns = (stated?.value ?? '').split(/\s+/).filter((pattern) => pattern !== '');
  return patterns
    .map((pattern) => resolvePath(here, pattern.replaceAll('%(here)s', here)))
    .filter((pattern) => !files.some(({ name }) => matches(pattern, name)));
}

/** A shell's pattern, as Python's glob reads it. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    return new RegExp(`^${source.replaceAll('[!', '[^')}$`).test(path);
  } catch {
    // A pattern that is none matches nothing.
    return false;
  }
}
