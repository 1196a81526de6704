/** One handler for each route that answers with a document: it calls the use case and translates. */
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { RouteName, Routes } from '../contract/routes.ts';
import type {
  Actor,
  Control,
  EnvironmentView,
  Expected,
  JobSettingsInput,
  NewJob,
} from '../control/control.ts';
import { differenceToWire } from '../wire/difference-to-wire.ts';
import { logReceiverToWire } from '../wire/log-receiver-to-wire.ts';
import { lastHourToWire, metricsToWire } from '../wire/metrics-to-wire.ts';
import {
  activityToWire,
  crontabToWire,
  daemonToWire,
  deploymentToWire,
  dueTimeToWire,
  environmentToWire,
  incidentToWire,
  jobToSummary,
  jobToWire,
  planToWire,
  runToWire,
  sshKeyToWire,
  toTime,
  toTimeOrNull,
  upcomingToWire,
} from '../wire/to-wire.ts';
import { whyToWire } from '../wire/why-to-wire.ts';
import { accountHandlers } from './account-handlers.ts';
import { alertHandlers } from './alert-handlers.ts';
import { nothing, page, present, whole } from './answers.ts';
import { movingHandlers } from './moving-handlers.ts';
import type { SessionRouteName } from './session-routes.ts';

export interface Asked<Name extends RouteName> {
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly params: z.output<Routes[Name]['params']>;
  readonly query: z.output<Routes[Name]['query']>;
  readonly body: z.output<Routes[Name]['body']>;
  /** What the caller takes to be there; empty when nothing was said. */
  readonly expected: Expected;
}

/** Those that hand out a stream, a socket or a cookie have files of their own. */
export type DocumentRouteName = Exclude<RouteName, 'logs' | 'events' | 'exec' | 'backup' | SessionRouteName>;

export type Handlers = {
  readonly [Name in DocumentRouteName]: (asked: Asked<Name>) => Promise<z.input<Routes[Name]['response']>>;
};

export function documentHandlers(control: Control): Handlers {
  return {
    ...machineHandlers(control),
    ...environmentHandlers(control),
    ...jobHandlers(control),
    ...historyHandlers(control),
    ...deploymentHandlers(control),
    ...sshKeyHandlers(control),
    ...accountHandlers(control),
    ...movingHandlers(control),
    ...alertHandlers(control),
    logReceiver: async ({ actor, params }) =>
      logReceiverToWire(await control.logReceiver(actor, params.environment)),
    setLogReceiver: async ({ actor, params, body }) =>
      logReceiverToWire(await control.setLogReceiver(actor, params.environment, present(body))),
    removeLogReceiver: ({ actor, params }) => nothing(control.removeLogReceiver(actor, params.environment)),
  };
}

const machineHandlers = (control: Control) =>
  ({
    daemon: async ({ actor }) => daemonToWire(await control.daemon(actor)),
    plans: async ({ actor }) => whole((await control.plans(actor)).map(planToWire)),
    explainCrontab: async ({ actor, query: { from, ...query } }) =>
      crontabToWire(
        await control.explainCrontab(actor, {
          ...query,
          ...(from === undefined ? {} : { from: Date.parse(from) }),
        }),
      ),
    advice: async ({ actor, params }) => {
      const { plan, jobs } = await control.advice(actor, params.environment);
      return { plan: plan === null ? null : { ...plan }, jobs: jobs.map((each) => ({ ...each })) };
    },
    metricsNow: async ({ actor, query }) =>
      whole((await control.lastHour(actor, query.environment)).map(lastHourToWire)),
    activity: async ({ actor, query }) => {
      const entries = await control.activity(actor, present(query));
      return page(entries.map(activityToWire), query.limit, (entry) => entry.id);
    },
    incidents: async ({ actor, query }) => {
      const incidents = await control.incidents(actor, present(query));
      return page(incidents.map(incidentToWire), query.limit, (incident) => incident.id);
    },
  }) satisfies Partial<Handlers>;

