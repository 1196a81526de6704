/**
 * How a job's command line is carried out (design §2.2). A simple command is exec'ed, so that the program and not a shell
 * gets the exit signal; everything else is the shell's, as it was written.
 */
import { type FirstWord, readLine } from './shell-words.ts';

/** What is known of the file that the first word names; handed in, because looking is not the core's to do. */
export interface PhpFacts {
  /** The word names a regular file in the root or below it. */
  readonly isFileBelowRoot: boolean;
  readonly endsInPhp: boolean;
  /** Its first line is `#!` with a php. */
  readonly phpShebang: boolean;
  readonly executable: boolean;
}

/** Facts of a word that names no file of the environment. */
export const noPhp: PhpFacts = {
  isFileBelowRoot: false,
  endsInPhp: false,
  phpShebang: false,
  executable: false,
};

/** The word by which the command line begins, if it names a program: the file to look at. Null when a shell decides. */
export function firstWord(command: string): string | null {
  const { first } = readLine(command);
  return first === null || first.value === null || first.value === '' || isShellWord(first.value)
    ? null
    : first.value;
}

/** The program and its arguments. `php` are the facts about the file that {@link firstWord} names. */
export function argvOf(command: string, php: PhpFacts): string[] {
  const { first, single } = readLine(command);
  let line = command;
  if (first !== null) {
    const word = firstWord(command);
    const prefix = `${single && mayExec(first) ? 'exec ' : ''}${word !== null && needsPhp(word, php) ? 'php ' : ''}`;
    line = command.slice(0, first.at) + prefix + command.slice(first.at);
  }
  // A line that begins so would be read as the shell's own option.
  return ['/bin/sh', '-c', /^[-+]/.test(line) ? ` ${line}` : line];
}

/**
 * A file that can't be run as it is, and that php can: it ends in .php, or says by its first line that it is php's, without being
 * executable. A bare word is never run from the working folder by a shell, so there it does not matter whether it is executable.
 */
function needsPhp(word: string, php: PhpFacts): boolean {
  if (!php.isFileBelowRoot || word.startsWith('-')) return false;
  const runsByItself = php.phpShebang && php.executable && word.includes('/');
  return (php.endsInPhp || php.phpShebang) && !runsByItself;
}

/** Whether `exec` before this word changes nothing but who gets the signals. */
function mayExec(first: FirstWord): boolean {
  if (first.splits) return false;
  // To bash this is an assignment, to other shells a name.
  if (/^\w+\+=/.test(first.text)) return false;
  if (first.value === null) return first.text.includes('/');
  return first.value !== '' && !first.value.startsWith('-') && !isShellWord(first.value);
}

const isShellWord = (word: string): boolean => shellWords.has(word);

/**
 * Words that a shell keeps for itself: reserved words (POSIX 2.4), special built-ins (2.14) and the built-ins of dash, bash and
 * BusyBox, which need not behave as the programs of the same name do.
 */
const shellWords: ReadonlySet<string> = new Set(
  `! [[ ]] case coproc do done elif else esac fi for function if in select then time until while
  . : break continue eval exec exit export readonly return set shift times trap unset source
  [ alias bg bind builtin caller cd chdir command compgen complete compopt declare dirs disown echo enable false fc fg
  getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray shopt suspend test
  true type typeset ulimit umask unalias wait`.split(/\s+/),
);
