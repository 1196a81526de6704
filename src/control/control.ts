/**
 * The port that every way in (HTTP, SSH, git) speaks to: the use cases, each authorised here and nowhere else.
 * Every method may throw a {@link Refusal}; nothing half-done stays then.
 */

import type { Readable } from 'node:stream';
import type { Role, TokenScope } from '../domain/account.ts';
import type { Advice } from '../domain/advice.ts';
import type { JobAdvice } from '../domain/advice-jobs.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { LedgerLine } from '../domain/due-time.ts';
import type { Environment, Variables } from '../domain/environment.ts';
import type { Incident } from '../domain/incident.ts';
import type { CatchUp, Handover, Job, OnDeploy } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import type { Plan } from '../domain/plan.ts';
import type { LastEnd, Run } from '../domain/run.ts';
import type { SshKey } from '../domain/ssh-key.ts';
import type { Statistics } from '../domain/statistics.ts';
import type { ExportFormat } from '../importers/export-jobs.ts';
import type { LogQuery, ToldEntry } from '../logs/log-store.ts';
import type { LastHour, MetricsAnswer, MetricsMark } from '../metrics/metrics.ts';
import type { ExecRequest, Execution, PlatformUsage } from '../platforms/platform.ts';
import type { ActivityFilter, DeployHook, IncidentFilter, KeptActivity, RunFilter } from '../store/store.ts';
import type { CodePlace } from './code.ts';
import type { EventBatch, EventQuery } from './event-hub.ts';
import type { FileDifference } from './file-difference.ts';
import type { ImportInput, ImportView } from './import-view.ts';
import type { LogDownloadView } from './log-downloads.ts';
import type { OnceAnswer } from './once.ts';
import type { Waiting } from './remote-commands.ts';
import type { WhyView } from './why-cases.ts';

export type { Told } from './changes-told.ts';
export type { EventBatch, EventQuery, ToldEvent } from './event-hub.ts';
export type { CodePlace, Waiting, WhyView };

import type { AccountControl } from './account-control.ts';
import type { AlertControl } from './alert-control.ts';
import type { ShippingControl } from './shipping-control.ts';

/** Who asks. Over the socket in the data folder it is an operator: the file's mode is the authentication. */
export interface Actor {
  /** For people who read what was done. */
  readonly name: string;
  readonly role: Role;
  /** For members: the environments they see. */
  readonly environments?: readonly string[];
  /** `http`: a session of the dashboard; `token`: the API with a token. */
  readonly via: 'socket' | 'http' | 'token' | 'ssh' | 'git';
  /** Where the request comes from; absent or null where that is not known, as on the socket. */
  readonly address?: string | null;
  /** The account; absent over the socket and with a token that belongs to nobody. */
  readonly account?: string;
  /** The id of the session that it came with. */
  readonly session?: string;
  /** The scope and the name of the token that it came with. */
  readonly scope?: TokenScope;
  readonly token?: string;
}

export interface NewEnvironment {
  readonly name: string;
  readonly root: string;
  readonly user?: string;
  readonly trial?: boolean;
}

/** A job as people state it; what is left out has its default (on adding) or stays (on editing). */
export interface JobSettingsInput {
  readonly command?: string;
  readonly status?: 'enabled' | 'disabled';
  readonly exitSignal?: string;
  readonly exitTimeoutSeconds?: number;
  readonly instances?: number;
  readonly handover?: Handover;
  readonly interval?: string;
  readonly crontab?: string;
  readonly timezone?: string;
  readonly maxRuntimeSeconds?: number;
  readonly maxInstances?: number;
  readonly catchUp?: CatchUp;
  readonly catchUpMaxAgeSeconds?: number;
  readonly onDeploy?: OnDeploy;
  readonly paused?: boolean;
  readonly retries?: number;
  readonly retryDelaySeconds?: number;
  /** Null, or none: after every failure. */
  readonly retryOn?: readonly number[] | null;
  /** Null: not watched. */
  readonly warnLateSeconds?: number | null;
  readonly warnLongerSeconds?: number | null;
  readonly warnShorterSeconds?: number | null;
}

export interface NewJob extends JobSettingsInput {
  readonly name: string;
  readonly type: 'worker' | 'cron';
}

export interface NewSshKey {
  /** The line of a `.pub` file. */
  readonly key: string;
  /** What people call it; the comment of the line when absent. */
  readonly name?: string;
}

