/** Records for the tests of the stores: whole and valid, with what a test cares about given. */
import type { Account, Session, Token } from '../domain/account.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { DueTime } from '../domain/due-time.ts';
import type { Environment } from '../domain/environment.ts';
import { type Cron, jobDefaults, type Worker } from '../domain/job.ts';
import type { Handle, Run } from '../domain/run.ts';
import type { RunEnd } from './store.ts';

/** 2021-01-14T12:00:00Z */
export const noon = 1_610_625_600_000;

export const sampleEnvironment = (name: string, given: Partial<Environment> = {}): Environment => ({
  name,
  root: `/srv/${name}`,
  user: `ns-${name}`,
  trial: false,
  plan: 'M',
  paused: false,
  maskSecrets: false,
  createdAt: noon,
  ...given,
});

const settings = {
  command: 'artisan queue:work -v',
  status: 'enabled',
  exitSignal: jobDefaults.exitSignal,
  exitTimeoutSeconds: jobDefaults.exitTimeoutSeconds,
  createdAt: noon,
  version: 1,
  managedBy: null,
} as const;

export const sampleWorker = (environment: string, name: string, given: Partial<Worker> = {}): Worker => ({
  ...settings,
  environment,
  name,
  type: 'worker',
  instances: 1,
  handover: 'stop-first',
  ...given,
});

export const sampleCron = (environment: string, name: string, given: Partial<Cron> = {}): Cron => ({
  ...settings,
  environment,
  name,
  type: 'cron',
  schedule: { kind: 'interval', interval: '1m', moment: 7 },
  maxRuntimeSeconds: jobDefaults.maxRuntimeSeconds,
  maxInstances: jobDefaults.maxInstances,
  catchUp: 'none',
  catchUpMaxAgeSeconds: jobDefaults.catchUpMaxAgeSeconds,
  onDeploy: jobDefaults.onDeploy,
  paused: jobDefaults.paused,
  retries: jobDefaults.retries,
  retryDelaySeconds: jobDefaults.retryDelaySeconds,
  retryOn: jobDefaults.retryOn,
  warnLateSeconds: jobDefaults.warnLateSeconds,
  warnLongerSeconds: jobDefaults.warnLongerSeconds,
  warnShorterSeconds: jobDefaults.warnShorterSeconds,
  dueSince: noon,
  ...given,
});

export const sampleRun = (environment: string, id: string, given: Partial<Run> = {}): Run => ({
  id,
  environment,
  job: 'mail',
  kind: 'worker',
  instance: 0,
  command: 'artisan queue:work -v',
  trigger: 'start',
  predecessor: null,
  attempt: 1,
  askedBy: null,
  dueAt: null,
  createdAt: noon,
  startedAt: null,
  endedAt: null,
  exit: null,
  outcome: null,
  reason: null,
  memoryAvgBytes: null,
  memoryMaxBytes: null,
  commit: null,
  settings: 'digest',
  leftovers: [],
  handle: null,
  endRequest: null,
  ...given,
});

/** A cron's run and the due time that begins it. */
export function sampleDue(
  environment: string,
  job: string,
  dueAt: number,
  id: string,
): { run: Run; dueTime: DueTime } {
  const trigger = 'schedule';
  return {
    run: sampleRun(environment, id, { job, kind: 'cron', trigger, dueAt, createdAt: dueAt }),
    dueTime: { environment, job, dueAt, fate: 'ran', run: id, reason: null },
  };
}

export const sampleHandle = (runId: string): Handle => ({
  runtime: 'container',
  version: 1,
  runId,
  pid: 4711,
  bootId: '6a2f',
});

export const sampleEnd = (given: Partial<RunEnd> = {}): RunEnd => ({
  endedAt: noon + 5_000,
  exit: { kind: 'exited', code: 0 },
  outcome: 'ok',
  reason: null,
  memoryAvgBytes: 1_000,
  memoryMaxBytes: 2_000,
  leftovers: [],
  ...given,
});

export const sampleAccount = (name: string, given: Partial<Account> = {}): Account => ({
  name,
  role: 'member',
  createdAt: noon,
  password: null,
  secondFactor: null,
  ...given,
});

export const sampleSession = (account: string, id: string, given: Partial<Session> = {}): Session => ({
  id,
  account,
  createdAt: noon,
  usedAt: noon,
  address: '192.0.2.7',
  ...given,
});

export const sampleToken = (account: string | null, id: string, given: Partial<Token> = {}): Token => ({
  id,
  hash: `hash of ${id}`,
  name: 'ci',
  account,
  scope: 'write',
  environments: null,
  createdAt: noon,
  expiresAt: null,
  usedAt: null,
  ...given,
});

export const sampleDeployment = (
  id: string,
  startedAt: number,
  given: Partial<Deployment> = {},
): Deployment => ({
  id,
  environment: 'shop',
  trigger: 'git',
  commit: 'c0ffee',
  branch: 'main',
  askedBy: 'ada',
  state: 'queued',
  steps: [{ state: 'queued', startedAt, endedAt: null, detail: null }],
  startedAt,
  endedAt: null,
  outcome: null,
  reason: null,
  ...given,
});
