/** What a scripted program does. Times are milliseconds from its start. */
import type { Exit, Leftover, OutOfMemory } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';

export interface FakePrint {
  readonly afterMs: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** What a program does about a signal: end by it (as by default), ignore it, or finish in its own way. */
export type FakeAnswer =
  | { readonly kind: 'ends' }
  | { readonly kind: 'ignores' }
  | { readonly kind: 'finishes'; readonly afterMs: number; readonly exit: Exit; readonly says?: string };

export interface FakeProgram {
  /** Null: it runs until something ends it. */
  readonly lastsMs: number | null;
  /** How it ends by itself. */
  readonly exit: Exit;
  readonly prints: readonly FakePrint[];
  /** Signals not named here end it. KILL always does. */
  readonly answers: Partial<Readonly<Record<SignalName, FakeAnswer>>>;
  readonly memoryBytes: number;
  /** Told with its end, however it ended. */
  readonly leftovers: readonly Leftover[];
  /** Told with its end where it ended by itself. */
  readonly outOfMemory: OutOfMemory | null;
  /** KILL takes so long to end it (a process that hangs in the kernel). */
  readonly dyingMs: number;
}

/** A start that fails, as {@link StartFailure} has it. */
export interface FakeFailure {
  readonly failsToStart: string;
  readonly retryable: boolean;
}

const plain: FakeProgram = {
  lastsMs: null,
  exit: { kind: 'exited', code: 0 },
  prints: [],
  answers: {},
  memoryBytes: 1024 * 1024,
  leftovers: [],
  outOfMemory: null,
  dyingMs: 0,
};

/** Ends by itself with this code after so long. */
export const exits = (code: number, afterMs = 0, change: Partial<FakeProgram> = {}): FakeProgram => ({
  ...plain,
  lastsMs: afterMs,
  exit: { kind: 'exited', code },
  ...change,
});

/** A signal from somewhere else ends it after so long. */
export const diesOf = (signal: SignalName, afterMs = 0, change: Partial<FakeProgram> = {}): FakeProgram => ({
  ...plain,
  lastsMs: afterMs,
  exit: { kind: 'signalled', signal },
  ...change,
});

/** Runs until a signal ends it. */
export const runsForever = (change: Partial<FakeProgram> = {}): FakeProgram => ({ ...plain, ...change });

/** Runs for ever and ends by KILL alone. */
export const ignoresTerm = (change: Partial<FakeProgram> = {}): FakeProgram => ({
  ...plain,
  answers: { TERM: { kind: 'ignores' } },
  ...change,
});

/** Runs for ever and, when it gets TERM, finishes with this code after so long. */
export const finishesOnTerm = (
  code: number,
  afterMs = 0,
  change: Partial<FakeProgram> = {},
): FakeProgram => ({
  ...plain,
  answers: { TERM: { kind: 'finishes', afterMs, exit: { kind: 'exited', code } } },
  ...change,
});

export const failsToStart = (sentence: string, retryable = false): FakeFailure => ({
  failsToStart: sentence,
  retryable,
});