/** What the caller takes to be there. */
export interface Expected {
  /** The tag of the definition as the caller has seen it (`domain/etag.ts`); refused as stale when it is another one now. */
  readonly ifMatch?: string;
}

export interface Change extends Expected {
  /** Resolve only when the effects are there: stopped is stopped, started runs. */
  readonly wait: boolean;
}

/** Of a job that nightshift.yml manages: also a change that the next deployment takes back. */
export interface Forced {
  readonly force?: boolean;
}

/** A job with everything that is known of it now. */
export interface JobView {
  readonly job: Job;
  readonly observed: ObservedJob;
  readonly statistics: Statistics;
  readonly lastRun: Run | null;
  /** How its newest run ended that is over. */
  readonly lastEnd: LastEnd | null;
  readonly nextDueAt: number | null;
}

/** A job as lists have it. */
export type ListedJob = Omit<JobView, 'lastRun'>;

/** Some of the jobs in order of their names: from the first, or from the one after the name `after`. */
export interface JobsPage {
  readonly after?: string;
  readonly limit: number;
}

export interface EnvironmentView {
  readonly environment: Environment;
  readonly plan: Plan | null;
  readonly variableNames: readonly string[];
  readonly jobsEnabled: number;
  readonly jobs: number;
  readonly workersRunning: number;
  readonly workersExpected: number;
  readonly usage: PlatformUsage | null;
  /** Runs of crons that failed in the last 24 hours. */
  readonly cronFailsOfDay: number;
  /** The next due time over all its crons. */
  readonly nextDue: { readonly job: string; readonly dueAt: number } | null;
  /** Whether the plan fits what was measured; null while it does, and without one. */
  readonly advice: Advice | null;
  /** Sentences that somebody should read: crash loops, an unwritable root, advice. */
  readonly notices: readonly string[];
}

/** A moment worth a line across charts: of a deployment, its begin. */
export interface Mark {
  readonly at: number;
  readonly kind: MetricsMark['kind'] | 'deployment';
  readonly job: string | null;
  /** Of the run, or of the deployment. */
  readonly id: string;
  readonly text: string;
}

export interface MetricsView extends Omit<MetricsAnswer, 'marks'> {
  readonly environment: string;
  /** Null: all jobs together. */
  readonly job: string | null;
  readonly marks: readonly Mark[];
  readonly plan: Plan | null;
}

export interface LastHourView extends LastHour {
  readonly environment: string;
  readonly plan: Plan | null;
}

export interface CrontabView {
  readonly expression: string;
  readonly timezone: string;
  /** In words. */
  readonly description: string;
  /** Wall times, ms. */
  readonly next: readonly number[];
}

export interface DaemonView {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly dataFolder: string;
  readonly runtime: 'container' | 'process' | 'fake';
  /** What the runtime in use can't do, in sentences; empty when nothing. */
  readonly cannot: readonly string[];
  readonly schedulerHeartbeatAt: number | null;
  readonly store: 'ok' | 'unavailable';
}

/** Whether Nightshift itself is well; holds nothing that not everybody may know. */
export interface HealthView {
  readonly schedulerHeartbeatAt: number | null;
  /** The heartbeat has been missing for longer than it ever should. */
  readonly schedulerSilent: boolean;
  readonly store: 'ok' | 'unavailable';
}

/** A push of one branch, whose objects are in the repository already. */
export interface Push {
  readonly branch: string;
  /** Null: the branch is to be removed. */
  readonly commit: string | null;
  /** Called with every line that whoever pushes should see. */
  readonly say: (line: string) => void;
  /** Aborted when whoever pushes has gone. */
  readonly signal: AbortSignal;
}

export interface Control extends AccountControl, AlertControl, ShippingControl {
  /** The place of the newest change. Who asks for it, then reads, then follows from it, misses nothing. */
  lastEventId(): string;
  /** What changes, as far as the actor sees it, until `signal` aborts; it ends where the reader is too slow. */
  events(actor: Actor, query: EventQuery, signal: AbortSignal): AsyncIterable<EventBatch>;
  /** For monitors outside, which are nobody. */
  health(): Promise<HealthView>;
  /** Does a request once for its key, however often it is sent; `asked` makes it this one. See `once.ts`. */
  once(actor: Actor, key: string, asked: unknown, act: () => Promise<unknown>): Promise<OnceAnswer>;
  daemon(actor: Actor): Promise<DaemonView>;
  plans(actor: Actor): Promise<readonly Plan[]>;

