/**
 * The port of the store. `sqlite/`, `postgres/` and `failing/` implement it; `store.contract.ts` is one suite over all.
 *
 * Every method is atomic: when its promise resolves, all of it is kept; when it rejects, nothing is.
 * What a user saw succeed, and due times, survive kill -9 and a power cut (`durable`); what the runtime can tell
 * again (starts, ends, statistics) survives kill -9, and its last moments may be lost with the power.
 * A failure to write is a Refusal `store.unavailable`; refusals of rules are the callers'.
 */

import type { Account, OneTimeLink, Session, Token } from '../domain/account.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { DueTime, LedgerChange } from '../domain/due-time.ts';
import type { Environment, Variables } from '../domain/environment.ts';
import type { Incident } from '../domain/incident.ts';
import type { Job } from '../domain/job.ts';
import type { EndRequest, Handle, LastEnd, Run, RunEnd } from '../domain/run.ts';
import type { SshKey, SshKeyOwner } from '../domain/ssh-key.ts';
import type { Statistics, StatisticsDelta } from '../domain/statistics.ts';
import type { AlertStore, WithIncident } from './alert-store.ts';
import type { LogReceiverStore } from './log-receiver-store.ts';

export type { DeliveryFilter, WithIncident } from './alert-store.ts';
export type { Deployment, RunEnd, StatisticsDelta };

export interface RunFilter {
  readonly environment: string;
  readonly job?: string;
  /** Only runs created before this run, for paging back. */
  readonly before?: string;
  readonly limit: number;
}

/** The address that others call to have an environment deployed; the secret itself is not kept. */
export interface DeployHook {
  readonly environment: string;
  /** SHA-256 of the secret, in hex. */
  readonly hash: string;
  /** Wall times, ms. */
  readonly createdAt: number;
  readonly usedAt: number | null;
}

export interface FileChanges {
  readonly put: readonly Job[];
  readonly removed: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** A request that is done once, however often it is sent with its key. */
export interface KeyedRequest {
  /** Whose it is, in no words: others may use the same key. */
  readonly user: string;
  readonly key: string;
  /** Tells it from other requests. */
  readonly fingerprint: string;
  /** Wall time, ms. */
  readonly beganAt: number;
  /** What it was answered, sealed at rest; null: it was begun, and nobody knows what became of it. */
  readonly answer: string | null;
}

export interface JobPage {
  readonly environment: string;
  readonly after?: string;
  readonly limit: number;
}

export interface ActivityEntry {
  readonly at: number;
  readonly actor: string;
  readonly environment: string | null;
  readonly act: string;
  readonly detail: string;
  /** The way in; null in entries of older versions. */
  readonly via: string | null;
  /** Where it was asked from; null where that is not known. */
  readonly address: string | null;
}

/** As it was kept; later ones have greater ids. */
export interface KeptActivity extends ActivityEntry {
  readonly id: number;
}

export interface ActivityFilter {
  readonly environment?: string;
  /** Only entries before this one, for paging back. */
  readonly before?: number;
  readonly limit: number;
}

export interface IncidentFilter {
  /** Absent: all, and those of the machine. */
  readonly environment?: string;
  /** Only those that are not over. */
  readonly open?: boolean;
  /** Only incidents that began before this one, for paging back. */
  readonly before?: string;
  readonly limit: number;
}

/** A key pair that an environment shows to others; the secret half is sealed at rest. */
export interface DeployKey {
  /** As it stands in a `.pub` file. */
  readonly publicKey: string;
  /** In OpenSSH's own form. */
  readonly privateKey: string;
}

export interface Store extends AlertStore, LogReceiverStore {
  // Environments, in order of their names.
  environments(): Promise<Environment[]>;
  environment(name: string): Promise<Environment | undefined>;
  /** Rejects with Refusal `environment.exists`. */
  addEnvironment(environment: Environment): Promise<void>;
  /** Replaces the environment of that name. */
  saveEnvironment(environment: Environment): Promise<void>;
  /** With its jobs, variables, runs, due times, statistics and deployments. */
  removeEnvironment(name: string): Promise<void>;
  variables(environment: string): Promise<Variables>;
  /** Null removes a variable. Sealed at rest. */
  setVariables(environment: string, changes: Readonly<Record<string, string | null>>): Promise<void>;

