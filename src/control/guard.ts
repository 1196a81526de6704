/**
 * What each use case asks of a token's scope: said here for all of them, and checked before any of them begins. Whether the
 * actor sees an environment, or is an operator, the use cases check themselves.
 */
import { checkScope, type Need } from '../domain/access.ts';
import type { Actor, Control } from './control.ts';

/** `open`: whoever asks is nobody yet. A use case that is missing here does not compile. */
const needs = {
  lastEventId: 'open',
  events: 'read',
  health: 'open',
  // What it does is asked for its own need.
  once: 'open',
  daemon: 'read',
  plans: 'read',
  environments: 'read',
  environment: 'read',
  createEnvironment: 'write',
  removeEnvironment: 'write',
  setTrial: 'write',
  setPaused: 'write',
  setMaskSecrets: 'write',
  variables: 'secret',
  setVariables: 'write',
  book: 'write',
  unbook: 'write',
  jobs: 'read',
  job: 'read',
  why: 'read',
  addJob: 'write',
  editJob: 'write',
  removeJob: 'write',
  startJob: 'write',
  stopJob: 'write',
  restartJob: 'write',
  restartWorkers: 'write',
  setJobPaused: 'write',
  runJob: 'write',
  resetStatistics: 'write',
  runs: 'read',
  run: 'read',
  dueTimes: 'read',
  nextDue: 'read',
  explainCrontab: 'read',
  logs: 'read',
  logDownload: 'read',
  exec: 'write',
  deploy: 'write',
  deployments: 'read',
  deployment: 'read',
  repository: 'read',
  push: 'write',
  deployHook: 'read',
  rotateDeployHook: 'write',
  removeDeployHook: 'write',
  deployByHook: 'open',
  applyFile: 'write',
  importJobs: 'write',
  exportJobs: 'read',
  backup: 'secret',
  activity: 'read',
  metrics: 'read',
  lastHour: 'read',
  exposition: 'read',
  incidents: 'read',
  advice: 'read',
  alertChannels: 'read',
  addAlertChannel: 'write',
  changeAlertChannel: 'write',
  removeAlertChannel: 'write',
  testAlertChannel: 'write',
  alertDeliveries: 'read',
  alertRules: 'read',
  changeAlertRules: 'write',
  alertSettings: 'read',
  changeAlertSettings: 'write',
  logReceiver: 'read',
  setLogReceiver: 'write',
  removeLogReceiver: 'write',
  sshKeys: 'read',
  addSshKey: 'write',
  removeSshKey: 'write',
  deployKey: 'write',
  userSshKeys: 'read',
  addUserSshKey: 'write',
  removeUserSshKey: 'write',
  sshActor: 'open',
  logIn: 'open',
  link: 'open',
  useLink: 'open',
  actorOfSession: 'open',
  actorOfToken: 'open',
  logOut: 'write',
  self: 'read',
  changePassword: 'write',
  proposeSecondFactor: 'write',
  confirmSecondFactor: 'write',
  removeSecondFactor: 'write',
  sessions: 'read',
  endSession: 'write',
  users: 'read',
  user: 'read',
  addUser: 'write',
  changeUser: 'write',
  removeUser: 'write',
  resetUser: 'write',
  members: 'read',
  addMember: 'write',
  removeMember: 'write',
  tokens: 'read',
  createToken: 'write',
  removeToken: 'write',
} as const satisfies Record<keyof Control, Need | 'open'>;

/** The same use cases, each refused to a token whose scope does not reach it. */
export function guarded<Cases extends Control>(control: Cases): Cases {
  const guards = (Object.entries(needs) as [keyof Control, Need | 'open'][]).flatMap(([name, need]) => {
    if (need === 'open') return [];
    const act = control[name] as (actor: Actor, ...given: unknown[]) => unknown;
    const guard =
      name === 'logs' || name === 'events'
        ? (actor: Actor, ...given: unknown[]) => {
            checkScope(actor, need);
            return act(actor, ...given);
          }
        : async (actor: Actor, ...given: unknown[]) => {
            checkScope(actor, need);
            return await act(actor, ...given);
          };
    return [[name, guard] as const];
  });
  return { ...control, ...Object.fromEntries(guards) };
}
