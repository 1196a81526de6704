/** A `Control` for tests of the ways in: it answers with fixed words, remembers what it was asked, and refuses where told to. */
import { PassThrough, Readable } from 'node:stream';
import type { Control, EnvironmentView, JobView, LastHourView, MetricsView } from '../control/control.ts';
import type { FileDifference } from '../control/file-difference.ts';
import { Once } from '../control/once.ts';
import type { DueTime } from '../domain/due-time.ts';
import type { Environment } from '../domain/environment.ts';
import type { Incident } from '../domain/incident.ts';
import type { Cron, Worker } from '../domain/job.ts';
import { lastEndOf, type Run } from '../domain/run.ts';
import type { SignalName } from '../domain/signals.ts';
import type { SshKey } from '../domain/ssh-key.ts';
import type { LogEntry } from '../logs/log-store.ts';
import type { Execution } from '../platforms/platform.ts';
import type { DeployHook, Deployment, KeptActivity, KeyedRequest } from '../store/store.ts';
import { accountAnswers } from './account-double.testkit.ts';
import { alertAnswers } from './alert-double.testkit.ts';
import { shippingAnswers } from './shipping-double.testkit.ts';

/** 2026-11-22 03:12:07.250 UTC */
export const anInstant = Date.UTC(2026, 10, 22, 3, 12, 7, 250);
const megabyte = 1024 * 1024;

export const anEnvironment: Environment = {
  name: 'demo',
  root: '/srv/demo',
  user: 'ns-demo',
  trial: false,
  plan: 'M',
  paused: false,
  maskSecrets: false,
  createdAt: anInstant - 86_400_000,
};

export const anEnvironmentView: EnvironmentView = {
  environment: anEnvironment,
  plan: { name: 'M', memoryBytes: 512 * megabyte, jobs: 4, cpu: 0.5, softLimitPerJobBytes: null },
  variableNames: ['MAIL_FROM', 'TOKEN'],
  jobsEnabled: 2,
  jobs: 2,
  workersRunning: 1,
  workersExpected: 1,
  usage: {
    memoryBytes: 61.2 * megabyte,
    cacheBytes: 12 * megabyte,
    memoryMaxBytes: 80 * megabyte,
    swapBytes: 0,
    cpuSeconds: 12.5,
    throttledSeconds: null,
    outOfMemoryKills: 0,
    processes: 4,
  },
  cronFailsOfDay: 2,
  nextDue: { job: 'a-cron', dueAt: anInstant + 360_000 },
  advice: null,
  notices: [],
};

export const aWorker: Worker = {
  type: 'worker',
  environment: 'demo',
  name: 'a-worker',
  command: 'php worker.php',
  status: 'enabled',
  exitSignal: 'TERM',
  exitTimeoutSeconds: 10,
  createdAt: anInstant - 3_600_000,
  version: 3,
  managedBy: null,
  instances: 1,
  handover: 'stop-first',
};

export const aCron: Cron = {
  type: 'cron',
  environment: 'demo',
  name: 'a-cron',
  command: 'php report.php',
  status: 'enabled',
  exitSignal: 'TERM',
  exitTimeoutSeconds: 10,
  createdAt: anInstant - 3_600_000,
  version: 1,
  managedBy: null,
  schedule: { kind: 'crontab', expression: '15 3 * * 1-5', timezone: 'Europe/Berlin', moment: 0 },
  maxRuntimeSeconds: 43_200,
  maxInstances: 5,
  catchUp: 'latest',
  catchUpMaxAgeSeconds: 172_800,
  onDeploy: 'finish',
  paused: false,
  retries: 0,
  retryDelaySeconds: 30,
  retryOn: null,
  warnLateSeconds: null,
  warnLongerSeconds: null,
  warnShorterSeconds: null,
  dueSince: anInstant - 3_600_000,
};

