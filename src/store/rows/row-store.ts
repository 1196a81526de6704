/**
 * The store over rows: each method is one task, put together from the work of the rows. `core` is what counts, `history` what may
 * be rebuilt: two files in SQLite, one database in PostgreSQL.
 */
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
import { DeploymentRows } from './deployment-rows.ts';
import { DueTimeCompaction } from './due-time-compaction.ts';
import { DueTimeRows } from './due-time-rows.ts';
import { EnvironmentRows } from './environment-rows.ts';
import { Housekeeping } from './housekeeping.ts';
import { IncidentRows } from './incident-rows.ts';
import { KeyedRequestRows } from './keyed-request-rows.ts';
import { Ledger } from './ledger.ts';
import { LogReceiverRows } from './log-receiver-rows.ts';
import { RecordRows } from './record-rows.ts';
import { RunRows } from './run-rows.ts';
import type { Sealer } from './sealer.ts';
import { SessionRows } from './session-rows.ts';
import { SshKeyRows } from './ssh-key-rows.ts';
import { StatisticsRows } from './statistics-rows.ts';
import { Sweeping } from './sweeping.ts';
import type { Vouching } from './vouching.ts';
import { type Database, inTurn, type Transactions, type Work } from './work.ts';

export interface Parts {
  readonly core: Database;
  readonly history: Database;
  readonly transactions: Transactions;
  readonly vouching: Vouching;
  readonly sealer: Sealer;
  /** When history was made, wall time in ms. */
  readonly historySince: number;
  /** Lets go of the database, after what is waiting was written. */
  readonly close: () => Promise<void>;
}

export class RowStore extends AccountStore implements Store {
  readonly #transactions: Transactions;
  readonly #environments: EnvironmentRows;
  readonly #runs: RunRows;
  readonly #dueTimes: DueTimeRows;
  readonly #ledger: Ledger;
  readonly #statistics: StatisticsRows;
  readonly #records: RecordRows;
  readonly #deployments: DeploymentRows;
  readonly #alerts: AlertRows;
  readonly #sshKeys: SshKeyRows;
  readonly #housekeeping: Housekeeping;
  readonly #vouching: Vouching;
  readonly #letGo: () => Promise<void>;
  #closed: Promise<void> | undefined;

  constructor({ core, history, transactions, vouching, sealer, historySince, close }: Parts) {
    const environments = new EnvironmentRows(core, sealer);
    const accounts = new AccountRows(core, sealer);
    const sessions = new SessionRows(core);
    const records = new RecordRows(core);
    const alerts = new AlertRows(core, sealer, environments);
    const incidents = new IncidentRows(core);
    const keyedRequests = new KeyedRequestRows(core, sealer);
    const logReceivers = new LogReceiverRows(core, sealer, environments);
    super({
      ...{ transactions, environments, accounts, sessions, records, keyedRequests },
      ...{ alerts, incidents, logReceivers },
    });
    this.#alerts = alerts;
    this.#transactions = transactions;
    this.#environments = environments;
    this.#runs = new RunRows(history, vouching);
    this.#dueTimes = new DueTimeRows(core);
    this.#ledger = new Ledger(environments, this.#dueTimes, this.#runs);
    this.#statistics = new StatisticsRows(history, this.#environments, historySince);
    this.#records = records;
    this.#deployments = new DeploymentRows(core);
    this.#sshKeys = new SshKeyRows(core, sealer, this.#environments);
    this.#vouching = vouching;
    this.#letGo = close;
    this.#housekeeping = new Housekeeping({
      transactions,
      vouching,
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
    return this.#transactions.read(() => this.#environments.all());
  }

  environment(name: string): Promise<Environment | undefined> {
    return this.#transactions.read(() => this.#environments.one(name));
  }

  addEnvironment(environment: Environment): Promise<void> {
    return this.#transactions.write(() => this.#environments.add(environment));
  }

  saveEnvironment(environment: Environment): Promise<void> {
    return this.#transactions.write(() => this.#environments.save(environment));
  }

  removeEnvironment(name: string): Promise<void> {
    return this.#transactions.write(() => this.#removeEnvironment(name));
  }

  variables(environment: string): Promise<Variables> {
    return this.#transactions.read(() => this.#environments.variables(environment));
  }

  setVariables(environment: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
    return this.#transactions.write(() => this.#environments.setVariables(environment, changes));
  }

  // Jobs.

  jobs(environment?: string): Promise<Job[]> {
    return this.#transactions.read(() => this.#environments.jobs(environment));
  }

