/** From the words of the domain to those of the wire. Nothing is decided here; a test holds every message to its schema. */
import type { Crontab, Upcoming, DueTime as WireDueTime } from '../contract/cron.ts';
import type { Daemon, Activity as WireActivity } from '../contract/daemon.ts';
import type { Deployment as WireDeployment } from '../contract/deployment.ts';
import type { Environment as WireEnvironment, Plan as WirePlan } from '../contract/environment.ts';
import type { Incident as WireIncident } from '../contract/incident.ts';
import type { JobSummary, Job as WireJob } from '../contract/job.ts';
import type { Run as WireRun } from '../contract/run.ts';
import type { SshKey as WireSshKey } from '../contract/ssh-key.ts';
import type { CrontabView, DaemonView, EnvironmentView, JobView, ListedJob } from '../control/control.ts';
import type { LedgerLine } from '../domain/due-time.ts';
import { environmentTag, jobTag } from '../domain/etag.ts';
import type { Incident } from '../domain/incident.ts';
import type { ObservedJob, ObservedState } from '../domain/observed.ts';
import type { Plan } from '../domain/plan.ts';
import type { Run } from '../domain/run.ts';
import type { SshKey } from '../domain/ssh-key.ts';
import type { Statistics } from '../domain/statistics.ts';
import type { Deployment, KeptActivity } from '../store/store.ts';

/** RFC 3339 with milliseconds, in UTC. */
export const toTime = (wall: number): string => new Date(wall).toISOString();
export const toTimeOrNull = (wall: number | null): string | null => (wall === null ? null : toTime(wall));
const whole = (amount: number | null): number | null => (amount === null ? null : Math.round(amount));

export const planToWire = (plan: Plan): WirePlan => ({ name: plan.name, ...limitsOf(plan) });

const limitsOf = (plan: Plan) => ({
  memoryBytes: plan.memoryBytes,
  jobs: plan.jobs,
  cpu: plan.cpu,
  softLimitPerJobBytes: plan.softLimitPerJobBytes,
});

export function environmentToWire(view: EnvironmentView): WireEnvironment {
  const { environment, usage } = view;
  return {
    name: environment.name,
    root: environment.root,
    user: environment.user,
    trial: environment.trial,
    paused: environment.paused,
    maskSecrets: environment.maskSecrets,
    plan: environment.plan,
    limits: view.plan === null ? null : limitsOf(view.plan),
    jobs: view.jobs,
    jobsEnabled: view.jobsEnabled,
    workersRunning: view.workersRunning,
    workersExpected: view.workersExpected,
    variableNames: [...view.variableNames],
    usage:
      usage === null
        ? null
        : {
            memoryBytes: Math.round(usage.memoryBytes),
            cacheBytes: Math.round(usage.cacheBytes),
            memoryMaxBytes: whole(usage.memoryMaxBytes),
            swapBytes: Math.round(usage.swapBytes),
            cpuSeconds: usage.cpuSeconds,
            throttledSeconds: usage.throttledSeconds,
            outOfMemoryKills: usage.outOfMemoryKills,
            processes: usage.processes,
          },
    cronFailsOfDay: view.cronFailsOfDay,
    nextDue: view.nextDue === null ? null : upcomingToWire(view.nextDue),
    advice: view.advice === null ? null : { ...view.advice },
    notices: [...view.notices],
    createdAt: toTime(environment.createdAt),
    etag: environmentTag(environment),
  };
}

/** The moments that some states carry. */
function momentsOf(state: ObservedState): Pick<JobSummary, 'stateSince' | 'stateUntil' | 'attempt'> {
  switch (state.kind) {
    case 'running':
    case 'starting':
      return { stateSince: toTime(state.since), stateUntil: null, attempt: null };
    case 'backing-off':
    case 'crash-loop':
      return { stateSince: null, stateUntil: toTime(state.until), attempt: state.attempt };
    case 'stopping':
      return { stateSince: null, stateUntil: toTime(state.killAt), attempt: null };
    case 'stopped':
    case 'disabled':
    case 'scheduled':
    case 'waiting':
      return { stateSince: null, stateUntil: null, attempt: null };
  }
}