export const aRun: Run = {
  id: 'run-2',
  environment: 'demo',
  job: 'a-cron',
  kind: 'cron',
  instance: 0,
  command: 'php report.php',
  trigger: 'schedule',
  predecessor: null,
  attempt: 1,
  askedBy: null,
  dueAt: anInstant - 41_250,
  createdAt: anInstant - 41_200,
  startedAt: anInstant - 41_000,
  endedAt: anInstant,
  exit: { kind: 'exited', code: 3 },
  outcome: 'failed',
  reason: 'exit code 3',
  memoryAvgBytes: 10.5 * megabyte,
  memoryMaxBytes: 15.1 * megabyte,
  commit: 'abc1234',
  settings: 'digest',
  leftovers: [{ pid: 4711, command: 'sleep 1000' }],
  handle: null,
  endRequest: null,
};

export const aWorkerView: JobView = {
  job: aWorker,
  observed: {
    environment: 'demo',
    job: 'a-worker',
    state: { kind: 'running', since: anInstant - 3_000_000 },
    reason: 'started',
    runs: ['run-1'],
    instancesRunning: 1,
    memoryBytes: 11 * megabyte,
  },
  statistics: {
    environment: 'demo',
    job: 'a-worker',
    ended: 0,
    durationSumSeconds: 0,
    durationMaxSeconds: 0,
    memoryByteSeconds: 10.7 * megabyte * 100,
    memorySeconds: 100,
    memoryMaxBytes: 18 * megabyte,
    fails: 0,
    exitsOk: 0,
    restarts: 0,
    since: anInstant - 3_600_000,
  },
  lastRun: null,
  lastEnd: null,
  nextDueAt: null,
};

export const aCronView: JobView = {
  job: aCron,
  observed: {
    environment: 'demo',
    job: 'a-cron',
    state: { kind: 'scheduled', nextDueAt: anInstant + 360_000 },
    reason: 'waits for its next due time',
    runs: [],
    instancesRunning: 0,
    memoryBytes: null,
  },
  statistics: {
    environment: 'demo',
    job: 'a-cron',
    ended: 46,
    durationSumSeconds: 230,
    durationMaxSeconds: 5,
    memoryByteSeconds: 15.1 * megabyte * 230,
    memorySeconds: 230,
    memoryMaxBytes: 15.1 * megabyte,
    fails: 2,
    exitsOk: 44,
    restarts: 0,
    since: anInstant - 3_600_000,
  },
  lastRun: aRun,
  lastEnd: lastEndOf(aRun),
  nextDueAt: anInstant + 360_000,
};

export const aDueTime: DueTime = {
  environment: 'demo',
  job: 'a-cron',
  dueAt: anInstant - 41_250,
  fate: 'skipped',
  run: null,
  reason: 'five instances run',
  untilDueAt: anInstant + 78_750,
  count: 3,
};

export const aDeployment: Deployment = {
  id: 'deploy-1',
  environment: 'demo',
  trigger: 'cli',
  commit: null,
  branch: null,
  askedBy: 'operator',
  state: 'done',
  steps: [
    { state: 'queued', startedAt: anInstant - 1_500, endedAt: anInstant - 1_400, detail: null },
    { state: 'restarting', startedAt: anInstant - 1_400, endedAt: anInstant, detail: null },
  ],
  startedAt: anInstant - 1_500,
  endedAt: anInstant,
  outcome: 'ok',
  reason: null,
};

export const aDeployHook: DeployHook = {
  environment: 'demo',
  hash: 'ab',
  createdAt: anInstant,
  usedAt: null,
};

export const anActivity: KeptActivity = {
  id: 7,
  at: anInstant,
  actor: 'operator',
  environment: 'demo',
  act: 'book',
  detail: 'plan M',
  via: 'socket',
  address: null,
};

const anSshKey: SshKey = {
  owner: { kind: 'environment', name: 'demo' },
  name: 'ada@laptop',
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIBQ1ZWEK3wV1Yx7o0nNqrJcM0u8r1dVw2m5cV0a3q1bR',
  fingerprint: 'SHA256:hG7wXJ0b1nS6pW3tJ6m0u2yq1cH4dE5fG6hI7jK8lM9',
  addedAt: anInstant,
  addedBy: 'operator',
};

export const anIncident: Incident = {
  id: 'incident-1',
  environment: 'demo',
  job: 'a-cron',
  kind: 'cron-late',
  beganAt: anInstant - 60_000,
  seenAt: anInstant,
  count: 2,
  endedAt: null,
  reason: '"a-cron" began 6m after its due time, more than 5m',
  endReason: null,
  run: 'run-2',
  dueAt: anInstant - 360_000,
};

