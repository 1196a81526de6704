/**
 * A store whose disk fails when the test wants it to: before a write, so that nothing was kept, or after it, so that
 * it was kept and nobody was told (as when a commit succeeds and the machine dies before the answer).
 */
import { Refusal } from '../../domain/errors.ts';
import type { Store } from '../store.ts';

/** What a call does; a new method of the port must be put here before this compiles. */
const calls = {
  environments: 'read',
  environment: 'read',
  addEnvironment: 'write',
  saveEnvironment: 'write',
  removeEnvironment: 'write',
  variables: 'read',
  setVariables: 'write',
  jobs: 'read',
  job: 'read',
  jobPage: 'read',
  addJob: 'write',
  saveJob: 'write',
  removeJob: 'write',
  applyFile: 'write',
  beginRuns: 'write',
  runStarted: 'write',
  runEndRequested: 'write',
  runEnded: 'write',
  run: 'read',
  runs: 'read',
  lastEnds: 'read',
  openRuns: 'read',
  runsSince: 'read',
  pruneRuns: 'write',
  dueTimes: 'read',
  lastDueTimes: 'read',
  statistics: 'read',
  addStatistics: 'write',
  resetStatistics: 'write',
  saveDeployment: 'write',
  deployments: 'read',
  deployment: 'read',
  openDeployments: 'read',
  deployedCommit: 'read',
  saveDeploymentOutput: 'write',
  deploymentOutput: 'read',
  deployHook: 'read',
  deployHookOf: 'read',
  saveDeployHook: 'write',
  addActivity: 'write',
  activity: 'read',
  saveIncident: 'write',
  incidents: 'read',
  incident: 'read',
  alertChannels: 'read',
  saveAlertChannel: 'write',
  removeAlertChannel: 'write',
  alertRules: 'read',
  saveAlertRules: 'write',
  alertSettings: 'read',
  saveAlertSettings: 'write',
  addDeliveries: 'write',
  saveDeliveries: 'write',
  waitingDeliveries: 'read',
  deliveries: 'read',
  unjudgedRuns: 'read',
  runsJudged: 'write',
  logReceivers: 'read',
  saveLogReceiver: 'write',
  saveLogProgress: 'write',
  removeLogReceiver: 'write',
  sshKeys: 'read',
  sshKey: 'read',
  addSshKey: 'write',
  removeSshKey: 'write',
  removeSshKeys: 'write',
  deployKey: 'read',
  setDeployKey: 'write',
  accounts: 'read',
  account: 'read',
  addAccount: 'write',
  saveAccount: 'write',
  resetAccount: 'write',
  removeAccount: 'write',
  useLink: 'write',
  link: 'read',
  saveLink: 'write',
  members: 'read',
  environmentsOf: 'read',
  setMember: 'write',
  session: 'read',
  sessions: 'read',
  addSession: 'write',
  sessionUsed: 'write',
  endSession: 'write',
  tokens: 'read',
  tokenOfHash: 'read',
  addToken: 'write',
  tokenUsed: 'write',
  removeToken: 'write',
  keyedRequest: 'read',
  beginKeyedRequest: 'write',
  answerKeyedRequest: 'write',
  dropKeyedRequest: 'write',
  meta: 'read',
  setMeta: 'write',
  housekeep: 'write',
  close: 'close',
} as const satisfies Record<keyof Store, 'read' | 'write' | 'close'>;

export interface StoreCall {
  readonly method: Exclude<keyof Store, 'close'>;
  readonly writes: boolean;
  /** From 1, counted over all writes (or all reads) of this store. */
  readonly number: number;
}

/** Decides each call's fate: undefined lets it through. */
export type FailurePlan = (call: StoreCall) => 'before' | 'after' | undefined;

export const noFailures: FailurePlan = () => undefined;

/** The k-th write (from 1) fails, the others don't. */
export const failWrite =
  (k: number, when: 'before' | 'after' = 'before'): FailurePlan =>
  (call) =>
    call.writes && call.number === k ? when : undefined;

/** Every call of a method fails. */
export const failMethod =
  (method: StoreCall['method'], when: 'before' | 'after' = 'before'): FailurePlan =>
  (call) =>
    call.method === method ? when : undefined;

/** A disk that a test fills and frees: while `full`, all writes fail. */
export function fullDisk(): { full: boolean; readonly plan: FailurePlan } {
  const disk = {
    full: true,
    plan: (call: StoreCall) => (disk.full && call.writes ? ('before' as const) : undefined),
  };
  return disk;
}

/** A server that a test takes away and brings back: while `full` (as a disk may be), nothing can be read either. */
export function serverAway(): { full: boolean; readonly plan: FailurePlan } {
  const server = { full: true, plan: () => (server.full ? ('before' as const) : undefined) };
  return server;
}

/** Failures are Refusal `store.unavailable`, as a full disk gives. `close` never fails. */
export function failingStore(inner: Store, plan: FailurePlan): Store {
  const counts = { read: 0, write: 0 };
  const wrap = (method: StoreCall['method'], kind: 'read' | 'write') => {
    const call = inner[method].bind(inner) as (...args: unknown[]) => Promise<unknown>;
    return async (...args: unknown[]): Promise<unknown> => {
      counts[kind] += 1;
      const fails = plan({ method, writes: kind === 'write', number: counts[kind] });
      if (fails === 'before') throw failure();
      const answer = await call(...args);
      if (fails === 'after') throw failure();
      return answer;
    };
  };
  const methods = Object.entries(calls).map(([method, kind]) => [
    method,
    kind === 'close' ? () => inner.close() : wrap(method as StoreCall['method'], kind),
  ]);
  return Object.fromEntries(methods) as Store;
}

const failure = (): Refusal => new Refusal('store.unavailable', { why: 'the disk is full' });
