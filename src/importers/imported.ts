/** What an importer makes of files: jobs, variables, and a note for every line that did not become one of them as it stood. */
import type { Job } from '../domain/job.ts';
import { limits } from '../domain/limits.ts';
import type { SignalName } from '../domain/signals.ts';

/** A file as it was read: its path where it came from, and its text. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** The environment that the jobs are to live in. */
export interface Destination {
  readonly environment: string;
  /** Real path of its root. */
  readonly root: string;
  /** The system user that its jobs run as. */
  readonly user: string;
  /** The time zone of the machine that the files come from. */
  readonly timezone: string;
}

/** A job as a file states it, in the words of Nightshift. Only what the file says is there. */
export interface ImportedJob {
  readonly name: string;
  readonly type: Job['type'];
  readonly command: string;
  readonly status?: 'disabled';
  readonly exitSignal?: SignalName;
  readonly exitTimeoutSeconds?: number;
  readonly instances?: number;
  readonly interval?: string;
  readonly crontab?: string;
  readonly timezone?: string;
  readonly maxRuntimeSeconds?: number;
  readonly maxInstances?: number;
  readonly catchUp?: 'none' | 'latest';
  /** Where it stands, for what only other rules find. */
  readonly file: string;
  readonly line: number;
}

/**
 * What became of a directive. `kept`: it means here what it meant there. `adapted`: kept in another form. `not needed`: Nightshift does
 * it without being told. `left out`: there is no equivalent, and the sentence says what to do instead.
 */
export type Fate = 'kept' | 'adapted' | 'not needed' | 'left out';

export interface Note {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** As it stands in the file, cut where it is long. */
  readonly directive: string;
  readonly fate: Exclude<Fate, 'kept'>;
  readonly sentence: string;
}

export interface Imported {
  readonly jobs: readonly ImportedJob[];
  /** Of the environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly notes: readonly Note[];
  /** Files that these files name and that were not given: paths or patterns, beside the file that names them. */
  readonly wanted: readonly string[];
  /** Patterns of files that would belong to these where there are any, such as drop-ins of systemd: nothing is missing without them. */
  readonly optional: readonly string[];
  /** Of memory, where the files say what the jobs may hold together, bytes. */
  readonly memoryBytes: number;
}

/** What becomes of a directive in general: the guide prints these, and the importers work by them. */
export interface Directive {
  readonly fate: Fate;
  /** What it becomes, or what to do instead. */
  readonly becomes: string;
}

/** By the name of the directive. */
export type Directives = Readonly<Record<string, Directive>>;

const directiveCharacters = 120;

/** In the order of the lines, file after file. */
export const inOrder = (all: readonly Findings[]): Note[] =>
  all.flatMap(({ notes }) => notes.toSorted((a, b) => a.line - b.line));

/** Gathers what one file gives. */
export class Findings {
  readonly notes: Note[] = [];
  readonly jobs: ImportedJob[] = [];
  /** As it was named. */
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  note(line: number, directive: string, fate: Note['fate'], sentence: string): void {
    const short = directive.replaceAll(/\s+/g, ' ').trim();
    const cut = short.length > directiveCharacters ? `${short.slice(0, directiveCharacters - 1)}…` : short;
    // What it repeats of the file may be folded over several lines there.
    this.notes.push({
      file: this.file,
      line,
      directive: cut,
      fate,
      sentence: sentence.replaceAll(/\s*\n\s*/g, ' '),
    });
  }

  /** Whether a command is longer than a job's may be; then that is noted. */
  isTooLong(line: number, directive: string, command: string): boolean {
    const most = limits.commandCharacters;
    if (command.length <= most) return false;
    this.note(line, directive, 'left out', `a command has ${most} characters at most: put it into a script`);
    return true;
  }

  /** The same file, for what would be told twice. */
  silent(): Findings {
    return new Findings(this.file);
  }

  job(line: number, job: Omit<ImportedJob, 'file' | 'line'>): void {
    this.jobs.push({ ...job, file: this.file, line });
  }
}