  // Jobs, in order of their names.
  jobs(environment?: string): Promise<Job[]>;
  job(environment: string, name: string): Promise<Job | undefined>;
  /** Some of them, each with its statistics: from the first, or from the one after the name `after`. */
  jobPage(filter: JobPage): Promise<{ job: Job; statistics: Statistics }[]>;
  /** Rejects with Refusal `job.exists`. */
  addJob(job: Job): Promise<void>;
  saveJob(job: Job): Promise<void>;
  /** Everything that applying nightshift.yml or an import changes, in one step: jobs are removed, then added or replaced; the
   *  plan; and variables are set. */
  applyFile(environment: Environment, changes: FileChanges): Promise<void>;
  /** With its statistics and due times; its runs stay as history. */
  removeJob(environment: string, name: string): Promise<void>;

  // Runs.
  /** Records runs before they are started, together with the due times that begin them or that begin nothing. Durable.
   *  Due times that are there already are left as they are, and their runs are not created: the answer lists the ids that were.
   *  The changes come first; one whose rows are not in the ledger as they were read, or ran, is passed over. */
  beginRuns(
    runs: readonly Run[],
    dueTimes: readonly DueTime[],
    changes?: readonly LedgerChange[],
  ): Promise<string[]>;
  /** A run that has ended, or that went with its environment, is left alone; so below. */
  runStarted(id: string, startedAt: number, handle: Handle): Promise<void>;
  /** Remembers that Nightshift asked the run to end, why, and when (wall time, ms). */
  runEndRequested(id: string, request: EndRequest, at: number): Promise<void>;
  /** Records the end, exactly once: a run that has ended already is left alone, and false returned. Statistics grow in the same step. */
  runEnded(id: string, end: RunEnd, statistics: readonly StatisticsDelta[]): Promise<boolean>;
  run(environment: string, id: string): Promise<Run | undefined>;
  /** Newest first. Rejects with Refusal `run.unknown` when there is no run `before`. */
  runs(filter: RunFilter): Promise<Run[]>;
  /** How the newest run of each of these jobs ended that is over; none for a job that has no such run. */
  lastEnds(environment: string, jobs: readonly string[]): Promise<LastEnd[]>;
  /** Those without an end, of all environments. */
  openRuns(): Promise<Run[]>;
  /** Runs of a job that have not ended, or ended at that moment (wall time, ms) or later; newest first. */
  runsSince(filter: { environment: string; job: string; since: number }): Promise<Run[]>;
  /** Forgets ended runs beyond the newest `keep` of each job, a few at a time; answers the ids of those that are gone. */
  pruneRuns(keep: number): Promise<string[]>;

  // Due times.
  /** Newest first. `before` pages back; over all jobs, `beforeJob` (the last row's) keeps what was due at that same moment. */
  dueTimes(filter: {
    environment: string;
    job?: string;
    before?: number;
    beforeJob?: string;
    limit: number;
  }): Promise<DueTime[]>;
  /** The last due time of each cron that was accounted for, by `environment/job`. */
  lastDueTimes(): Promise<ReadonlyMap<string, number>>;

  // Statistics.
  /** One for each job of the environment (or for the one named), in order of their names; zeros where nothing was counted yet. */
  statistics(environment: string, job?: string): Promise<Statistics[]>;
  addStatistics(deltas: readonly StatisticsDelta[]): Promise<void>;
  resetStatistics(environment: string, since: number): Promise<void>;

  // Deployments and activity, newest first.
  saveDeployment(deployment: Deployment): Promise<void>;
  deployments(environment: string, limit: number): Promise<Deployment[]>;
  deployment(environment: string, id: string): Promise<Deployment | undefined>;
  /** Those that are not over, of all environments, oldest first. */
  openDeployments(): Promise<Deployment[]>;
  /** The commit that is in the root as far as deployments know; null where none was ever laid. */
  deployedCommit(environment: string): Promise<string | null>;
  /** Replaces what the deployment printed. It goes with the deployment. */
  saveDeploymentOutput(environment: string, id: string, text: string): Promise<void>;
  /** Empty where nothing was printed. */
  deploymentOutput(environment: string, id: string): Promise<string>;
  deployHook(environment: string): Promise<DeployHook | undefined>;
  /** The hook whose secret has this hash. */
  deployHookOf(hash: string): Promise<DeployHook | undefined>;
  /** Replaces the hook of the environment; null removes it. */
  saveDeployHook(environment: string, hook: DeployHook | null): Promise<void>;
  addActivity(entry: ActivityEntry): Promise<KeptActivity>;
  activity(filter: ActivityFilter): Promise<KeptActivity[]>;