const environmentHandlers = (control: Control) =>
  ({
    environments: async ({ actor }) => whole((await control.environments(actor)).map(environmentToWire)),
    createEnvironment: async ({ actor, body }) =>
      environmentToWire(await control.createEnvironment(actor, present(body))),
    environment: async ({ actor, params }) =>
      environmentToWire(await control.environment(actor, params.environment)),
    changeEnvironment: async ({ actor, params, body, expected }) =>
      environmentToWire(await changeEnvironment(control, actor, params.environment, body, expected)),
    removeEnvironment: ({ actor, params, expected }) =>
      nothing(control.removeEnvironment(actor, params.environment, ...said(expected))),
    variables: async ({ actor, params }) => ({
      variables: { ...(await control.variables(actor, params.environment)) },
    }),
    setVariables: ({ actor, params, query, body }) =>
      nothing(control.setVariables(actor, params.environment, body.variables, query)),
    book: async ({ actor, params, query, body, expected }) =>
      environmentToWire(
        await control.book(actor, params.environment, body.plan, {
          ...query,
          ...expected,
          force: body.force,
        }),
      ),
    unbook: async ({ actor, params, query, expected }) =>
      environmentToWire(await control.unbook(actor, params.environment, { ...query, ...expected })),
    resetStatistics: ({ actor, params }) => nothing(control.resetStatistics(actor, params.environment)),
    deploy: async ({ actor, params, query, body }) =>
      deploymentToWire(await control.deploy(actor, params.environment, body.trigger, query)),
  }) satisfies Partial<Handlers>;

const jobHandlers = (control: Control) =>
  ({
    jobs: async ({ actor, params, query }) => {
      // One more than is wanted says whether there is a page after this one.
      const asked = { ...present(query), limit: query.limit + 1 };
      const found = await control.jobs(actor, params.environment, asked);
      const items = found.slice(0, query.limit).map(jobToSummary);
      return { items, next: found.length > items.length ? (items.at(-1)?.name ?? null) : null };
    },
    job: async ({ actor, params }) => jobToWire(await control.job(actor, params.environment, params.job)),
    why: async ({ actor, params: { environment, job } }) =>
      whyToWire(environment, job, await control.why(actor, environment, job)),
    addJob: async ({ actor, params, query, body }) =>
      jobToWire(await control.addJob(actor, params.environment, present(body) as NewJob, query)),
    editJob: async ({ actor, params, query, body, expected }) =>
      jobToWire(
        await control.editJob(actor, params.environment, params.job, present(body) as JobSettingsInput, {
          ...present(query),
          ...expected,
        }),
      ),
    removeJob: ({ actor, params, query, expected }) =>
      nothing(
        control.removeJob(actor, params.environment, params.job, ...said({ ...present(query), ...expected })),
      ),
    startJob: async ({ actor, params, query, expected }) =>
      jobToWire(await control.startJob(actor, params.environment, params.job, { ...query, ...expected })),
    stopJob: async ({ actor, params, query, expected }) =>
      jobToWire(await control.stopJob(actor, params.environment, params.job, { ...query, ...expected })),
    restartJob: async ({ actor, params, query }) =>
      jobToWire(await control.restartJob(actor, params.environment, params.job, query)),
    restartWorkers: async ({ actor, params, query }) => ({
      workers: [...(await control.restartWorkers(actor, params.environment, query))],
    }),
    pauseJob: async ({ actor, params, expected }) =>
      jobToWire(await control.setJobPaused(actor, params.environment, params.job, true, ...said(expected))),
    resumeJob: async ({ actor, params, expected }) =>
      jobToWire(await control.setJobPaused(actor, params.environment, params.job, false, ...said(expected))),
    runJob: async ({ actor, params, query }) =>
      runToWire(await control.runJob(actor, params.environment, params.job, query)),
  }) satisfies Partial<Handlers>;