  environments(actor: Actor): Promise<readonly EnvironmentView[]>;
  environment(actor: Actor, name: string): Promise<EnvironmentView>;
  /** Answers with notices, such as that the root was left to its owner. */
  createEnvironment(actor: Actor, input: NewEnvironment): Promise<EnvironmentView>;
  removeEnvironment(actor: Actor, name: string, expected?: Expected): Promise<void>;
  setTrial(actor: Actor, name: string, trial: boolean, expected?: Expected): Promise<EnvironmentView>;
  /** Holds all crons of the environment back, or lets them go on: due times are skipped, what runs goes on. */
  setPaused(actor: Actor, name: string, paused: boolean, expected?: Expected): Promise<EnvironmentView>;
  /** Puts the names of secret variables in place of their values wherever output of its jobs is shown or sent, or no longer. */
  setMaskSecrets(actor: Actor, name: string, on: boolean, expected?: Expected): Promise<EnvironmentView>;
  variables(actor: Actor, name: string): Promise<Variables>;
  /** Null removes. Restarts the workers concerned. */
  setVariables(
    actor: Actor,
    name: string,
    changes: Readonly<Record<string, string | null>>,
    change: Change,
  ): Promise<void>;

  book(
    actor: Actor,
    name: string,
    plan: string,
    options: Change & { readonly force: boolean },
  ): Promise<EnvironmentView>;
  unbook(actor: Actor, name: string, change: Change): Promise<EnvironmentView>;

  /** All of them, or a page. */
  jobs(actor: Actor, environment: string, page?: JobsPage): Promise<readonly ListedJob[]>;
  job(actor: Actor, environment: string, name: string): Promise<JobView>;
  /** Why it is as it is, in sentences. */
  why(actor: Actor, environment: string, name: string): Promise<WhyView>;
  addJob(actor: Actor, environment: string, input: NewJob, change: Change): Promise<JobView>;
  editJob(
    actor: Actor,
    environment: string,
    name: string,
    input: JobSettingsInput,
    change: Change & Forced,
  ): Promise<JobView>;
  removeJob(actor: Actor, environment: string, name: string, options?: Forced & Expected): Promise<void>;
  startJob(actor: Actor, environment: string, name: string, change: Change): Promise<JobView>;
  stopJob(actor: Actor, environment: string, name: string, change: Change): Promise<JobView>;
  /** Restarts all enabled workers, each as soon as its old runs have ended; answers their names. */
  restartWorkers(actor: Actor, environment: string, change: Change): Promise<readonly string[]>;
  restartJob(actor: Actor, environment: string, name: string, change: Change): Promise<JobView>;
  /** Holds a cron back, or lets it go on: its due times are skipped, what runs goes on, its place in the plan stays taken. */
  setJobPaused(
    actor: Actor,
    environment: string,
    name: string,
    paused: boolean,
    expected?: Expected,
  ): Promise<JobView>;
  /** Runs a cron now, whatever its schedule says; with `wait` the run has ended when this resolves. */
  runJob(actor: Actor, environment: string, name: string, change: Change): Promise<Run>;
  resetStatistics(actor: Actor, environment: string): Promise<void>;

  runs(actor: Actor, filter: RunFilter): Promise<readonly Run[]>;
  run(actor: Actor, environment: string, id: string): Promise<Run>;
  dueTimes(
    actor: Actor,
    filter: { environment: string; job?: string; before?: number; beforeJob?: string; limit: number },
  ): Promise<readonly LedgerLine[]>;
  nextDue(
    actor: Actor,
    environment: string,
    count: number,
    job?: string,
  ): Promise<readonly { job: string; dueAt: number }[]>;
  explainCrontab(
    actor: Actor,
    input: { expression: string; timezone: string; from?: number; next: number },
  ): Promise<CrontabView>;