const twice = <Value>(value: Value): (Value | null)[] => [null, value];

export const aMetricsView: MetricsView = {
  environment: 'demo',
  job: null,
  from: anInstant - 67_250,
  until: anInstant + 52_750,
  stepSeconds: 60,
  series: {
    memoryBytes: twice(61 * megabyte),
    memoryMaxBytes: twice(80 * megabyte),
    memoryWithCacheBytes: twice(90 * megabyte),
    swapBytes: twice(0),
    swapMaxBytes: twice(0),
    cpu: twice(0.25),
    cpuMax: twice(0.5),
    throttled: twice(0.01),
    cronRuns: twice(2),
    cronFails: twice(1),
    workerStarts: twice(1),
    outOfMemoryKills: twice(1),
    memoryLimitBytes: twice(512 * megabyte),
    cpuLimit: twice(0.5),
    durationAvgSeconds: twice(5),
    durationMaxSeconds: twice(7.5),
  },
  marks: [
    { at: anInstant - 41_000, kind: 'deployment', job: null, id: 'deploy-1', text: 'abc1234 done' },
    {
      at: anInstant,
      kind: 'out-of-memory',
      job: 'a-worker',
      id: 'run-1',
      text: 'out of memory (signal KILL)',
    },
  ],
  plan: anEnvironmentView.plan,
};

export const aLastHour: LastHourView = {
  environment: 'demo',
  memoryBytes: [...new Array<null>(58).fill(null), 60 * megabyte, 61 * megabyte],
  cpu: 0.25,
  jobs: [{ job: 'a-worker', memoryBytes: [...new Array<null>(59).fill(null), 11 * megabyte] }],
  plan: anEnvironmentView.plan,
};

export const aLogEntry = (message: string | Uint8Array, extra: Partial<LogEntry> = {}): LogEntry => ({
  time: Date.UTC(2021, 0, 14, 12, 0, 1, 7),
  job: 'a-job',
  run: 'run-1',
  stream: 'stdout',
  level: 'INFO',
  message: typeof message === 'string' ? Buffer.from(message) : message,
  ...extra,
});

/** Entries as the log store hands them on. */
export async function* logOf(
  ...entries: readonly LogEntry[]
): AsyncGenerator<{ entry: LogEntry; cursor: string }> {
  for (const [index, entry] of entries.entries()) yield { entry, cursor: `c${index}` };
}

/** A remote command that the test plays: it reads what came in, writes what goes out, and ends it. */
export class ExecutionDouble implements Execution {
  readonly runId = 'run-9';
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly signals: SignalName[] = [];
  readonly sizes: { columns: number; rows: number }[] = [];
  readonly ended: Promise<Run>;
  readonly hungUp: Promise<void>;
  #end!: (run: Run) => void;
  #hangUp!: () => void;
  onSignal: (signal: SignalName) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.hungUp = new Promise((resolve) => {
      this.#hangUp = resolve;
    });
  }

  end(facts: Partial<Run> = {}): void {
    this.stdout.end();
    this.stderr.end();
    const ok = { exit: { kind: 'exited', code: 0 }, outcome: 'ok', reason: null } as const;
    this.#end({ ...aRun, id: this.runId, job: null, kind: 'remote', trigger: 'remote', ...ok, ...facts });
  }

  async signal(signal: SignalName): Promise<void> {
    this.signals.push(signal);
    this.onSignal(signal);
  }

  resize(size: { columns: number; rows: number }): void {
    this.sizes.push(size);
  }

  async hangUp(): Promise<void> {
    this.#hangUp();
    this.end({ exit: { kind: 'signalled', signal: 'HUP' }, outcome: 'stopped' });
  }
}

export interface ControlDouble {
  readonly control: Control;
  /** What was asked, in order: the use case and its arguments, the actor left out. */
  readonly asked: [name: string, ...given: unknown[]][];
  readonly actors: unknown[];
}