const historyHandlers = (control: Control) =>
  ({
    runs: async ({ actor, params, query }) => {
      const runs = await control.runs(actor, { environment: params.environment, ...present(query) });
      return page(runs.map(runToWire), query.limit, (run) => run.id);
    },
    run: async ({ actor, params }) => runToWire(await control.run(actor, params.environment, params.run)),
    logDownload: async ({ actor, params }) => ({
      ...(await control.logDownload(actor, params.environment, params.download)),
    }),
    upcoming: async ({ actor, params, query }) => {
      const due = await control.nextDue(actor, params.environment, query.next, query.job);
      return whole(due.map(upcomingToWire));
    },
    dueTimes: async ({ actor, params, query: { before, ...query } }) => {
      const rows = await control.dueTimes(actor, {
        environment: params.environment,
        ...present(query),
        ...(before === undefined ? {} : placeInLedger(before)),
      });
      return page(rows.map(dueTimeToWire), query.limit, (row) => `${row.dueAt} ${row.job}`);
    },
    metrics: async ({ actor, params, query: { from, until, step, job } }) =>
      metricsToWire(
        await control.metrics(actor, {
          environment: params.environment,
          ...present({ job, stepSeconds: step }),
          ...(from === undefined ? {} : { from: Date.parse(from) }),
          ...(until === undefined ? {} : { until: Date.parse(until) }),
        }),
      ),
    deployments: async ({ actor, params, query }) =>
      whole((await control.deployments(actor, params.environment, query.limit)).map(deploymentToWire)),
  }) satisfies Partial<Handlers>;

const deploymentHandlers = (control: Control) =>
  ({
    deployment: async ({ actor, params }) => {
      const { deployment, output } = await control.deployment(actor, params.environment, params.deployment);
      return { ...deploymentToWire(deployment), output };
    },
    deployHook: async ({ actor, params }) => {
      const { createdAt, usedAt } = await control.deployHook(actor, params.environment);
      return { createdAt: toTime(createdAt), usedAt: toTimeOrNull(usedAt) };
    },
    rotateDeployHook: async ({ actor, params }) => {
      const { hook, path, dashboard } = await control.rotateDeployHook(actor, params.environment);
      const url = dashboard === null ? null : new URL(path, dashboard).href;
      return { createdAt: toTime(hook.createdAt), path, url };
    },
    removeDeployHook: ({ actor, params }) => nothing(control.removeDeployHook(actor, params.environment)),
    applyFile: async ({ actor, params, query, body }) => {
      const { text, dryRun } = body;
      const told = await control.applyFile(actor, params.environment, text, { ...query, dryRun });
      return differenceToWire(told);
    },
  }) satisfies Partial<Handlers>;

const sshKeyHandlers = (control: Control) =>
  ({
    sshKeys: async ({ actor, params }) =>
      whole((await control.sshKeys(actor, params.environment)).map(sshKeyToWire)),
    addSshKey: async ({ actor, params, body }) =>
      sshKeyToWire(await control.addSshKey(actor, params.environment, present(body))),
    userSshKeys: async ({ actor, params }) =>
      whole((await control.userSshKeys(actor, params.user)).map(sshKeyToWire)),
    addUserSshKey: async ({ actor, params, body }) =>
      sshKeyToWire(await control.addUserSshKey(actor, params.user, present(body))),
    removeUserSshKey: ({ actor, params }) =>
      nothing(control.removeUserSshKey(actor, params.user, params.key)),
    deployKey: async ({ actor, params }) => ({
      publicKey: await control.deployKey(actor, params.environment),
    }),
    removeSshKey: ({ actor, params }) => nothing(control.removeSshKey(actor, params.environment, params.key)),
  }) satisfies Partial<Handlers>;

/** A moment, and after a blank the job of the last row: several crons may be due at one moment. */
function placeInLedger(before: string): { before: number; beforeJob?: string } {
  const [moment = '', job] = before.split(' ', 2);
  return { before: Date.parse(moment), ...(job === undefined ? {} : { beforeJob: job }) };
}

/** Each field is a change of its own, in this order; without any there is nothing to do. */
async function changeEnvironment(
  control: Control,
  actor: Actor,
  environment: string,
  { trial, paused, maskSecrets }: z.output<Routes['changeEnvironment']['body']>,
  expected: Expected,
): Promise<EnvironmentView> {
  let changed: EnvironmentView | undefined;
  // After the first change the tag is another one, by our own doing.
  const still = () => (changed === undefined ? said(expected) : []);
  if (trial !== undefined) changed = await control.setTrial(actor, environment, trial, ...still());
  if (paused !== undefined) changed = await control.setPaused(actor, environment, paused, ...still());
  if (maskSecrets !== undefined)
    changed = await control.setMaskSecrets(actor, environment, maskSecrets, ...still());
  return changed ?? (await control.environment(actor, environment));
}

/** Left out where nothing was said. */
const said = <Options extends object>(options: Options): [] | [Options] =>
  Object.values(options).every((value) => value === undefined) ? [] : [options];
