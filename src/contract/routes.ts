/**
 * The API, in one table: the HTTP server registers its routes from it, and the OpenAPI document is generated from it.
 * `:environment` and `:job` in a path are its parameters; all paths are below {@link apiPrefix}.
 */
import {
  acceptedInvitation,
  accountSession,
  confirmedSecondFactor,
  createdToken,
  invitedUser,
  link,
  linkSecret,
  logIn,
  logOutQuery,
  memberParams,
  newLink,
  newToken,
  newUser,
  passwordChange,
  proposedSecondFactor,
  recoveryCodes,
  removedSecondFactor,
  session,
  sessionParams,
  setUp,
  token,
  tokenParams,
  user,
  userChange,
  userParams,
} from './account.ts';
import { advice } from './advice.ts';
import { alertRoutes } from './alert-routes.ts';
import { crontab, crontabQuery, dueTime, dueTimesQuery, upcoming, upcomingQuery } from './cron.ts';
import { activity, activityQuery, daemon } from './daemon.ts';
import { deploymentRoutes } from './deployment-routes.ts';
import {
  booking,
  environment,
  environmentChange,
  newEnvironment,
  plan,
  restartedWorkers,
  variables,
  variablesChange,
} from './environment.ts';
import { anyEvent, eventsQuery } from './events.ts';
import { execRequest } from './exec-request.ts';
import { incident, incidentsQuery } from './incident.ts';
import { job, jobSettings, jobSummary, jobsQuery, newJob } from './job.ts';
import { logDownload, logDownloadParams, logEntry, logsQuery } from './log.ts';
import { logReceiverRoutes } from './log-receiver.ts';
import { metrics, metricsNow, metricsNowQuery, metricsQuery } from './metrics.ts';
import { movingRoutes } from './moving-routes.ts';
import { type Route, route } from './route.ts';
import { run, runsQuery } from './run.ts';
import { deployKey, newSshKey, sshKey, sshKeyParams, userSshKeyParams } from './ssh-key.ts';
import { why } from './why.ts';
import {
  changeQuery,
  environmentParams,
  forcedChangeQuery,
  forcedQuery,
  jobParams,
  listOf,
  runParams,
} from './wire.ts';

export const apiPrefix = '/api/v1';

const inEnvironment = { params: environmentParams };
const ofJob = { params: jobParams };

export type { Route };