/** Every use case answers with the fixed words above, or as `answers` has it. */
export function controlDouble(answers: Partial<Control> = {}): ControlDouble {
  const asked: ControlDouble['asked'] = [];
  const actors: unknown[] = [];
  const requests = onceInMemory();
  const all: Control = { ...fixedAnswers, once: (...given) => requests.run(...given), ...answers };
  const control = Object.fromEntries(
    Object.entries(all).map(([name, act]) => [
      name,
      (actor: unknown, ...given: unknown[]) => {
        // Nobody asks for this one: it goes with every answer.
        if (name === 'lastEventId') return (act as () => unknown)();
        if (name === 'once') return (act as (...all: unknown[]) => unknown)(actor, ...given);
        actors.push(actor);
        asked.push([name, ...given.filter(isAsked)]);
        return (act as (...all: unknown[]) => unknown)(actor, ...given);
      },
    ]),
  ) as unknown as Control;
  return { control, asked, actors };
}

/** Not the ways back to whoever asks. */
const isAsked = (given: unknown): boolean =>
  !(given instanceof AbortSignal) && !(typeof given === 'object' && given !== null && 'say' in given);

const aDifference: FileDifference & { readonly lines: readonly string[] } = {
  added: [{ name: 'mails', type: 'worker', command: 'php mails.php' }],
  changed: [{ name: 'old', settings: [{ setting: 'timeout', from: '10s', to: '1m' }], taken: false }],
  removed: ['gone'],
  released: [],
  unchanged: [],
  plan: null,
  lines: ['job added: mails (worker: php mails.php)', 'job removed: gone'],
};

/** What is done once, remembered as a store would. */
function onceInMemory(): Once {
  const kept = new Map<string, KeyedRequest>();
  const placeOf = (user: string, key: string): string => `${user} ${key}`;
  return new Once({
    clock: { wall: () => anInstant, monotonic: () => 0, after: () => () => undefined },
    onTrouble: () => undefined,
    store: {
      keyedRequest: async (user: string, key: string) => kept.get(placeOf(user, key)),
      beginKeyedRequest: async (request: KeyedRequest) => {
        kept.set(placeOf(request.user, request.key), request);
      },
      answerKeyedRequest: async (user: string, key: string, answer: string) => {
        const place = placeOf(user, key);
        const request = kept.get(place);
        if (request !== undefined) kept.set(place, { ...request, answer });
      },
      dropKeyedRequest: async (user: string, key: string) => {
        kept.delete(placeOf(user, key));
      },
    },
  });
}