/** What was counted of a job since the last reset. */
export function figuresOf(type: 'worker' | 'cron', statistics: Statistics) {
  const timed = type === 'cron' && statistics.ended > 0;
  const measured = statistics.memorySeconds > 0;
  return {
    fails: statistics.fails,
    exitsOk: statistics.exitsOk,
    restarts: statistics.restarts,
    durationAvgSeconds: timed ? statistics.durationSumSeconds / statistics.ended : null,
    durationMaxSeconds: timed ? statistics.durationMaxSeconds : null,
    memoryAvgBytes: measured ? Math.round(statistics.memoryByteSeconds / statistics.memorySeconds) : null,
    memoryMaxBytes: measured || statistics.memoryMaxBytes > 0 ? Math.round(statistics.memoryMaxBytes) : null,
    statisticsSince: toTime(statistics.since),
  };
}

/** What is observed of a job. */
export const observedOf = (observed: ObservedJob) => ({
  state: observed.state.kind,
  running: observed.instancesRunning > 0,
  reason: observed.reason,
  ...momentsOf(observed.state),
  instancesRunning: observed.instancesRunning,
  memoryBytes: whole(observed.memoryBytes),
});

export function jobToSummary({ job, observed, statistics, lastEnd, nextDueAt }: ListedJob): JobSummary {
  const figures = figuresOf(job.type, statistics);
  const { state, running, ...seen } = observedOf(observed);
  return {
    name: job.name,
    type: job.type,
    status: job.status,
    state,
    running,
    ...figures,
    environment: job.environment,
    ...seen,
    instances: job.type === 'worker' ? job.instances : 1,
    nextDueAt: toTimeOrNull(nextDueAt),
    lastEnd:
      lastEnd === null
        ? null
        : {
            run: lastEnd.run,
            endedAt: toTime(lastEnd.endedAt),
            outcome: lastEnd.outcome,
            reason: lastEnd.reason,
          },
  };
}

export function jobToWire(view: JobView): WireJob {
  const { job, observed, lastRun } = view;
  const cron = job.type === 'cron' ? job : null;
  const schedule = cron?.schedule ?? null;
  const interval = schedule?.kind === 'interval' ? schedule : null;
  const crontab = schedule?.kind === 'crontab' ? schedule : null;
  return {
    ...jobToSummary(view),
    command: job.command,
    exitSignal: job.exitSignal,
    exitTimeoutSeconds: job.exitTimeoutSeconds,
    interval: interval?.interval ?? null,
    crontab: crontab?.expression ?? null,
    timezone: crontab?.timezone ?? (interval === null ? null : 'UTC'),
    maxRuntimeSeconds: cron?.maxRuntimeSeconds ?? null,
    maxInstances: cron?.maxInstances ?? null,
    handover: job.type === 'worker' ? job.handover : null,
    catchUp: cron?.catchUp ?? null,
    catchUpMaxAgeSeconds: cron?.catchUpMaxAgeSeconds ?? null,
    onDeploy: cron?.onDeploy ?? null,
    paused: cron?.paused ?? null,
    retries: cron?.retries ?? null,
    retryDelaySeconds: cron?.retryDelaySeconds ?? null,
    retryOn: cron === null || cron.retryOn === null ? null : [...cron.retryOn],
    warnLateSeconds: cron?.warnLateSeconds ?? null,
    warnLongerSeconds: cron?.warnLongerSeconds ?? null,
    warnShorterSeconds: cron?.warnShorterSeconds ?? null,
    openRuns: [...observed.runs],
    lastRun: lastRun === null ? null : runToWire(lastRun),
    createdAt: toTime(job.createdAt),
    version: job.version,
    etag: jobTag(job),
    managedBy: job.managedBy,
  };
}

