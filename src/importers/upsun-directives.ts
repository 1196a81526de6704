/** What becomes of the settings of an app on Upsun or Platform.sh (docs.upsun.com, "App reference"); the guide prints these. */
import type { Directives } from './imported.ts';

const root = {
  fate: 'left out',
  becomes: 'the root of the environment is an ordinary folder, and stays',
} as const;
const machine = {
  fate: 'left out',
  becomes: 'programs come from this machine: install what the app needs',
} as const;
const plan = { fate: 'adapted', becomes: 'the plan bounds all jobs of the environment together' } as const;

/** Of an app. */
export const appDirectives = {
  workers: { fate: 'kept', becomes: 'workers' },
  crons: { fate: 'kept', becomes: 'crons' },
  variables: { fate: 'kept', becomes: '`env:` becomes variables of the environment' },
  timezone: { fate: 'kept', becomes: 'the time zone of the crons' },
  web: {
    fate: 'left out',
    becomes: 'requests are answered by your web front-end: Nightshift runs beside it',
  },
  hooks: {
    fate: 'left out',
    becomes: 'write what runs with a deployment into nightshift.yml, below `deploy:` and `commands:`',
  },
  mounts: root,
  disk: root,
  source: root,
  type: machine,
  stack: machine,
  runtime: machine,
  build: machine,
  dependencies: machine,
  size: plan,
  resources: plan,
  container_profile: plan,
  name: { fate: 'not needed', becomes: 'the environment has a name' },
  relationships: { fate: 'left out', becomes: 'tell the app where its services are by `nightshift env set`' },
  access: {
    fate: 'left out',
    becomes: 'who may come in is said by `nightshift member` and `nightshift key`',
  },
  firewall: { fate: 'left out', becomes: 'jobs have the network of this machine' },
  operations: { fate: 'left out', becomes: 'run them with `nightshift exec`' },
  additional_hosts: machine,
} as const satisfies Directives;

/** Of a worker. */
export const workerDirectives = {
  commands: { fate: 'kept', becomes: '`pre_start` and `start`, one after the other' },
  variables: appDirectives.variables,
  size: plan,
  resources: plan,
  container_profile: plan,
  disk: root,
  mounts: root,
  relationships: appDirectives.relationships,
  access: appDirectives.access,
} as const satisfies Directives;

/** Of a cron. */
export const cronDirectives = {
  spec: { fate: 'kept', becomes: 'the crontab expression, `H` included' },
  commands: { fate: 'kept', becomes: '`start` is the command' },
  cmd: { fate: 'kept', becomes: 'the command' },
  timeout: { fate: 'kept', becomes: 'the max runtime' },
  shutdown_timeout: { fate: 'kept', becomes: 'the exit timeout' },
  'commands: stop': { fate: 'left out', becomes: 'a run is asked to end by its exit signal' },
} as const satisfies Directives;
