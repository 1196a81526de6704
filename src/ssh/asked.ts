/** What the one line after `ssh ENV@HOST` asks for. Decides only. */

import { Refusal } from '../domain/errors.ts';
import type { Level } from '../logs/log-store.ts';

export type TailSource = 'worker' | 'cron';

export type Asked =
  | { readonly kind: 'help' }
  | { readonly kind: 'jobs'; readonly json: boolean }
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'tail';
      readonly source: TailSource | null;
      readonly jobs: readonly string[];
      readonly level: Level | null;
      /** No colours. */
      readonly mono: boolean;
    }
  | { readonly kind: 'keygen' }
  | {
      readonly kind: 'git';
      readonly service: 'git-receive-pack' | 'git-upload-pack';
      /** As the client wrote it, without its quotes. */
      readonly path: string;
    }
  | { readonly kind: 'file-transfer' }
  /** Anything else: a command line of the environment's own. */
  | { readonly kind: 'command'; readonly line: string };

/** Throws Refusal `ssh.command` for one of ours that is wrong in itself. */
export function readAsked(line: string): Asked {
  const git = gitService(line);
  if (git !== null) return git;
  const [first, ...words] = line.trim().split(/\s+/);
  switch (first) {
    case undefined:
    case '':
    case 'help':
      return words.length === 0 ? { kind: 'help' } : { kind: 'command', line };
    case 'jobs':
      return jobs(words);
    case 'jobs_reset':
    case 'jobs-reset':
      nothingAfter(first, words);
      return { kind: 'reset' };
    case 'keygen':
      nothingAfter(first, words);
      return { kind: 'keygen' };
    case 'tail':
      return words.every((word) => word === 'mono' || word.includes(':'))
        ? tail(words)
        : { kind: 'command', line };
    case 'scp':
      // As scp itself asks: to a file there, or from one.
      return words.some((word) => /^-[a-z]*[tf]$/.test(word))
        ? { kind: 'file-transfer' }
        : { kind: 'command', line };
    default:
      return { kind: 'command', line };
  }
}

/** `git-receive-pack '/app.git'`, as git asks for it; also with a blank for the first hyphen. */
function gitService(line: string): Extract<Asked, { kind: 'git' }> | null {
  const found = /^\s*git[- ](receive-pack|upload-pack)\s+(\S.*?)\s*$/s.exec(line);
  if (found === null) return null;
  const [, service, word = ''] = found;
  return {
    kind: 'git',
    service: service === 'receive-pack' ? 'git-receive-pack' : 'git-upload-pack',
    path: unquoted(word),
  };
}

/** git quotes as the shell reads it: in single quotes, with `'\''` and `'\!'` for what can't stand there. */
function unquoted(word: string): string {
  if (!/^'(?:[^'!]|'\\['!]')*'$/s.test(word)) return word;
  return word.slice(1, -1).replace(/'\\(['!])'/g, '$1');
}

function jobs(words: readonly string[]): Asked {
  const [word, ...more] = words;
  if (word === undefined) return { kind: 'jobs', json: false };
  if (word === '--json' && more.length === 0) return { kind: 'jobs', json: true };
  throw new Refusal('ssh.command', { why: `"jobs" takes --json and nothing else, not "${words.join(' ')}"` });
}

function nothingAfter(command: string, words: readonly string[]): void {
  if (words.length > 0)
    throw new Refusal('ssh.command', { why: `"${command}" takes nothing, not "${words.join(' ')}"` });
}

function tail(words: readonly string[]): Asked {
  let source: TailSource | null = null;
  let level: Level | null = null;
  let mono = false;
  const named: string[] = [];
  for (const word of words) {
    if (word === 'mono') {
      mono = true;
      continue;
    }
    const key = word.slice(0, word.indexOf(':'));
    const value = word.slice(key.length + 1);
    if (key === 'source' && (value === 'worker' || value === 'cron')) source = value;
    else if (key === 'level' && /^(debug|info|warn|err)$/i.test(value)) level = value.toUpperCase() as Level;
    else if (key === 'job' && value !== '') named.push(...value.split(',').filter((name) => name !== ''));
    else
      throw new Refusal('ssh.command', {
        why: `"tail" takes source:worker or source:cron, job:NAME, level:ERR and mono, not "${word}"`,
      });
  }
  return { kind: 'tail', source, jobs: named, level, mono };
}
