import { type MemorySurroundings, memoryInWords } from './out-of-memory.ts';
import type { SignalName } from './signals.ts';

/** Why a run began. */
export const triggers = [
  'schedule',
  'catch-up',
  'manual',
  'start',
  'failure',
  'exit',
  'deploy',
  'settings',
  'remote',
] as const;
export type Trigger = (typeof triggers)[number];

/** What the kernel said of a program's end; `unknown` when nobody knows, with why: never an invented number. */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: SignalName }
  | { readonly kind: 'unknown'; readonly why: string };

/** How a run ended, as people read it. */
export const outcomes = [
  'ok',
  'failed',
  'signalled',
  'stopped',
  'timed-out',
  'out-of-memory',
  'lost',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Why Nightshift itself asked a run to end; null when it ended on its own. */
export type EndRequest =
  | 'stop'
  | 'restart'
  | 'deploy'
  | 'settings'
  | 'max-runtime'
  | 'connection'
  | 'shutdown';

/** A process that was left behind and killed when its run ended. */
export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** What the kernel counted when memory ran out. */
export interface OutOfMemory {
  /** Whose limit was hit. */
  readonly scope: 'environment' | 'run';
  readonly limitBytes: number | null;
  /** The run's own peak, and what the environment's other runs held, where known. */
  readonly heldBytes: number | null;
  readonly othersBytes: number | null;
}

/** One execution of a command. It never goes backwards; a restart is a new run. */
export interface Run {
  readonly id: string;
  readonly environment: string;
  /** The job's name; null for a remote command. */
  readonly job: string | null;
  readonly kind: 'worker' | 'cron' | 'remote';
  /** Which of a worker's instances, from 0. */
  readonly instance: number;
  readonly command: string;
  readonly trigger: Trigger;
  /** The run before it whose end or replacement began this one. */
  readonly predecessor: string | null;
  /** 1; of a run that was begun again because the one before it failed, one more than that one's. */
  readonly attempt: number;
  /** Who asked for it; null when nobody did. */
  readonly askedBy: string | null;
  readonly dueAt: number | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly exit: Exit | null;
  readonly outcome: Outcome | null;
  /** A sentence for people: why it ended so. */
  readonly reason: string | null;
  readonly memoryAvgBytes: number | null;
  readonly memoryMaxBytes: number | null;
  readonly commit: string | null;
  /** A digest of what it was started with (command, variables, user, root): a worker whose digest is old is restarted. */
  readonly settings: string;
  readonly leftovers: readonly Leftover[];
  /** The runtime's own notes, to take the run up again after a restart of the daemon. */
  readonly handle: Handle | null;
  /** Set while Nightshift has asked it to end, so that its end is told rightly also after a restart of the daemon. */
  readonly endRequest: EndRequest | null;
  /** When its exit signal was sent for that, wall time, ms; absent where that is not known. */
  readonly endRequestedAt?: number | null | undefined;
}

/** A runtime's notes about one run: opaque to everybody else, versioned so that the next release adopts this one's runs. */
export interface Handle {
  readonly runtime: string;
  readonly version: number;
  readonly runId: string;
  readonly [key: string]: unknown;
}

/** How the last run of a job ended that is over. */
export interface LastEnd {
  readonly job: string;
  readonly run: string;
  readonly endedAt: number;
  readonly outcome: Outcome;
  readonly reason: string | null;
}

/** Null while it runs, and of a remote command. */
export function lastEndOf({ id, job, endedAt, outcome, reason }: Run): LastEnd | null {
  if (job === null || endedAt === null || outcome === null) return null;
  return { job, run: id, endedAt, outcome, reason };
}

/** What is recorded at a run's end. */
export interface RunEnd {
  readonly endedAt: number;
  readonly exit: Exit;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly memoryAvgBytes: number | null;
  readonly memoryMaxBytes: number | null;
  readonly leftovers: readonly Leftover[];
}

/** The facts that decide an outcome. */
export interface EndFacts {
  readonly exit: Exit;
  readonly endRequest: EndRequest | null;
  /** KILL was sent because the exit timeout had passed. */
  readonly killedAfterTimeout: boolean;
  readonly outOfMemory: OutOfMemory | null;
  /** Who it was and which plans there are, for the sentence about memory. */
  readonly memory?: MemorySurroundings;
}

/** Outcome and its sentence, from the facts alone. Out of memory goes before everything that the kill looks like. */
export function judge(facts: EndFacts): { outcome: Outcome; reason: string | null } {
  const { exit, endRequest } = facts;
  if (exit.kind === 'unknown') return { outcome: 'lost', reason: exit.why };
  const ending = exit.kind === 'exited' ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  if (facts.outOfMemory !== null && !(exit.kind === 'exited' && exit.code === 0)) {
    const held = facts.memory === undefined ? '' : `: ${memoryInWords(facts.outOfMemory, facts.memory)}`;
    return { outcome: 'out-of-memory', reason: `out of memory (${ending})${held}` };
  }
  const late = facts.killedAfterTimeout ? ', killed after its exit timeout' : '';
  if (endRequest === 'max-runtime')
    return { outcome: 'timed-out', reason: `its max runtime had passed (${ending}${late})` };
  if (endRequest !== null)
    return { outcome: 'stopped', reason: `${endReasons[endRequest]} (${ending}${late})` };
  if (exit.kind === 'signalled') return { outcome: 'signalled', reason: `ended by signal ${exit.signal}` };
  if (exit.code === 0) return { outcome: 'ok', reason: null };
  return { outcome: 'failed', reason: exitCodeReasons[exit.code] ?? `exit code ${exit.code}` };
}

const endReasons: Record<Exclude<EndRequest, 'max-runtime'>, string> = {
  stop: 'stopped',
  restart: 'restarted',
  deploy: 'restarted for a deployment',
  settings: 'restarted with new settings',
  connection: 'its connection ended',
  shutdown: 'the daemon was ended',
};

/** What a shell says by exit code (POSIX, Shell Command Language, 2.8.2). */
const exitCodeReasons: Record<number, string> = {
  126: 'exit code 126: the command was found and could not be executed',
  127: 'exit code 127: the command was not found',
};
