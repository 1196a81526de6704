/** The store on two SQLite files: nightshift.db is the core, whose word counts, history.db what may be rebuilt. */
import type { Deployment } from '../../domain/deployment.ts';
import type { DueTime, LedgerChange } from '../../domain/due-time.ts';
import type { Environment, Variables } from '../../domain/environment.ts';
import { isToBeJudged } from '../../domain/incident.ts';
import type { Job } from '../../domain/job.ts';
import type { EndRequest, Handle, LastEnd, Run } from '../../domain/run.ts';
import type { SshKey, SshKeyOwner } from '../../domain/ssh-key.ts';
import type { Statistics } from '../../domain/statistics.ts';
import type {
  DeployHook,
  DeployKey,
  FileChanges,
  JobPage,
  RunEnd,
  RunFilter,
  StatisticsDelta,
  Store,
} from '../store.ts';
import { AccountRows } from './account-rows.ts';
import { AccountStore } from './account-store.ts';
import { AlertRows } from './alert-rows.ts';
import type { DatabaseFile } from './database-file.ts';
import { DeploymentRows } from './deployment-rows.ts';
import { DueTimeCompaction } from './due-time-compaction.ts';
import { DueTimeRows } from './due-time-rows.ts';
import { EnvironmentRows } from './environment-rows.ts';
import { GroupCommit } from './group-commit.ts';
import { Housekeeping } from './housekeeping.ts';
import { IncidentRows } from './incident-rows.ts';
import { KeyedRequestRows } from './keyed-request-rows.ts';
import { LogReceiverRows } from './log-receiver-rows.ts';
import { RecordRows } from './record-rows.ts';
import { RunRows } from './run-rows.ts';
import type { Sealer } from './sealer.ts';
import { SessionRows } from './session-rows.ts';
import { SshKeyRows } from './ssh-key-rows.ts';
import { StatisticsRows } from './statistics-rows.ts';
import { Sweeping } from './sweeping.ts';

/** After so many ends, history is brought to the disk and the core forgets that it vouched for those runs. */
const endsPerRelease = 2_000;

export interface Parts {
  readonly core: DatabaseFile;
  readonly history: DatabaseFile;
  readonly sealer: Sealer;
  /** When the history file was made, wall time in ms. */
  readonly historySince: number;
}

export class SqliteStore extends AccountStore implements Store {
  readonly #core: DatabaseFile;
  readonly #history: DatabaseFile;
  readonly #commits: GroupCommit;
  readonly #environments: EnvironmentRows;
  readonly #runs: RunRows;
  readonly #dueTimes: DueTimeRows;
  readonly #statistics: StatisticsRows;
  readonly #records: RecordRows;
  readonly #deployments: DeploymentRows;
  readonly #alerts: AlertRows;
  readonly #sshKeys: SshKeyRows;
  readonly #housekeeping: Housekeeping;
  #endedSinceRelease: string[] = [];
  #closed: Promise<void> | undefined;