export function runToWire(run: Run): WireRun {
  return {
    id: run.id,
    job: run.job,
    trigger: run.trigger,
    dueAt: toTimeOrNull(run.dueAt),
    startedAt: toTimeOrNull(run.startedAt),
    endedAt: toTimeOrNull(run.endedAt),
    exitCode: run.exit?.kind === 'exited' ? run.exit.code : null,
    exitSignal: run.exit?.kind === 'signalled' ? run.exit.signal : null,
    outcome: run.outcome,
    reason: run.reason,
    memoryMaxBytes: whole(run.memoryMaxBytes),
    commit: run.commit,
    environment: run.environment,
    kind: run.kind,
    instance: run.instance,
    command: run.command,
    predecessor: run.predecessor,
    attempt: run.attempt,
    askedBy: run.askedBy,
    createdAt: toTime(run.createdAt),
    memoryAvgBytes: whole(run.memoryAvgBytes),
    endRequestedAt: toTimeOrNull(run.endRequestedAt ?? null),
    leftovers: run.leftovers.map(({ pid, command }) => ({ pid, command })),
  };
}

export const dueTimeToWire = (due: LedgerLine): WireDueTime => ({
  job: due.job,
  dueAt: toTime(due.dueAt),
  fate: due.fate,
  run: due.run,
  outcome: due.outcome ?? null,
  reason: due.reason,
  untilDueAt: toTimeOrNull(due.untilDueAt ?? null),
  count: due.count ?? 1,
});

export const upcomingToWire = (next: { job: string; dueAt: number }): Upcoming => ({
  job: next.job,
  dueAt: toTime(next.dueAt),
});

export const crontabToWire = (view: CrontabView): Crontab => ({
  expression: view.expression,
  timezone: view.timezone,
  description: view.description,
  next: view.next.map(toTime),
});

export const daemonToWire = (view: DaemonView): Daemon => ({
  version: view.version,
  pid: view.pid,
  startedAt: toTime(view.startedAt),
  dataFolder: view.dataFolder,
  runtime: view.runtime,
  cannot: [...view.cannot],
  schedulerHeartbeatAt: toTimeOrNull(view.schedulerHeartbeatAt),
  store: view.store,
});

export const deploymentToWire = (deployment: Deployment): WireDeployment => ({
  id: deployment.id,
  environment: deployment.environment,
  trigger: deployment.trigger,
  commit: deployment.commit,
  startedAt: toTime(deployment.startedAt),
  endedAt: toTimeOrNull(deployment.endedAt),
  outcome: deployment.outcome,
  reason: deployment.reason,
  branch: deployment.branch,
  askedBy: deployment.askedBy,
  state: deployment.state,
  steps: deployment.steps.map((step) => ({
    state: step.state,
    startedAt: toTime(step.startedAt),
    endedAt: toTimeOrNull(step.endedAt),
    durationSeconds: step.endedAt === null ? null : Math.max(0, step.endedAt - step.startedAt) / 1000,
    detail: step.detail,
  })),
});

export const incidentToWire = (incident: Incident): WireIncident => ({
  id: incident.id,
  environment: incident.environment,
  job: incident.job,
  kind: incident.kind,
  beganAt: toTime(incident.beganAt),
  seenAt: toTime(incident.seenAt),
  count: incident.count,
  endedAt: toTimeOrNull(incident.endedAt),
  reason: incident.reason,
  endReason: incident.endReason,
  run: incident.run,
  dueAt: toTimeOrNull(incident.dueAt),
});

export const activityToWire = (entry: KeptActivity): WireActivity => ({
  id: String(entry.id),
  at: toTime(entry.at),
  actor: entry.actor,
  environment: entry.environment,
  act: entry.act,
  detail: entry.detail,
  via: entry.via,
  address: entry.address,
});

export const sshKeyToWire = (key: SshKey): WireSshKey => ({
  name: key.name,
  type: key.type,
  fingerprint: key.fingerprint,
  publicKey: `${key.type} ${key.base64}`,
  addedAt: toTime(key.addedAt),
  addedBy: key.addedBy,
});
