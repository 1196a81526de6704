/** Paths of the machine that the files come from, seen from the environment's root; and whom its jobs run as. */
import type { Destination, Findings } from './imported.ts';
import { shellWord } from './shell-text.ts';

/** A path without `.` and `..` and double slashes; relative ones count from `base`. */
export function resolvePath(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith('/') ? '' : `${base}/`}${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export const folderOf = (path: string): string =>
  path.replace(/\/?[^/]*$/, '') || (path.startsWith('/') ? '/' : '');

/** The path from the root: '' for the root itself, null for what lies outside. */
export function belowRoot({ root }: Destination, path: string): string | null {
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
}

/**
 * The command, begun in the folder that the file names: jobs begin in the root.
 * @param simple a single command, which is then what gets the exit signal
 */
export function inFolder(
  command: string,
  folder: string,
  { to, findings, line, directive }: { to: Destination; findings: Findings; line: number; directive: string },
  simple: boolean,
): string {
  const below = belowRoot(to, resolvePath(to.root, folder));
  if (below === '') return command;
  if (below !== null) {
    findings.note(
      line,
      directive,
      'adapted',
      `the command begins with "cd ${below}", because jobs begin in the root ${to.root}`,
    );
    return `cd ${shellWord(below)} && ${simple ? 'exec ' : ''}${command}`;
  }
  findings.note(
    line,
    directive,
    'left out',
    `jobs begin in the root of "${to.environment}", which is ${to.root}, and see nothing of other apps' folders: put the app there, or make an environment with --root ${folder}`,
  );
  return command;
}

/**
 * Says what becomes of a user that the file names; answers whether the job should wait for a person to look at it: what ran as root may
 * do less here than it needs.
 */
export function noteUser(
  user: string,
  { to, findings, line, directive }: { to: Destination; findings: Findings; line: number; directive: string },
): { readonly status?: 'disabled' } {
  if (user === to.user) return {};
  if (user !== 'root') {
    findings.note(
      line,
      directive,
      'left out',
      `jobs of "${to.environment}" run as ${to.user}: for another user make another environment with --user ${user}`,
    );
    return {};
  }
  findings.note(
    line,
    directive,
    'adapted',
    `it ran as root, and jobs of "${to.environment}" run as ${to.user}: it comes disabled, start it when it can do its work so`,
  );
  return { status: 'disabled' };
}