  job(environment: string, name: string): Promise<Job | undefined> {
    return this.#transactions.read(() => this.#environments.job(environment, name));
  }

  addJob(job: Job): Promise<void> {
    return this.#transactions.write(() => this.#environments.addJob(job));
  }

  saveJob(job: Job): Promise<void> {
    return this.#transactions.write(() => this.#environments.saveJob(job));
  }

  removeJob(environment: string, name: string): Promise<void> {
    return this.#transactions.write(() => this.#environments.removeJob(environment, name));
  }

  applyFile(environment: Environment, changes: FileChanges): Promise<void> {
    return this.#transactions.write(() => this.#applyFile(environment, changes));
  }

  // Runs.

  beginRuns(
    runs: readonly Run[],
    dueTimes: readonly DueTime[],
    changes: readonly LedgerChange[] = [],
  ): Promise<string[]> {
    return this.#transactions.write(() => this.#ledger.begin(runs, dueTimes, changes));
  }

  runStarted(id: string, startedAt: number, handle: Handle): Promise<void> {
    return this.#transactions.write(() => this.#runs.started(id, startedAt, handle));
  }

  runEndRequested(id: string, request: EndRequest, at: number): Promise<void> {
    return this.#transactions.write(() => this.#runs.endRequested(id, request, at));
  }

  async runEnded(id: string, end: RunEnd, statistics: readonly StatisticsDelta[]): Promise<boolean> {
    const ended = await this.#transactions.write(() => this.#runEnded(id, end, statistics));
    if (ended) this.#vouching.ended(id);
    return ended;
  }

  run(environment: string, id: string): Promise<Run | undefined> {
    return this.#inEnvironment(environment, undefined, (number) => this.#runs.one(number, id));
  }

  runs(filter: RunFilter): Promise<Run[]> {
    return this.#inEnvironment(filter.environment, [], (number) => this.#runs.page(number, filter));
  }

  lastEnds(environment: string, jobs: readonly string[]): Promise<LastEnd[]> {
    return this.#inEnvironment(environment, [], (number) => this.#lastEnds(number, jobs));
  }

  openRuns(): Promise<Run[]> {
    return this.#transactions.read(() => this.#runs.open());
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
  #inEnvironment<Found>(name: string, none: Found, read: (number: number) => Work<Found>): Promise<Found> {
    return this.#transactions.read(() => this.#readIn(name, none, read));
  }

