/**
 * Records as JSON documents, checked on reading: a row that can't be read is an error that names it, never a gap in a
 * list. Fields that this program does not know are kept as they are.
 */
import { z } from 'zod';
import { type Account, roles, type SecondFactor, type Token, tokenScopes } from '../../domain/account.ts';
import { type Deployment, deploymentStates } from '../../domain/deployment.ts';
import type { Environment } from '../../domain/environment.ts';
import { Refusal } from '../../domain/errors.ts';
import { type Incident, incidentKinds } from '../../domain/incident.ts';
import {
  type CatchUp,
  type Handover,
  intervals,
  type Job,
  jobDefaults,
  type OnDeploy,
} from '../../domain/job.ts';
import { type EndRequest, outcomes, type Run, triggers } from '../../domain/run.ts';
import { type SignalName, signalNumbers } from '../../domain/signals.ts';
import { type SshKey, sshKeyTypes } from '../../domain/ssh-key.ts';

/** Ms since 1970; a clock may tell fractions. */
const wallTime = z.number();

/** Every word of a union: the compiler says when one is missing, or a row with it could be written and not read. */
const words = <Word extends string>(all: Record<Word, true>) => z.enum(Object.keys(all) as [Word, ...Word[]]);

const signal = z.enum(Object.keys(signalNumbers) as [SignalName, ...SignalName[]]);

const environment = z.looseObject({
  name: z.string(),
  root: z.string(),
  user: z.string(),
  trial: z.boolean(),
  plan: z.string().nullable(),
  paused: z.boolean(),
  // It came later than the first rows that were written.
  maskSecrets: z.boolean().default(false),
  createdAt: wallTime,
}) satisfies z.ZodType<Environment>;

const settings = {
  environment: z.string(),
  name: z.string(),
  command: z.string(),
  status: words<Job['status']>({ enabled: true, disabled: true }),
  exitSignal: signal,
  exitTimeoutSeconds: z.number(),
  createdAt: wallTime,
  version: z.int(),
  managedBy: z.string().nullable().default(null),
};

const schedule = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('interval'), interval: z.enum(intervals), moment: z.number() }),
  z.looseObject({
    kind: z.literal('crontab'),
    expression: z.string(),
    timezone: z.string(),
    moment: z.number(),
  }),
]);

const job = z.discriminatedUnion('type', [
  z.looseObject({
    ...settings,
    type: z.literal('worker'),
    instances: z.int(),
    handover: words<Handover>({ 'stop-first': true, 'start-first': true }),
  }),
  z.looseObject({
    ...settings,
    type: z.literal('cron'),
    schedule,
    maxRuntimeSeconds: z.number(),
    maxInstances: z.int(),
    catchUp: words<CatchUp>({ none: true, latest: true, all: true }),
    catchUpMaxAgeSeconds: z.number(),
    onDeploy: words<OnDeploy>({ finish: true, restart: true, wait: true }),
    // What follows came later than the first rows that were written.
    paused: z.boolean().default(jobDefaults.paused),
    retries: z.int().default(jobDefaults.retries),
    retryDelaySeconds: z.number().default(jobDefaults.retryDelaySeconds),
    retryOn: z.array(z.int()).nullable().default(jobDefaults.retryOn),
    warnLateSeconds: z.number().nullable().default(jobDefaults.warnLateSeconds),
    warnLongerSeconds: z.number().nullable().default(jobDefaults.warnLongerSeconds),
    warnShorterSeconds: z.number().nullable().default(jobDefaults.warnShorterSeconds),
    dueSince: wallTime,
  }),
]) satisfies z.ZodType<Job>;

const exit = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('exited'), code: z.int() }),
  z.looseObject({ kind: z.literal('signalled'), signal }),
  z.looseObject({ kind: z.literal('unknown'), why: z.string() }),
]);

const endRequest = words<EndRequest>({
  stop: true,
  restart: true,
  deploy: true,
  settings: true,
  'max-runtime': true,
  connection: true,
  shutdown: true,
});