  /** With the id of a `download`, `logDownload` can be asked how far it is. */
  logs(actor: Actor, query: LogQuery, signal: AbortSignal, download?: string): AsyncIterable<ToldEntry>;
  logDownload(actor: Actor, environment: string, download: string): Promise<LogDownloadView>;
  /** Runs a command once, within the limit on its time; while a deployment is under way it waits, and `waiting` hears why. */
  exec(actor: Actor, environment: string, request: ExecRequest, waiting?: Waiting): Promise<Execution>;
  /** Restarts the workers gracefully for code that came another way. */
  deploy(
    actor: Actor,
    environment: string,
    trigger: Deployment['trigger'],
    change: Change,
  ): Promise<Deployment>;
  deployments(actor: Actor, environment: string, limit: number): Promise<readonly Deployment[]>;
  /** One deployment, with what it printed. */
  deployment(
    actor: Actor,
    environment: string,
    id: string,
  ): Promise<{ readonly deployment: Deployment; readonly output: string }>;
  deployHook(actor: Actor, environment: string): Promise<DeployHook>;
  /** Makes one, or gives it another secret: this answer alone has it. */
  rotateDeployHook(
    actor: Actor,
    environment: string,
  ): Promise<{
    readonly hook: DeployHook;
    readonly path: string;
    /** Where the dashboard is, if anybody knows. */
    readonly dashboard: string | null;
  }>;
  removeDeployHook(actor: Actor, environment: string): Promise<void>;
  /** @param address whose guesses are counted */
  deployByHook(secret: string, address: string, change: Change): Promise<Deployment>;
  /** Makes an environment's jobs what the text of a nightshift.yml says; with `dryRun` only tells what that would change. */
  applyFile(
    actor: Actor,
    environment: string,
    text: string,
    options: Change & { readonly dryRun: boolean },
  ): Promise<FileDifference & { readonly lines: readonly string[] }>;
  /** Adds jobs, and changes those of the same names, as files of another program state them; with `dryRun` only tells so. */
  importJobs(
    actor: Actor,
    environment: string,
    input: ImportInput,
    options: Change & { readonly dryRun: boolean },
  ): Promise<ImportView>;
  /** The environment's jobs in the form of another program, and what that can't say as comments. */
  exportJobs(actor: Actor, environment: string, format: ExportFormat): Promise<string>;
  /** Everything that is kept, as of this moment, as the bytes of one file. @param passphrase seals the secrets; null: without them */
  backup(actor: Actor, passphrase: string | null): Promise<Readable>;
  /** Whose code it is, for whoever may fetch and push it. */
  repository(actor: Actor, environment: string): Promise<CodePlace>;
  /**
   * A branch that is about to move: of the deploy branch, the code is deployed first. Resolves when the branch may move;
   * rejects when it must not, and then the root is as it was before.
   * @returns whether its code was deployed
   */
  push(actor: Actor, environment: string, push: Push): Promise<boolean>;
  activity(actor: Actor, filter: ActivityFilter): Promise<readonly KeptActivity[]>;

  sshKeys(actor: Actor, environment: string): Promise<readonly SshKey[]>;
  addSshKey(actor: Actor, environment: string, input: NewSshKey): Promise<SshKey>;
  /** By its fingerprint, or by its name where only one has it. */
  removeSshKey(actor: Actor, environment: string, key: string): Promise<void>;
  /** The public half of the key that the environment shows to others, as a line; made where there is none yet. */
  deployKey(actor: Actor, environment: string): Promise<string>;
  /** Who comes to an environment with a key that was proved; undefined when it does not open it, or when there is none. */
  sshActor(environment: string, fingerprint: string, address: string | null): Promise<Actor | undefined>;
  /** Keys of an account open every environment that it sees. One's own; operators manage those of all. */
  userSshKeys(actor: Actor, user: string): Promise<readonly SshKey[]>;
  addUserSshKey(actor: Actor, user: string, input: NewSshKey): Promise<SshKey>;
  removeUserSshKey(actor: Actor, user: string, key: string): Promise<void>;

  /** What was used over time. Wall times, ms: an hour until now where they are left out; the step as fine as can be. */
  metrics(
    actor: Actor,
    query: { environment: string; job?: string; from?: number; until?: number; stepSeconds?: number },
  ): Promise<MetricsView>;
  /** The last hour of an environment, or of all that the actor sees. */
  lastHour(actor: Actor, environment?: string): Promise<readonly LastHourView[]>;
  /** What Prometheus reads, of all that the actor sees. */
  exposition(actor: Actor, form: 'prometheus' | 'openmetrics'): Promise<string>;
  /** Whether the plan fits, and what could be better about the jobs; from what was measured. */
  advice(
    actor: Actor,
    environment: string,
  ): Promise<{ readonly plan: Advice | null; readonly jobs: readonly JobAdvice[] }>;
  /** What somebody should know of, newest first: of one environment, or of all that the actor sees and of the machine. */
  incidents(actor: Actor, filter: IncidentFilter): Promise<readonly Incident[]>;
}