  *#readIn<Found>(name: string, none: Found, read: (number: number) => Work<Found>): Work<Found> {
    const number = yield* this.#environments.idOf(name);
    return number === undefined ? none : yield* read(number);
  }

  /** Writes by the number of the environment. Rejects with Refusal `environment.unknown`. */
  *#withNumber(name: string, write: (number: number) => Work<void>): Work<void> {
    yield* write(yield* this.#environments.requireId(name));
  }

  // Due times.

  dueTimes(filter: {
    environment: string;
    job?: string;
    before?: number;
    beforeJob?: string;
    limit: number;
  }): Promise<DueTime[]> {
    return this.#transactions.read(() => this.#ledger.page(filter));
  }

  lastDueTimes(): Promise<ReadonlyMap<string, number>> {
    return this.#transactions.read(() => this.#dueTimes.last());
  }

  // Statistics.

  jobPage(filter: JobPage): Promise<{ job: Job; statistics: Statistics }[]> {
    return this.#transactions.read(() => this.#statistics.page(filter));
  }

  statistics(environment: string, job?: string): Promise<Statistics[]> {
    return this.#transactions.read(() =>
      job === undefined ? this.#statistics.of(environment) : this.#statistics.ofJob(environment, job),
    );
  }

  addStatistics(deltas: readonly StatisticsDelta[]): Promise<void> {
    return this.#transactions.write(() => inTurn(deltas, (delta) => this.#statistics.add(delta)));
  }

  resetStatistics(environment: string, since: number): Promise<void> {
    return this.#transactions.write(() => this.#statistics.reset(environment, since));
  }

  // Records.

  saveDeployment(deployment: Deployment): Promise<void> {
    return this.#transactions.write(() =>
      this.#withNumber(deployment.environment, (number) => this.#deployments.save(number, deployment)),
    );
  }

  deployments(environment: string, limit: number): Promise<Deployment[]> {
    return this.#inEnvironment(environment, [], (number) => this.#deployments.page(number, limit));
  }

  deployment(environment: string, id: string): Promise<Deployment | undefined> {
    return this.#inEnvironment(environment, undefined, (number) => this.#deployments.one(number, id));
  }

  openDeployments(): Promise<Deployment[]> {
    return this.#transactions.read(() => this.#deployments.open());
  }

  deployedCommit(environment: string): Promise<string | null> {
    return this.#inEnvironment(environment, null, (number) => this.#deployments.deployedCommit(number));
  }

  saveDeploymentOutput(environment: string, id: string, text: string): Promise<void> {
    return this.#transactions.write(() =>
      this.#withNumber(environment, (number) => this.#deployments.saveOutput(number, id, text)),
    );
  }

  deploymentOutput(environment: string, id: string): Promise<string> {
    return this.#inEnvironment(environment, '', (number) => this.#deployments.output(number, id));
  }

  deployHook(environment: string): Promise<DeployHook | undefined> {
    return this.#inEnvironment(environment, undefined, (number) =>
      this.#deployments.hook(number, environment),
    );
  }

  deployHookOf(hash: string): Promise<DeployHook | undefined> {
    return this.#transactions.read(() => this.#deployments.hookOf(hash));
  }

  saveDeployHook(environment: string, hook: DeployHook | null): Promise<void> {
    return this.#transactions.write(() =>
      this.#withNumber(environment, (number) => this.#deployments.saveHook(number, hook)),
    );
  }

  // SSH keys.

  sshKeys(owner: SshKeyOwner): Promise<SshKey[]> {
    return this.#transactions.read(() => this.#sshKeys.of(owner));
  }

  sshKey(owner: SshKeyOwner | 'any account', fingerprint: string): Promise<SshKey | undefined> {
    return this.#transactions.read(() => this.#sshKeys.one(owner, fingerprint));
  }

  addSshKey(key: SshKey): Promise<void> {
    return this.#transactions.write(() => this.#sshKeys.add(key));
  }

  removeSshKey(owner: SshKeyOwner, fingerprint: string): Promise<void> {
    return this.#transactions.write(() => this.#sshKeys.remove(owner, fingerprint));
  }

  removeSshKeys(owner: SshKeyOwner): Promise<void> {
    return this.#transactions.write(() => this.#sshKeys.removeAll(owner));
  }

  deployKey(environment: string): Promise<DeployKey | undefined> {
    return this.#transactions.read(() => this.#sshKeys.deployKey(environment));
  }

  setDeployKey(environment: string, key: DeployKey): Promise<void> {
    return this.#transactions.write(() => this.#sshKeys.setDeployKey(environment, key));
  }

  meta(key: string): Promise<string | undefined> {
    return this.#transactions.read(() => this.#records.meta(key));
  }

  setMeta(key: string, value: string): Promise<void> {
    return this.#transactions.write(() => this.#records.setMeta(key, value));
  }

  housekeep(now: number): Promise<void> {
    return this.#housekeeping.run(now);
  }

  /** Writes what is waiting; closing twice is closing once. */
  close(): Promise<void> {
    this.#closed ??= this.#letGo();
    return this.#closed;
  }

  // What takes more than one step.

  *#removeEnvironment(name: string): Work<void> {
    const id = yield* this.#environments.idOf(name);
    if (id === undefined) return;
    yield* this.#vouching.dropOf(id);
    yield* this.#environments.remove(id);
  }

  *#applyFile(environment: Environment, { put, removed, variables = {} }: FileChanges): Work<void> {
    const { name } = environment;
    yield* this.#environments.save(environment);
    for (const job of removed) yield* this.#environments.removeJob(name, job);
    for (const job of put) {
      const there = yield* this.#environments.jobIds(name, job.name);
      yield* there === undefined ? this.#environments.addJob(job) : this.#environments.saveJob(job);
    }
    yield* this.#environments.setVariables(name, variables);
  }

  *#runEnded(id: string, end: RunEnd, statistics: readonly StatisticsDelta[]): Work<boolean> {
    const run = yield* this.#runs.ended(id, end);
    if (run === undefined) return false;
    if (isToBeJudged(run)) yield* this.#alerts.addUnjudged(run.environment, id);
    for (const delta of statistics) yield* this.#statistics.add(delta);
    return true;
  }

  *#lastEnds(environment: number, jobs: readonly string[]): Work<LastEnd[]> {
    const ends: LastEnd[] = [];
    for (const job of jobs) {
      const end = yield* this.#runs.lastEnd(environment, job);
      if (end !== undefined) ends.push(end);
    }
    return ends;
  }
}