const fixedAnswers: Omit<Control, 'once'> = {
  lastEventId: () => 'life-7',
  events: async function* () {
    yield { reset: false, lastId: 'life-7', events: [] };
  },
  health: async () => ({ schedulerHeartbeatAt: anInstant, schedulerSilent: false, store: 'ok' }),
  ...accountAnswers,
  ...alertAnswers,
  ...shippingAnswers,
  daemon: async () => ({
    version: '0.1.0',
    pid: 4242,
    startedAt: anInstant,
    dataFolder: '/var/lib/nightshift',
    runtime: 'fake',
    cannot: ['limit memory'],
    schedulerHeartbeatAt: null,
    store: 'ok',
  }),
  plans: async () => (anEnvironmentView.plan === null ? [] : [anEnvironmentView.plan]),
  environments: async () => [anEnvironmentView],
  environment: async () => anEnvironmentView,
  createEnvironment: async () => anEnvironmentView,
  removeEnvironment: async () => undefined,
  setTrial: async (_, __, trial) => ({ ...anEnvironmentView, environment: { ...anEnvironment, trial } }),
  setMaskSecrets: async (_, __, maskSecrets) => ({
    ...anEnvironmentView,
    environment: { ...anEnvironment, maskSecrets },
  }),
  setPaused: async (_, __, paused) => ({ ...anEnvironmentView, environment: { ...anEnvironment, paused } }),
  variables: async () => ({ MAIL_FROM: 'shop@example.com', TOKEN: 'a=b' }),
  setVariables: async () => undefined,
  book: async () => anEnvironmentView,
  unbook: async () => ({
    ...anEnvironmentView,
    environment: { ...anEnvironment, plan: null },
    plan: null,
    usage: null,
  }),
  jobs: async () => [aCronView, aWorkerView],
  job: async (_, __, name) => (name === 'a-cron' ? aCronView : aWorkerView),
  why: async () => ({
    mood: 'bad',
    what: 'Its last run failed',
    since: null,
    at: anInstant,
    because: 'exit code 3',
    details: ['It is the second end like this in 7 days.'],
    next: { text: 'it is due', at: anInstant + 360_000 },
    remedies: ['read what it printed: nightshift logs demo --run run-2'],
    run: 'run-2',
    output: ['no such table'],
    history: [{ at: anInstant, from: null, text: 'ended after 41s: exit code 3', mood: 'bad', run: 'run-2' }],
  }),
  addJob: async (_, __, input) => (input.type === 'cron' ? aCronView : aWorkerView),
  editJob: async (_, __, name) => (name === 'a-cron' ? aCronView : aWorkerView),
  removeJob: async () => undefined,
  startJob: async () => aWorkerView,
  stopJob: async () => aWorkerView,
  restartJob: async () => aWorkerView,
  restartWorkers: async () => ['a-worker'],
  setJobPaused: async (_, __, ___, paused) => ({ ...aCronView, job: { ...aCron, paused } }),
  runJob: async () => ({ ...aRun, outcome: 'ok', exit: { kind: 'exited', code: 0 }, reason: null }),
  resetStatistics: async () => undefined,
  runs: async () => [aRun],
  run: async () => aRun,
  dueTimes: async () => [aDueTime],
  logDownload: async () => ({ bytesRead: 1_000, bytesToRead: 4_000, ended: false }),
  nextDue: async () => [{ job: 'a-cron', dueAt: anInstant + 360_000 }],
  explainCrontab: async (_, input) => ({
    expression: input.expression,
    timezone: input.timezone,
    description: 'at 03:15, Monday to Friday',
    next: [anInstant],
  }),
  logs: () => logOf(aLogEntry('The message')),
  exec: async () => new ExecutionDouble(),
  deploy: async () => aDeployment,
  deployments: async () => [aDeployment],
  deployment: async () => ({ deployment: aDeployment, output: 'mails: restarted in 0.4s\n' }),
  repository: async () => ({ environment: 'demo', root: '/srv/demo', user: 'ns-demo' }),
  push: async () => false,
  deployHook: async () => aDeployHook,
  rotateDeployHook: async () => ({
    hook: aDeployHook,
    path: '/hooks/deploy/s3cret',
    dashboard: 'http://127.0.0.1:8484',
  }),
  removeDeployHook: async () => undefined,
  deployByHook: async () => ({ ...aDeployment, trigger: 'hook' }),
  applyFile: async () => aDifference,
  exportJobs: async () => '[program:mails]\ncommand = php mails.php\n',
  backup: async () => Readable.from(['a backup']),
  importJobs: async () => ({
    ...aDifference,
    variables: ['APP_ENV'],
    notes: [
      {
        file: '/etc/supervisor/conf.d/shop.conf',
        line: 6,
        directive: 'user = forge',
        fate: 'left out',
        sentence: 'jobs of "demo" run as ns-demo',
      },
    ],
    wanted: ['/etc/supervisor/more.conf'],
    optional: [],
    proposal: { plan: 'M', jobs: 3, memoryBytes: 402_653_184 },
    refused: null,
    file: 'jobs: {}\n',
  }),
  activity: async () => [anActivity],
  incidents: async () => [anIncident],
  advice: async () => ({
    plan: null,
    jobs: [{ kind: 'grows', job: 'a-worker', sentence: '"a-worker" grows by 12.0 MB an hour.' }],
  }),
  metrics: async () => aMetricsView,
  lastHour: async () => [aLastHour],
  exposition: async () => '# TYPE nightshift_build_info gauge\nnightshift_build_info 1\n',
  sshKeys: async () => [anSshKey],
  addSshKey: async () => anSshKey,
  removeSshKey: async () => undefined,
  deployKey: async () => `${anSshKey.type} ${anSshKey.base64} demo@nightshift`,
  userSshKeys: async () => [anSshKey],
  addUserSshKey: async () => anSshKey,
  removeUserSshKey: async () => undefined,
  sshActor: async (environment) => ({
    name: 'ssh key "ada@laptop"',
    role: 'member',
    environments: [environment],
    via: 'ssh',
  }),
};
