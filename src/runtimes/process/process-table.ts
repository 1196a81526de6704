/** What is known of the machine's processes, and which of them belong to runs. */

/** A process, not a number: the number alone may be another process a moment later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In units of the table; equal only for the same process. */
  readonly startedAt: string;
}

export interface Member extends ProcessIdentity {
  readonly parent: number;
  readonly runId: string;
}

export interface MemberUsage {
  readonly memoryBytes: number;
  readonly swapBytes: number;
  readonly cpuSeconds: number;
}

/** A program that was started here: the table recognises its group and session by it. */
export interface Leader {
  readonly pid: number;
  readonly runId: string;
}

export interface ProcessTable {
  /** Who this is now; undefined when there is no such process. */
  identify(pid: number): ProcessIdentity | undefined;
  /** From now on the session, group and descendants of this program belong to its run. */
  adopt(leader: Leader): void;
  /** The program itself has ended: its number may soon be another process, while its session and group live on. */
  leaderEnded(pid: number): void;
  /** The run is over: nothing is found by this program's session and group any more. */
  forget(pid: number): void;
  /**
   * Whether something of an ended program may be left; false is certain, and cheaper to find than by a scan. Never false
   * for what `scan` would find.
   */
  mayHaveLeft(runId: string): boolean;
  /** Looks at the whole machine once: every living process of every run of this instance, known here or not. Zombies don't count. */
  scan(): readonly Member[];
  /** The last look met processes that could not be told yet, such as in the middle of exec(2): a moment later they can. */
  readonly unsure: boolean;
  usage(member: Member): MemberUsage | undefined;
  /** The command line, for people. */
  command(member: Member): string;
}

/** Ends a process if it is still the same one; answers whether it was. */
export function killProcess(table: ProcessTable, process_: ProcessIdentity): boolean {
  if (table.identify(process_.pid)?.startedAt !== process_.startedAt) return false;
  try {
    process.kill(process_.pid, 'SIGKILL');
    return true;
  } catch (error) {
    // Gone in between (ESRCH), or changed to a user whom we may not signal (EPERM): the next scan tells.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