  constructor({ core, history, sealer, historySince }: Parts) {
    const commits = new GroupCommit(core, history);
    const environments = new EnvironmentRows(core, sealer);
    const accounts = new AccountRows(core, sealer);
    const sessions = new SessionRows(core);
    const records = new RecordRows(core);
    const alerts = new AlertRows(core, sealer, environments);
    const incidents = new IncidentRows(core);
    const keyedRequests = new KeyedRequestRows(core, sealer);
    const logReceivers = new LogReceiverRows(core, sealer, environments);
    super({
      ...{ commits, environments, accounts, sessions, records, keyedRequests },
      ...{ alerts, incidents, logReceivers },
    });
    this.#alerts = alerts;
    this.#core = core;
    this.#history = history;
    this.#commits = commits;
    this.#environments = environments;
    this.#runs = new RunRows(core, history);
    this.#dueTimes = new DueTimeRows(core);
    this.#statistics = new StatisticsRows(history, this.#environments, historySince);
    this.#records = records;
    this.#deployments = new DeploymentRows(core);
    this.#sshKeys = new SshKeyRows(core, sealer, this.#environments);
    this.#housekeeping = new Housekeeping({
      commits: this.#commits,
      history,
      runs: this.#runs,
      compaction: new DueTimeCompaction(core),
      sweeping: new Sweeping(core, history),
      incidents,
      alerts,
      accounts,
      sessions,
      keyedRequests,
    });
  }

  // Environments.

  environments(): Promise<Environment[]> {
    return this.#commits.read(() => this.#environments.all());
  }

  environment(name: string): Promise<Environment | undefined> {
    return this.#commits.read(() => this.#environments.one(name));
  }

  addEnvironment(environment: Environment): Promise<void> {
    return this.#commits.write(() => this.#environments.add(environment));
  }

  saveEnvironment(environment: Environment): Promise<void> {
    return this.#commits.write(() => this.#environments.save(environment));
  }

  removeEnvironment(name: string): Promise<void> {
    return this.#commits.write(() => this.#environments.remove(name));
  }

  variables(environment: string): Promise<Variables> {
    return this.#commits.read(() => this.#environments.variables(environment));
  }

  setVariables(environment: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
    return this.#commits.write(() => this.#environments.setVariables(environment, changes));
  }

  // Jobs.

  jobs(environment?: string): Promise<Job[]> {
    return this.#commits.read(() => this.#environments.jobs(environment));
  }

  job(environment: string, name: string): Promise<Job | undefined> {
    return this.#commits.read(() => this.#environments.job(environment, name));
  }

  addJob(job: Job): Promise<void> {
    return this.#commits.write(() => this.#environments.addJob(job));
  }

  saveJob(job: Job): Promise<void> {
    return this.#commits.write(() => this.#environments.saveJob(job));
  }

  removeJob(environment: string, name: string): Promise<void> {
    return this.#commits.write(() => this.#environments.removeJob(environment, name));
  }

  applyFile(environment: Environment, { put, removed, variables = {} }: FileChanges): Promise<void> {
    const { name } = environment;
    return this.#commits.write(() => {
      this.#environments.save(environment);
      for (const job of removed) this.#environments.removeJob(name, job);
      for (const job of put) {
        if (this.#environments.jobIds(name, job.name) === undefined) this.#environments.addJob(job);
        else this.#environments.saveJob(job);
      }
      this.#environments.setVariables(name, variables);
    });
  }

  // Runs.

  beginRuns(
    runs: readonly Run[],
    dueTimes: readonly DueTime[],
    changes: readonly LedgerChange[] = [],
  ): Promise<string[]> {
    return this.#commits.write(() => {
      for (const change of changes) this.#changeLedger(change);
      return this.#beginRuns(runs, dueTimes);
    });
  }

  runStarted(id: string, startedAt: number, handle: Handle): Promise<void> {
    return this.#commits.write(() => this.#runs.started(id, startedAt, handle));
  }

  runEndRequested(id: string, request: EndRequest, at: number): Promise<void> {
    return this.#commits.write(() => this.#runs.endRequested(id, request, at));
  }

  async runEnded(id: string, end: RunEnd, statistics: readonly StatisticsDelta[]): Promise<boolean> {
    const ended = await this.#commits.write(() => {
      const run = this.#runs.ended(id, end);
      if (run === undefined) return false;
      if (isToBeJudged(run)) this.#alerts.addUnjudged(run.environment, id);
      for (const delta of statistics) this.#statistics.add(delta);
      return true;
    });
    if (ended) this.#countEnd(id);
    return ended;
  }

  run(environment: string, id: string): Promise<Run | undefined> {
    return this.#inEnvironment(environment, undefined, (number) => this.#runs.one(number, id));
  }

  runs(filter: RunFilter): Promise<Run[]> {
    return this.#inEnvironment(filter.environment, [], (number) => this.#runs.page(number, filter));
  }

  lastEnds(environment: string, jobs: readonly string[]): Promise<LastEnd[]> {
    return this.#inEnvironment(environment, [], (number) =>
      jobs.flatMap((job) => this.#runs.lastEnd(number, job) ?? []),
    );
  }

  openRuns(): Promise<Run[]> {
    return this.#commits.read(() => this.#runs.open());
  }

  runsSince(filter: { environment: string; job: string; since: number }): Promise<Run[]> {
    return this.#inEnvironment(filter.environment, [], (number) =>
      this.#runs.since(number, filter.job, filter.since),
    );
  }

  pruneRuns(keep: number): Promise<string[]> {
    return this.#housekeeping.pruneRuns(keep);
  }

  /** Reads by the number of the environment; `none` where there is no such environment. */
  #inEnvironment<Found>(name: string, none: Found, read: (number: number) => Found): Promise<Found> {
    return this.#commits.read(() => {
      const number = this.#environments.idOf(name);
      return number === undefined ? none : read(number);
    });
  }

  // Due times.

  dueTimes(filter: {
    environment: string;
    job?: string;
    before?: number;
    beforeJob?: string;
    limit: number;
  }): Promise<DueTime[]> {
    return this.#commits.read(() => this.#dueTimesOf(filter));
  }

  lastDueTimes(): Promise<ReadonlyMap<string, number>> {
    return this.#commits.read(() => this.#dueTimes.last());
  }

  // Statistics.

  jobPage(filter: JobPage): Promise<{ job: Job; statistics: Statistics }[]> {
    return this.#commits.read(() => this.#statistics.page(filter));
  }

  statistics(environment: string, job?: string): Promise<Statistics[]> {
    return this.#commits.read(() =>
      job === undefined ? this.#statistics.of(environment) : this.#statistics.ofJob(environment, job),
    );
  }

  addStatistics(deltas: readonly StatisticsDelta[]): Promise<void> {
    return this.#commits.write(() => {
      for (const delta of deltas) this.#statistics.add(delta);
    });
  }

  resetStatistics(environment: string, since: number): Promise<void> {
    return this.#commits.write(() => this.#statistics.reset(environment, since));
  }

  // Records.

  saveDeployment(deployment: Deployment): Promise<void> {
    return this.#commits.write(() => {
      this.#deployments.save(this.#environments.requireId(deployment.environment), deployment);
    });
  }

  deployments(environment: string, limit: number): Promise<Deployment[]> {
    return this.#inEnvironment(environment, [], (number) => this.#deployments.page(number, limit));
  }

  deployment(environment: string, id: string): Promise<Deployment | undefined> {
    return this.#inEnvironment(environment, undefined, (number) => this.#deployments.one(number, id));
  }

  openDeployments(): Promise<Deployment[]> {
    return this.#commits.read(() => this.#deployments.open());
  }

  deployedCommit(environment: string): Promise<string | null> {
    return this.#inEnvironment(environment, null, (number) => this.#deployments.deployedCommit(number));
  }

  saveDeploymentOutput(environment: string, id: string, text: string): Promise<void> {
    return this.#commits.write(() => {
      this.#deployments.saveOutput(this.#environments.requireId(environment), id, text);
    });
  }

  deploymentOutput(environment: string, id: string): Promise<string> {
    return this.#commits.read(() => {
      const number = this.#environments.idOf(environment);
      return number === undefined ? '' : this.#deployments.output(number, id);
    });
  }

  deployHook(environment: string): Promise<DeployHook | undefined> {
    return this.#inEnvironment(environment, undefined, (number) =>
      this.#deployments.hook(number, environment),
    );
  }

  deployHookOf(hash: string): Promise<DeployHook | undefined> {
    return this.#commits.read(() => this.#deployments.hookOf(hash));
  }

  saveDeployHook(environment: string, hook: DeployHook | null): Promise<void> {
    return this.#commits.write(() => {
      this.#deployments.saveHook(this.#environments.requireId(environment), hook);
    });
  }

  // SSH keys.

  sshKeys(owner: SshKeyOwner): Promise<SshKey[]> {
    return this.#commits.read(() => this.#sshKeys.of(owner));
  }

  sshKey(owner: SshKeyOwner | 'any account', fingerprint: string): Promise<SshKey | undefined> {
    return this.#commits.read(() => this.#sshKeys.one(owner, fingerprint));
  }

  addSshKey(key: SshKey): Promise<void> {
    return this.#commits.write(() => this.#sshKeys.add(key));
  }

  removeSshKey(owner: SshKeyOwner, fingerprint: string): Promise<void> {
    return this.#commits.write(() => this.#sshKeys.remove(owner, fingerprint));
  }

  removeSshKeys(owner: SshKeyOwner): Promise<void> {
    return this.#commits.write(() => this.#sshKeys.removeAll(owner));
  }

  deployKey(environment: string): Promise<DeployKey | undefined> {
    return this.#commits.read(() => this.#sshKeys.deployKey(environment));
  }

  setDeployKey(environment: string, key: DeployKey): Promise<void> {
    return this.#commits.write(() => this.#sshKeys.setDeployKey(environment, key));
  }

  meta(key: string): Promise<string | undefined> {
    return this.#commits.read(() => this.#records.meta(key));
  }

  setMeta(key: string, value: string): Promise<void> {
    return this.#commits.write(() => this.#records.setMeta(key, value));
  }

  housekeep(now: number): Promise<void> {
    return this.#housekeeping.run(now);
  }

  /** Writes what is waiting; closing twice is closing once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#commits.close();
    try {
      this.#history.checkpoint('TRUNCATE');
      this.#core.checkpoint('TRUNCATE');
    } finally {
      this.#history.close();
      this.#core.close();
    }
  }

  #changeLedger(change: LedgerChange): void {
    const [first] = change.drop;
    const ids = first && this.#environments.jobIds(first.environment, first.job);
    if (ids !== undefined) this.#dueTimes.change(ids, change);
  }

  #beginRuns(runs: readonly Run[], dueTimes: readonly DueTime[]): string[] {
    const taken = new Set<string>();
    for (const dueTime of dueTimes) {
      const ids = this.#environments.jobIds(dueTime.environment, dueTime.job);
      const added = ids !== undefined && this.#dueTimes.add(ids, dueTime);
      if (!added && dueTime.run !== null) taken.add(dueTime.run);
    }
    const begun = runs.filter(
      (run) => !taken.has(run.id) && this.#runs.begin(this.#environments.requireId(run.environment), run),
    );
    return begun.map((run) => run.id);
  }

  #dueTimesOf(filter: {
    environment: string;
    job?: string;
    before?: number;
    beforeJob?: string;
    limit: number;
  }): DueTime[] {
    const { environment, limit } = filter;
    const before = filter.before ?? Number.MAX_SAFE_INTEGER;
    if (filter.job !== undefined) {
      const ids = this.#environments.jobIds(environment, filter.job);
      return ids === undefined ? [] : this.#dueTimes.ofJob(environment, ids.id, before, limit);
    }
    const id = this.#environments.idOf(environment);
    if (id === undefined) return [];
    const beforeJob =
      filter.beforeJob === undefined ? undefined : this.#environments.jobIds(environment, filter.beforeJob);
    const place = { dueAt: before, job: beforeJob?.id ?? 0 };
    return this.#dueTimes.ofEnvironment({ name: environment, id }, place, limit);
  }

  #countEnd(id: string): void {
    this.#endedSinceRelease.push(id);
    if (this.#endedSinceRelease.length < endsPerRelease) return;
    // When it fails nothing is lost: housekeeping finds those that are still vouched for.
    this.#housekeeping.release(this.#endedSinceRelease.splice(0)).catch(() => {
      this.#endedSinceRelease = [];
    });
  }
}
