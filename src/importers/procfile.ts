/** The process types of a Procfile (Heroku, Foreman) as workers. */
import { type Destination, type Directives, Findings, type Imported, type SourceFile } from './imported.ts';
import { JobNames } from './job-names.ts';
import { withoutMarks } from './shell-text.ts';

export const procfileDirectives = {
  'name: command': {
    fate: 'kept',
    becomes:
      'a worker of that name; how many run at once is not in the file: `nightshift job edit ENV NAME --instances N`',
  },
  'web: command': {
    fate: 'left out',
    becomes: 'requests are answered by your web front-end: Nightshift runs beside it',
  },
  'release: command': {
    fate: 'left out',
    becomes: 'write it into nightshift.yml, below `deploy:` and `commands:`',
  },
  '# comment': { fate: 'not needed', becomes: 'nothing' },
} as const satisfies Directives;

export function importProcfile(files: readonly SourceFile[], _to: Destination): Imported {
  const names = new JobNames();
  const read = files.map((file) => {
    const findings = new Findings(file.name);
    const seen = new Map<string, number>();
    for (const [index, raw] of withoutMarks(file.text)
      .split(/\r\n|\r|\n/)
      .entries())
      readLine(raw.trim(), index + 1, findings, seen, names);
    return findings;
  });
  return {
    jobs: read.flatMap(({ jobs }) => jobs),
    variables: {},
    notes: read.flatMap(({ notes }) => notes),
    wanted: [],
    optional: [],
    memoryBytes: 0,
  };
}

function readLine(
  text: string,
  line: number,
  findings: Findings,
  seen: Map<string, number>,
  names: JobNames,
): void {
  if (text === '' || text.startsWith('#')) return;
  const match = /^([A-Za-z0-9_-]+)\s*:\s*(.*)$/.exec(text);
  const [, type = '', command = ''] = match ?? [];
  const before = seen.get(type);
  if (match === null || command === '')
    findings.note(line, text, 'left out', 'it is not "name: command": correct it and import again');
  else if (before !== undefined)
    findings.note(line, text, 'left out', `line ${before} has "${type}" already: give it another name`);
  else if (type === 'web' || type === 'release')
    findings.note(
      line,
      text,
      'left out',
      procfileDirectives[`${type}: command`].becomes.replaceAll('`', '"'),
    );
  else if (!findings.isTooLong(line, text, command)) {
    const name = names.take(type, `worker-${line}`);
    if (name !== type) findings.note(line, text, 'adapted', `the job is called ${name}`);
    if (/\$\{?PORT\b/.test(command))
      findings.note(
        line,
        text,
        'adapted',
        'PORT is not set here: give it a value with "nightshift env set" if it is needed',
      );
    findings.job(line, { name, type: 'worker', command });
  }
  if (match !== null && before === undefined) seen.set(type, line);
}
