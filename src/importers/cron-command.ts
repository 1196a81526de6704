/** Commands as people write them into crontabs, without what Nightshift does for them: the folder, and the output. */
import type { Destination } from './imported.ts';
import { belowRoot, resolvePath } from './places.ts';
import { shellWord } from './shell-text.ts';

type Said = (sentence: string) => void;

/** Without `cd ROOT &&` at its beginning: jobs begin in the root. */
export function withoutFolder(command: string, to: Destination, said: Said): string {
  const match = /^cd\s+("[^"$`\\]*"|'[^']*'|[^\s"'$`\\;&|<>()*?~]+)\s*(?:&&|;)\s*/.exec(command);
  if (match === null) return command;
  const folder = (match[1] as string).replaceAll(/["']/g, '');
  const rest = command.slice(match[0].length);
  if (!folder.startsWith('/') || rest === '') return command;
  const below = belowRoot(to, resolvePath('/', folder));
  if (below === '') {
    said(`"cd ${folder}" is left away: jobs begin in the root`);
    return rest;
  }
  if (below === null && folder !== '/')
    said(
      `${folder} is not below the root of "${to.environment}", which is ${to.root}: jobs see nothing of other apps' folders`,
    );
  return command;
}

/** `> FILE`, `>> FILE 2>&1`, `&> FILE`, `> /dev/null 2>/dev/null` at its end. */
const sink = /(?:(?:1?>>?|&>>?)\s*([^\s'"$`;&|<>()*?]+)(?:\s+2>(?:&1|>?\s*([^\s'"$`;&|<>()*?]+)))?)\s*$/;

/** Without a redirection to a place that a job can't write, or to nowhere: its output is kept. */
export function withoutSink(command: string, to: Destination, said: Said): string {
  const match = sink.exec(command);
  if (match === null || match.index === 0) return command;
  const files = [match[1], match[2]].filter((file) => file !== undefined);
  const elsewhere = files.every(
    (file) => file.startsWith('/') && belowRoot(to, resolvePath('/', file)) === null,
  );
  // In quotes it would be text of an argument.
  if (!elsewhere || (command.split(/['"]/).length - 1) % 2 !== 0) return command;
  said(`"${match[0].trim()}" is left away: all output is in "nightshift logs ${to.environment}"`);
  return command.slice(0, match.index).trimEnd();
}

export const withInput = (command: string, input: string): string =>
  `printf '%s\\n' ${input.split('\n').map(shellWord).join(' ')} | ${/[;&|]/.test(command) ? `(${command})` : command}`;