  // Incidents, newest first.
  /** Adds the incident, or replaces the one with its id; and what is kept with it, in the same step. Rejects with Refusal `environment.unknown`. */
  saveIncident(incident: Incident, also?: WithIncident): Promise<void>;
  /** Rejects with Refusal `incident.unknown` when there is no incident `before`. */
  incidents(filter: IncidentFilter): Promise<Incident[]>;

  // SSH keys, in the order in which they were added; those of an environment or an account go with it.
  sshKeys(owner: SshKeyOwner): Promise<SshKey[]>;
  /** That of the environment, or of an account, whichever has it. */
  sshKey(owner: SshKeyOwner | 'any account', fingerprint: string): Promise<SshKey | undefined>;
  /** Rejects with Refusal `key.exists`; no two accounts have the same key. */
  addSshKey(key: SshKey): Promise<void>;
  removeSshKey(owner: SshKeyOwner, fingerprint: string): Promise<void>;
  removeSshKeys(owner: SshKeyOwner): Promise<void>;
  deployKey(environment: string): Promise<DeployKey | undefined>;
  /** Replaces the one before. */
  setDeployKey(environment: string, key: DeployKey): Promise<void>;
  // Accounts, in order of their names.
  accounts(): Promise<Account[]>;
  account(name: string): Promise<Account | undefined>;
  /** As a member of these environments, with the link by which its password is chosen. Rejects with Refusal `account.exists`
   *  or `environment.unknown`. Links for setting up are of no use any more. */
  addAccount(account: Account, link: OneTimeLink | null, environments: readonly string[]): Promise<void>;
  /** Replaces the account of that name, and ends its sessions but the one to `keep`; null ends all, absent none.
   *  Rejects with Refusal `account.unknown`. */
  saveAccount(account: Account, keep?: string | null): Promise<void>;
  /** The same, and the links of the account are replaced by this one. Ends all its sessions. */
  resetAccount(account: Account, link: OneTimeLink): Promise<void>;
  /** With its sessions, tokens, links, memberships and SSH keys. */
  removeAccount(name: string): Promise<void>;
  /** Replaces the account that the link is for (`set-up`: adds it), opens the session and ends all others of the account, all
   *  in one step with the use of the link. False, and nothing done, when the link is not there any more. */
  useLink(id: string, account: Account, session: Session): Promise<boolean>;
  link(id: string): Promise<OneTimeLink | undefined>;
  /** Replaces the links of the same kind and account. */
  saveLink(link: OneTimeLink): Promise<void>;

  // Members of environments.
  /** Names of the accounts, in order. */
  members(environment: string): Promise<string[]>;
  /** Names of the environments, in order. */
  environmentsOf(account: string): Promise<string[]>;
  /** False when it was so already. Rejects with Refusal `environment.unknown` or `account.unknown`. */
  setMember(environment: string, account: string, member: boolean): Promise<boolean>;

  // Sessions, newest first.
  session(id: string): Promise<Session | undefined>;
  sessions(account: string): Promise<Session[]>;
  /** Ends the oldest ones of the account beyond `keep`. Rejects with Refusal `account.unknown`. */
  addSession(session: Session, keep: number): Promise<void>;
  sessionUsed(id: string, usedAt: number): Promise<void>;
  endSession(id: string): Promise<void>;

  // Tokens, in order of their ids.
  tokens(): Promise<Token[]>;
  tokenOfHash(hash: string): Promise<Token | undefined>;
  /** Rejects with Refusal `environment.unknown` or `account.unknown`. */
  addToken(token: Token): Promise<void>;
  tokenUsed(id: string, usedAt: number): Promise<void>;
  removeToken(id: string): Promise<void>;

  // Requests with an idempotency key.
  keyedRequest(user: string, key: string): Promise<KeyedRequest | undefined>;
  /** Remembers, durably and in place of an earlier one with its key, that a request is about to be carried out; of the user's the newest `keep` stay. */
  beginKeyedRequest(request: KeyedRequest, keep: number): Promise<void>;
  answerKeyedRequest(user: string, key: string, answer: string): Promise<void>;
  /** It changed nothing, and may be sent again. */
  dropKeyedRequest(user: string, key: string): Promise<void>;

  // Small facts about the machine: the boot id last seen, the heartbeat of the scheduler.
  meta(key: string): Promise<string | undefined>;
  setMeta(key: string, value: string): Promise<void>;

  /** Keeps the space bounded, a few rows at a time: old due times become stretches and then go, what was removed is swept.
   *  Call it once an hour or so; `now` is wall time, ms. */
  housekeep(now: number): Promise<void>;

  close(): Promise<void>;
}
