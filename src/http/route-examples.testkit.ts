/** What to ask of every route, for the tests that walk the contract's table. */
import type { RouteName } from '../contract/routes.ts';
import { anInstant } from './control-double.testkit.ts';

/** What to ask of each route that answers with a document, and what the use case is asked then. */
export const routeExamples: Record<
  Exclude<RouteName, 'logs' | 'exec' | 'events' | 'backup'>,
  { ask: string; body?: unknown; asks: unknown[] }
> = {
  daemon: { ask: 'GET /daemon', asks: ['daemon'] },
  plans: { ask: 'GET /plans', asks: ['plans'] },
  explainCrontab: {
    ask: 'GET /crontab?expression=15+3+*+*+*&timezone=Europe%2FBerlin&from=2026-11-22T04:12:07.250%2B01:00',
    asks: [
      'explainCrontab',
      { expression: '15 3 * * *', timezone: 'Europe/Berlin', next: 5, from: anInstant },
    ],
  },
  environments: { ask: 'GET /environments', asks: ['environments'] },
  createEnvironment: {
    ask: 'POST /environments',
    body: { name: 'demo', root: '/srv/demo' },
    asks: ['createEnvironment', { name: 'demo', root: '/srv/demo' }],
  },
  environment: { ask: 'GET /environments/demo', asks: ['environment', 'demo'] },
  changeEnvironment: {
    ask: 'PATCH /environments/demo',
    body: { trial: true },
    asks: ['setTrial', 'demo', true],
  },
  removeEnvironment: { ask: 'DELETE /environments/demo', asks: ['removeEnvironment', 'demo'] },
  variables: { ask: 'GET /environments/demo/variables', asks: ['variables', 'demo'] },
  setVariables: {
    ask: 'PATCH /environments/demo/variables?wait=false',
    body: { variables: { A: '1', B: null } },
    asks: ['setVariables', 'demo', { A: '1', B: null }, { wait: false }],
  },
  book: {
    ask: 'PUT /environments/demo/component',
    body: { plan: 'M' },
    asks: ['book', 'demo', 'M', { wait: true, force: false }],
  },
  unbook: { ask: 'DELETE /environments/demo/component', asks: ['unbook', 'demo', { wait: true }] },
  jobs: { ask: 'GET /environments/demo/jobs', asks: ['jobs', 'demo', { limit: 20_001 }] },
  addJob: {
    ask: 'POST /environments/demo/jobs',
    body: { name: 'a-cron', type: 'cron', command: 'x', interval: '10m' },
    asks: ['addJob', 'demo', { name: 'a-cron', type: 'cron', command: 'x', interval: '10m' }, { wait: true }],
  },
  job: { ask: 'GET /environments/demo/jobs/a-cron', asks: ['job', 'demo', 'a-cron'] },
  why: { ask: 'GET /environments/demo/jobs/a-cron/why', asks: ['why', 'demo', 'a-cron'] },
  editJob: {
    ask: 'PATCH /environments/demo/jobs/a-worker',
    body: { instances: 2 },
    asks: ['editJob', 'demo', 'a-worker', { instances: 2 }, { wait: true }],
  },
  removeJob: { ask: 'DELETE /environments/demo/jobs/a-cron', asks: ['removeJob', 'demo', 'a-cron'] },
  startJob: {
    ask: 'POST /environments/demo/jobs/a-worker/start',
    asks: ['startJob', 'demo', 'a-worker', { wait: true }],
  },
  stopJob: {
    ask: 'POST /environments/demo/jobs/a-worker/stop?wait=false',
    asks: ['stopJob', 'demo', 'a-worker', { wait: false }],
  },
  restartJob: {
    ask: 'POST /environments/demo/jobs/a-worker/restart',
    asks: ['restartJob', 'demo', 'a-worker', { wait: true }],
  },
  restartWorkers: {
    ask: 'POST /environments/demo/restart',
    asks: ['restartWorkers', 'demo', { wait: true }],
  },
  pauseJob: {
    ask: 'POST /environments/demo/jobs/a-cron/pause',
    asks: ['setJobPaused', 'demo', 'a-cron', true],
  },
  resumeJob: {
    ask: 'POST /environments/demo/jobs/a-cron/resume',
    asks: ['setJobPaused', 'demo', 'a-cron', false],
  },
  runJob: {
    ask: 'POST /environments/demo/jobs/a-cron/run',
    asks: ['runJob', 'demo', 'a-cron', { wait: true }],
  },
  resetStatistics: { ask: 'DELETE /environments/demo/statistics', asks: ['resetStatistics', 'demo'] },
  runs: {
    ask: 'GET /environments/demo/runs?job=a-cron&limit=7',
    asks: ['runs', { environment: 'demo', job: 'a-cron', limit: 7 }],
  },
  run: { ask: 'GET /environments/demo/runs/run-2', asks: ['run', 'demo', 'run-2'] },
  logDownload: {
    ask: 'GET /environments/demo/log-downloads/mine',
    asks: ['logDownload', 'demo', 'mine'],
  },
  upcoming: { ask: 'GET /environments/demo/crons?next=3', asks: ['nextDue', 'demo', 3, undefined] },
  dueTimes: {
    ask: 'GET /environments/demo/due-times?before=2026-11-22T03:12:07.250Z',
    asks: ['dueTimes', { environment: 'demo', limit: 50, before: anInstant }],
  },
  deploy: {
    ask: 'POST /environments/demo/deployments',
    body: {},
    asks: ['deploy', 'demo', 'cli', { wait: true }],
  },
  deployments: { ask: 'GET /environments/demo/deployments', asks: ['deployments', 'demo', 50] },
  deployment: {
    ask: 'GET /environments/demo/deployments/deploy-1',
    asks: ['deployment', 'demo', 'deploy-1'],
  },
  deployHook: { ask: 'GET /environments/demo/deploy-hook', asks: ['deployHook', 'demo'] },
  rotateDeployHook: { ask: 'POST /environments/demo/deploy-hook', asks: ['rotateDeployHook', 'demo'] },
  removeDeployHook: { ask: 'DELETE /environments/demo/deploy-hook', asks: ['removeDeployHook', 'demo'] },
  applyFile: {
    ask: 'POST /environments/demo/file',
    body: { text: 'jobs: {}', dryRun: true },
    asks: ['applyFile', 'demo', 'jobs: {}', { wait: true, dryRun: true }],
  },
  exportJobs: {
    ask: 'GET /environments/demo/export?format=supervisor',
    asks: ['exportJobs', 'demo', 'supervisor'],
  },
  importJobs: {
    ask: 'POST /environments/demo/import',
    body: {
      format: 'procfile',
      files: [{ name: '/srv/demo/Procfile', text: 'mails: php mails.php' }],
      dryRun: true,
    },
    asks: [
      'importJobs',
      'demo',
      {
        format: 'procfile',
        files: [{ name: '/srv/demo/Procfile', text: 'mails: php mails.php' }],
        timezone: 'UTC',
        plan: null,
      },
      { wait: true, dryRun: true },
    ],
  },
  activity: {
    ask: 'GET /activity?environment=demo&before=8',
    asks: ['activity', { environment: 'demo', before: 8, limit: 50 }],
  },
  metrics: {
    ask: 'GET /environments/demo/metrics?from=2026-11-22T03:00:00Z&until=2026-11-22T04:30:00%2B01:00&step=60&job=a-worker',
    asks: [
      'metrics',
      {
        environment: 'demo',
        job: 'a-worker',
        stepSeconds: 60,
        from: Date.UTC(2026, 10, 22, 3),
        until: Date.UTC(2026, 10, 22, 3, 30),
      },
    ],
  },
  metricsNow: { ask: 'GET /metrics/now?environment=demo', asks: ['lastHour', 'demo'] },
  incidents: {
    ask: 'GET /incidents?environment=demo&open=true&before=incident-2',
    asks: ['incidents', { environment: 'demo', open: true, before: 'incident-2', limit: 50 }],
  },

  advice: { ask: 'GET /environments/demo/advice', asks: ['advice', 'demo'] },
  alertChannels: { ask: 'GET /alerts/channels?environment=demo', asks: ['alertChannels', 'demo'] },
  addAlertChannel: {
    ask: 'POST /alerts/channels',
    body: {
      environment: 'demo',
      name: 'chat',
      kind: 'webhook',
      url: 'https://chat.example.com/x',
      kinds: ['swap'],
    },
    asks: [
      'addAlertChannel',
      {
        environment: 'demo',
        name: 'chat',
        kind: 'webhook',
        url: 'https://chat.example.com/x',
        kinds: ['swap'],
      },
    ],
  },
  changeAlertChannel: {
    ask: 'PATCH /alerts/channels/channel-1',
    body: { quiet: null },
    asks: ['changeAlertChannel', 'channel-1', { quiet: null }],
  },
  removeAlertChannel: {
    ask: 'DELETE /alerts/channels/channel-1',
    asks: ['removeAlertChannel', 'channel-1'],
  },
  testAlertChannel: {
    ask: 'POST /alerts/channels/channel-1/test',
    asks: ['testAlertChannel', 'channel-1'],
  },
  alertDeliveries: {
    ask: 'GET /alerts/deliveries?environment=demo&limit=7',
    asks: ['alertDeliveries', { environment: 'demo', limit: 7 }],
  },
  alertSettings: { ask: 'GET /alerts/settings', asks: ['alertSettings'] },
  changeAlertSettings: {
    ask: 'PATCH /alerts/settings',
    body: { allow: ['10.0.0.0/8'], mailServer: null },
    asks: ['changeAlertSettings', { allow: ['10.0.0.0/8'], mailServer: null }],
  },
  alertRules: { ask: 'GET /environments/demo/alert-rules', asks: ['alertRules', 'demo'] },
  changeAlertRules: {
    ask: 'PATCH /environments/demo/alert-rules',
    body: { off: ['swap'], jobs: { 'a-cron': { afterFails: 2 } }, pings: { 'a-cron': null } },
    asks: [
      'changeAlertRules',
      'demo',
      { off: ['swap'], jobs: { 'a-cron': { afterFails: 2 } }, pings: { 'a-cron': null } },
    ],
  },

  logReceiver: { ask: 'GET /environments/demo/log-receiver', asks: ['logReceiver', 'demo'] },
  setLogReceiver: {
    ask: 'PUT /environments/demo/log-receiver',
    body: { url: 'https://collector.example.com', headers: { authorization: 'Bearer x' } },
    asks: [
      'setLogReceiver',
      'demo',
      { url: 'https://collector.example.com', headers: { authorization: 'Bearer x' } },
    ],
  },
  removeLogReceiver: {
    ask: 'DELETE /environments/demo/log-receiver',
    asks: ['removeLogReceiver', 'demo'],
  },

  sshKeys: { ask: 'GET /environments/demo/ssh-keys', asks: ['sshKeys', 'demo'] },
  addSshKey: {
    ask: 'POST /environments/demo/ssh-keys',
    body: { key: 'ssh-ed25519 AAAA', name: 'laptop' },
    asks: ['addSshKey', 'demo', { key: 'ssh-ed25519 AAAA', name: 'laptop' }],
  },
  userSshKeys: { ask: 'GET /users/ada/ssh-keys', asks: ['userSshKeys', 'ada'] },
  addUserSshKey: {
    ask: 'POST /users/ada/ssh-keys',
    body: { key: 'ssh-ed25519 AAAA' },
    asks: ['addUserSshKey', 'ada', { key: 'ssh-ed25519 AAAA' }],
  },
  removeUserSshKey: {
    ask: 'DELETE /users/ada/ssh-keys/ada@laptop',
    asks: ['removeUserSshKey', 'ada', 'ada@laptop'],
  },
  deployKey: { ask: 'POST /environments/demo/deploy-key', asks: ['deployKey', 'demo'] },
  removeSshKey: {
    ask: 'DELETE /environments/demo/ssh-keys/SHA256:a%2Fb+c',
    asks: ['removeSshKey', 'demo', 'SHA256:a/b+c'],
  },
  session: { ask: 'GET /session', asks: ['self'] },
  logIn: {
    ask: 'POST /session',
    body: { name: 'ada', password: 'a long password' },
    asks: ['logIn', { name: 'ada', password: 'a long password' }],
  },
  logOut: { ask: 'DELETE /session?everywhere=true', asks: ['logOut', true] },
  setUp: {
    ask: 'POST /set-up',
    body: { secret: 'a-secret', password: 'a long password' },
    asks: ['useLink', { secret: 'a-secret', name: 'operator', password: 'a long password' }],
  },
  link: { ask: 'POST /invitations/look', body: { secret: 'a-secret' }, asks: ['link', 'a-secret'] },
  acceptInvitation: {
    ask: 'POST /invitations/accept',
    body: { secret: 'a-secret', password: 'a long password' },
    asks: ['useLink', { secret: 'a-secret', password: 'a long password' }],
  },
  users: { ask: 'GET /users', asks: ['users'] },
  addUser: {
    ask: 'POST /users',
    body: { name: 'ada', environments: ['demo'] },
    asks: ['addUser', { name: 'ada', role: 'member', environments: ['demo'] }],
  },
  user: { ask: 'GET /users/ada', asks: ['user', 'ada'] },
  changeUser: {
    ask: 'PATCH /users/ada',
    body: { role: 'operator' },
    asks: ['changeUser', 'ada', { role: 'operator' }],
  },
  removeUser: { ask: 'DELETE /users/ada', asks: ['removeUser', 'ada'] },
  changePassword: {
    ask: 'POST /users/ada/password',
    body: { current: 'the old one', password: 'a long password' },
    asks: ['changePassword', 'ada', { current: 'the old one', password: 'a long password' }],
  },
  proposeSecondFactor: { ask: 'POST /users/ada/second-factor', asks: ['proposeSecondFactor', 'ada'] },
  confirmSecondFactor: {
    ask: 'POST /users/ada/second-factor/confirm',
    body: { current: 'the old one', secret: 'JBSW', code: '123456' },
    asks: ['confirmSecondFactor', 'ada', { current: 'the old one', secret: 'JBSW', code: '123456' }],
  },
  removeSecondFactor: {
    ask: 'POST /users/ada/second-factor/remove',
    body: { current: 'the old one' },
    asks: ['removeSecondFactor', 'ada', { current: 'the old one' }],
  },
  sessions: { ask: 'GET /users/ada/sessions', asks: ['sessions', 'ada'] },
  endSession: { ask: 'DELETE /users/ada/sessions/0a1b2c', asks: ['endSession', 'ada', '0a1b2c'] },
  resetUser: { ask: 'POST /users/ada/reset', asks: ['resetUser', 'ada'] },
  members: { ask: 'GET /environments/demo/members', asks: ['members', 'demo'] },
  addMember: { ask: 'PUT /environments/demo/members/ada', asks: ['addMember', 'demo', 'ada'] },
  removeMember: { ask: 'DELETE /environments/demo/members/ada', asks: ['removeMember', 'demo', 'ada'] },
  tokens: { ask: 'GET /tokens', asks: ['tokens'] },
  createToken: {
    ask: 'POST /tokens',
    body: { name: 'ci', environments: ['demo'], expiresAt: '2026-11-22T03:12:07.250Z' },
    asks: ['createToken', { name: 'ci', scope: 'read', environments: ['demo'], expiresAt: anInstant }],
  },
  removeToken: { ask: 'DELETE /tokens/token-1', asks: ['removeToken', 'token-1'] },
};