const run = z.looseObject({
  id: z.string(),
  environment: z.string(),
  job: z.string().nullable(),
  kind: words<Run['kind']>({ worker: true, cron: true, remote: true }),
  instance: z.int(),
  command: z.string(),
  trigger: z.enum(triggers),
  predecessor: z.string().nullable(),
  attempt: z.int().default(1),
  askedBy: z.string().nullable().default(null),
  dueAt: wallTime.nullable(),
  createdAt: wallTime,
  startedAt: wallTime.nullable(),
  endedAt: wallTime.nullable(),
  exit: exit.nullable(),
  outcome: z.enum(outcomes).nullable(),
  reason: z.string().nullable(),
  memoryAvgBytes: z.number().nullable(),
  memoryMaxBytes: z.number().nullable(),
  commit: z.string().nullable(),
  settings: z.string(),
  leftovers: z.array(z.looseObject({ pid: z.int(), command: z.string() })),
  handle: z.looseObject({ runtime: z.string(), version: z.number(), runId: z.string() }).nullable(),
  endRequest: endRequest.nullable(),
  endRequestedAt: wallTime.nullable().optional(),
}) satisfies z.ZodType<Run>;

const deployment = z.looseObject({
  id: z.string(),
  environment: z.string(),
  trigger: words<Deployment['trigger']>({ cli: true, hook: true, git: true, dashboard: true }),
  commit: z.string().nullable(),
  branch: z.string().nullable(),
  askedBy: z.string().nullable(),
  state: z.enum(deploymentStates),
  steps: z.array(
    z.looseObject({
      state: z.enum(deploymentStates),
      startedAt: wallTime,
      endedAt: wallTime.nullable(),
      detail: z.string().nullable(),
    }),
  ),
  startedAt: wallTime,
  endedAt: wallTime.nullable(),
  outcome: words<NonNullable<Deployment['outcome']>>({ ok: true, failed: true }).nullable(),
  reason: z.string().nullable(),
}) satisfies z.ZodType<Deployment>;

const incident = z.looseObject({
  id: z.string(),
  environment: z.string().nullable(),
  job: z.string().nullable(),
  kind: z.enum(incidentKinds),
  beganAt: wallTime,
  seenAt: wallTime,
  count: z.int(),
  endedAt: wallTime.nullable(),
  reason: z.string(),
  endReason: z.string().nullable(),
  run: z.string().nullable(),
  dueAt: wallTime.nullable(),
}) satisfies z.ZodType<Incident>;

const sshKey = z.looseObject({
  owner: z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('environment'), name: z.string() }),
    z.looseObject({ kind: z.literal('account'), name: z.string() }),
  ]),
  name: z.string(),
  type: z.enum(sshKeyTypes),
  base64: z.string(),
  fingerprint: z.string(),
  addedAt: wallTime,
  addedBy: z.string(),
}) satisfies z.ZodType<SshKey>;
/** What is kept in rows of their own is not in the document. */
const account = z.looseObject({
  name: z.string(),
  role: z.enum(roles),
  createdAt: wallTime,
  password: z.string().nullable(),
}) satisfies z.ZodType<Omit<Account, 'secondFactor'>>;

const secondFactor = z.looseObject({
  secret: z.string(),
  recovery: z.array(z.string()),
  lastStep: z.int(),
}) satisfies z.ZodType<SecondFactor>;

const token = z.object({
  name: z.string(),
  scope: z.enum(tokenScopes),
  createdAt: wallTime,
  expiresAt: wallTime.nullable(),
}) satisfies z.ZodType<Pick<Token, 'name' | 'scope' | 'createdAt' | 'expiresAt'>>;

/** `what` names the record for people: `job "mail" of "shop"`. Rejects with Refusal `data.corrupt`. */
export const reader =
  <T>(schema: z.ZodType<T>) =>
  (document: string, what: string, file: string): T => {
    let value: unknown;
    try {
      value = JSON.parse(document);
    } catch (error) {
      throw unreadable(file, `${what} is no JSON`, error);
    }
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw unreadable(file, `${what}: ${issue?.path.join('.')}: ${issue?.message}`, read.error);
  };

const unreadable = (file: string, why: string, cause: unknown): Refusal =>
  new Refusal('data.corrupt', { file, why }, { cause });

export const readEnvironment = reader<Environment>(environment);
export const readJob = reader<Job>(job);
export const readRun = reader<Run>(run);
export const readIncident = reader<Incident>(incident);
export const readSshKey = reader<SshKey>(sshKey);
export const readDeployment = reader<Deployment>(deployment);
export const readAccount = reader<Omit<Account, 'secondFactor'>>(account);
export const readSecondFactor = reader<SecondFactor>(secondFactor);
export const readToken = reader<Pick<Token, 'name' | 'scope' | 'createdAt' | 'expiresAt'>>(token);