export const routes = {
  daemon: route('GET /daemon', 'The daemon and its machine', { response: daemon }),
  plans: route('GET /plans', 'The plans that can be booked', { response: listOf(plan) }),
  explainCrontab: route('GET /crontab', 'What a crontab expression means, and when it is due next', {
    query: crontabQuery,
    response: crontab,
  }),

  environments: route('GET /environments', 'All environments that the caller may see', {
    response: listOf(environment),
  }),
  createEnvironment: route('POST /environments', 'Make an environment', {
    once: true,
    body: newEnvironment,
    response: environment,
    status: 201,
  }),
  environment: route('GET /environments/:environment', 'An environment', {
    ...inEnvironment,
    response: environment,
  }),
  changeEnvironment: route(
    'PATCH /environments/:environment',
    'Begin or end the trial, hold all crons back or let them go on, mask secrets in what is printed',
    {
      ...inEnvironment,
      ifMatch: true,
      body: environmentChange,
      response: environment,
    },
  ),
  removeEnvironment: route(
    'DELETE /environments/:environment',
    'Stop all that runs in the environment and forget it; its root folder stays',
    { ...inEnvironment, ifMatch: true },
  ),
  variables: route('GET /environments/:environment/variables', 'The variables, in clear', {
    ...inEnvironment,
    response: variables,
  }),
  setVariables: route(
    'PATCH /environments/:environment/variables',
    'Set and remove variables; the workers concerned restart',
    { ...inEnvironment, query: changeQuery, body: variablesChange },
  ),
  book: route('PUT /environments/:environment/component', 'Book the component, or change its plan', {
    ...inEnvironment,
    ifMatch: true,
    query: changeQuery,
    body: booking,
    response: environment,
  }),
  unbook: route(
    'DELETE /environments/:environment/component',
    'Stop the jobs and give the component up; the definitions stay',
    { ...inEnvironment, ifMatch: true, query: changeQuery, response: environment },
  ),

  jobs: route('GET /environments/:environment/jobs', 'The jobs with their state and statistics', {
    ...inEnvironment,
    query: jobsQuery,
    response: listOf(jobSummary),
  }),
  addJob: route('POST /environments/:environment/jobs', 'Add a job', {
    ...inEnvironment,
    once: true,
    query: changeQuery,
    body: newJob,
    response: job,
    status: 201,
  }),
  job: route('GET /environments/:environment/jobs/:job', 'A job with its settings', {
    ...ofJob,
    response: job,
  }),
  why: route(
    'GET /environments/:environment/jobs/:job/why',
    'Why a job is as it is: in sentences, with what happened to it',
    { ...ofJob, response: why },
  ),
  editJob: route('PATCH /environments/:environment/jobs/:job', 'Change settings of a job', {
    ...ofJob,
    ifMatch: true,
    query: forcedChangeQuery,
    body: jobSettings,
    response: job,
  }),
  removeJob: route('DELETE /environments/:environment/jobs/:job', 'Stop a job and forget it', {
    ...ofJob,
    ifMatch: true,
    query: forcedQuery,
  }),
  startJob: route('POST /environments/:environment/jobs/:job/start', 'Enable a job', {
    ...ofJob,
    ifMatch: true,
    query: changeQuery,
    response: job,
  }),
  stopJob: route('POST /environments/:environment/jobs/:job/stop', 'Disable a job and stop what runs', {
    ...ofJob,
    ifMatch: true,
    query: changeQuery,
    response: job,
  }),
  restartJob: route('POST /environments/:environment/jobs/:job/restart', 'Restart a worker', {
    ...ofJob,
    query: changeQuery,
    response: job,
  }),
  restartWorkers: route('POST /environments/:environment/restart', 'Restart all enabled workers', {
    ...inEnvironment,
    query: changeQuery,
    response: restartedWorkers,
  }),
  pauseJob: route(
    'POST /environments/:environment/jobs/:job/pause',
    'Hold a cron back: its due times are skipped',
    { ...ofJob, ifMatch: true, response: job },
  ),
  resumeJob: route('POST /environments/:environment/jobs/:job/resume', 'Let a cron that is held back go on', {
    ...ofJob,
    ifMatch: true,
    response: job,
  }),
  runJob: route('POST /environments/:environment/jobs/:job/run', 'Run a cron now', {
    ...ofJob,
    once: true,
    query: changeQuery,
    response: run,
  }),
  resetStatistics: route(
    'DELETE /environments/:environment/statistics',
    'Reset the counters of all jobs, nothing else',
    inEnvironment,
  ),

  runs: route('GET /environments/:environment/runs', 'The runs, newest first', {
    ...inEnvironment,
    query: runsQuery,
    response: listOf(run),
  }),
  run: route('GET /environments/:environment/runs/:run', 'A run', { params: runParams, response: run }),
  upcoming: route(
    'GET /environments/:environment/crons',
    'The next due times over all crons, soonest first',
    {
      ...inEnvironment,
      query: upcomingQuery,
      response: listOf(upcoming),
    },
  ),
  dueTimes: route(
    'GET /environments/:environment/due-times',
    'The ledger: what became of every due time, newest first',
    { ...inEnvironment, query: dueTimesQuery, response: listOf(dueTime) },
  ),
  logs: route('GET /environments/:environment/logs', 'The log in the order of time, as NDJSON or text', {
    ...inEnvironment,
    query: logsQuery,
    response: logEntry,
    kind: 'stream',
  }),
  logDownload: route(
    'GET /environments/:environment/log-downloads/:download',
    'How far a download of the log is',
    {
      params: logDownloadParams,
      response: logDownload,
    },
  ),
  exec: route('GET /environments/:environment/exec', 'Run a command inside the environment (WebSocket)', {
    ...inEnvironment,
    body: execRequest,
    kind: 'socket',
    status: 101,
  }),

  ...deploymentRoutes,
  ...movingRoutes,
  sshKeys: route('GET /environments/:environment/ssh-keys', 'The SSH keys that open the environment', {
    ...inEnvironment,
    response: listOf(sshKey),
  }),
  addSshKey: route('POST /environments/:environment/ssh-keys', 'Let an SSH key open the environment', {
    ...inEnvironment,
    body: newSshKey,
    response: sshKey,
    status: 201,
  }),
  deployKey: route(
    'POST /environments/:environment/deploy-key',
    'The key that the environment shows to hosts of private repositories; made where there is none',
    { ...inEnvironment, response: deployKey },
  ),
  userSshKeys: route('GET /users/:user/ssh-keys', 'The SSH keys of an account', {
    params: userParams,
    response: listOf(sshKey),
  }),
  addUserSshKey: route('POST /users/:user/ssh-keys', 'Let an SSH key open all that the account sees', {
    params: userParams,
    body: newSshKey,
    response: sshKey,
    status: 201,
  }),
  removeUserSshKey: route(
    'DELETE /users/:user/ssh-keys/:key',
    'Take an SSH key of an account away, by its fingerprint or name',
    { params: userSshKeyParams },
  ),
  removeSshKey: route(
    'DELETE /environments/:environment/ssh-keys/:key',
    'Take an SSH key away, by its fingerprint or name',
    { params: sshKeyParams },
  ),

  events: route('GET /events', 'What changes, as server-sent events', {
    query: eventsQuery,
    response: anyEvent,
    kind: 'events',
  }),
  activity: route('GET /activity', 'Who did what, newest first', {
    query: activityQuery,
    response: listOf(activity),
  }),
  session: route('GET /session', 'Who asks, and what they see', { response: session }),
  logIn: route('POST /session', 'Log in: the answer sets the cookie of a session', {
    body: logIn,
    response: session,
    access: 'public',
  }),
  logOut: route('DELETE /session', 'Log out, here or everywhere', { query: logOutQuery }),
  setUp: route('POST /set-up', 'Make the first operator by the set-up link, and log in', {
    body: setUp,
    response: session,
    access: 'public',
  }),
  link: route('POST /invitations/look', 'What a one-time link is for', {
    body: linkSecret,
    response: link,
    access: 'public',
  }),
  acceptInvitation: route('POST /invitations/accept', 'Choose a password by a one-time link, and log in', {
    body: acceptedInvitation,
    response: session,
    access: 'public',
  }),

  users: route('GET /users', 'All accounts', { response: listOf(user) }),
  addUser: route('POST /users', 'Add an account; the answer has the link that invites its owner', {
    once: true,
    body: newUser,
    response: invitedUser,
    status: 201,
  }),
  user: route('GET /users/:user', 'An account', { params: userParams, response: user }),
  changeUser: route('PATCH /users/:user', 'Change the role of an account', {
    params: userParams,
    body: userChange,
    response: user,
  }),
  removeUser: route('DELETE /users/:user', 'Remove an account with its sessions and tokens', {
    params: userParams,
  }),
  changePassword: route('POST /users/:user/password', 'Change the own password; other sessions end', {
    params: userParams,
    body: passwordChange,
  }),
  proposeSecondFactor: route(
    'POST /users/:user/second-factor',
    'A secret for an authenticator app; it is wanted only when it is confirmed',
    { params: userParams, response: proposedSecondFactor },
  ),
  confirmSecondFactor: route(
    'POST /users/:user/second-factor/confirm',
    'Want a code with each log-in from now on; other sessions end',
    { params: userParams, body: confirmedSecondFactor, response: recoveryCodes },
  ),
  removeSecondFactor: route('POST /users/:user/second-factor/remove', 'Want a code no more', {
    params: userParams,
    body: removedSecondFactor,
  }),
  sessions: route('GET /users/:user/sessions', 'The browsers that are logged in with the own account', {
    params: userParams,
    response: listOf(accountSession),
  }),
  endSession: route('DELETE /users/:user/sessions/:session', 'Log one of them out', {
    params: sessionParams,
  }),
  resetUser: route(
    'POST /users/:user/reset',
    'Take the password away and end the sessions; the answer has a link to choose a new one',
    { params: userParams, response: newLink, status: 201 },
  ),

  members: route('GET /environments/:environment/members', 'The members of an environment', {
    ...inEnvironment,
    response: listOf(user),
  }),
  addMember: route('PUT /environments/:environment/members/:user', 'Make an account a member', {
    params: memberParams,
  }),
  removeMember: route('DELETE /environments/:environment/members/:user', 'Make it a member no more', {
    params: memberParams,
  }),

  tokens: route('GET /tokens', 'The own tokens; for operators all', { response: listOf(token) }),
  createToken: route('POST /tokens', 'Make a token; it is told once', {
    once: true,
    body: newToken,
    response: createdToken,
    status: 201,
  }),
  removeToken: route('DELETE /tokens/:token', 'Remove a token, by its id or its name', {
    params: tokenParams,
  }),

  metrics: route('GET /environments/:environment/metrics', 'What the jobs used over time', {
    ...inEnvironment,
    query: metricsQuery,
    response: metrics,
  }),
  metricsNow: route('GET /metrics/now', 'The last hour of every environment, for lists', {
    query: metricsNowQuery,
    response: listOf(metricsNow),
  }),
  ...alertRoutes,
  ...logReceiverRoutes,
  advice: route('GET /environments/:environment/advice', 'Whether the plan fits, and what could be better', {
    ...inEnvironment,
    response: advice,
  }),
  incidents: route('GET /incidents', 'What somebody should know of, newest first', {
    query: incidentsQuery,
    response: listOf(incident),
  }),
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
