import { describe, expect, it } from 'vitest';
import {
  type Cron,
  checkExitSignal,
  checkJob,
  enabledPlaces,
  jobDefaults,
  placesOf,
  type Worker,
} from './job.ts';

const worker: Worker = {
  environment: 'shop',
  name: 'mailer',
  type: 'worker',
  command: 'node mail.js',
  status: 'enabled',
  exitSignal: 'TERM',
  exitTimeoutSeconds: 10,
  instances: 1,
  handover: 'stop-first',
  createdAt: 0,
  version: 1,
  managedBy: null,
};
const cron: Cron = {
  environment: 'shop',
  name: 'report',
  type: 'cron',
  command: 'report',
  status: 'enabled',
  exitSignal: 'TERM',
  exitTimeoutSeconds: 10,
  createdAt: 0,
  version: 1,
  managedBy: null,
  schedule: { kind: 'interval', interval: '1h', moment: 0 },
  maxRuntimeSeconds: 12 * 3600,
  maxInstances: 5,
  catchUp: 'none',
  catchUpMaxAgeSeconds: 3600,
  onDeploy: 'finish',
  paused: false,
  retries: 0,
  retryDelaySeconds: 30,
  retryOn: null,
  warnLateSeconds: null,
  warnLongerSeconds: null,
  warnShorterSeconds: null,
  dueSince: 0,
};

const code = (name: string) => expect.objectContaining({ code: name });

describe('places of a plan', () => {
  it('are taken by each instance of a worker, and by a cron once', () => {
    expect(placesOf({ ...worker, instances: 3 })).toBe(3);
    expect(placesOf({ ...cron, maxInstances: 9 })).toBe(1);
  });

  it('are taken by enabled jobs only', () => {
    expect(enabledPlaces([{ ...worker, instances: 3 }, cron, { ...cron, status: 'disabled' }])).toBe(4);
    expect(enabledPlaces([])).toBe(0);
  });
});

describe('an exit signal', () => {
  it.each(['TERM', 'sigterm', '15', ' SIGTERM '])('can be written %j', (text) => {
    expect(checkExitSignal(text)).toBe('TERM');
  });

  it.each(['STOP', 'CONT', 'CHLD', '0', '99', '', 'nonsense'])('can’t be %j', (text) => {
    expect(() => checkExitSignal(text)).toThrow(code('job.exit-signal'));
  });
});

describe('a job', () => {
  it('passes with the defaults', () => {
    expect(() => checkJob(worker)).not.toThrow();
    expect(() => checkJob(cron)).not.toThrow();
    expect(jobDefaults).toMatchObject({ exitTimeoutSeconds: 10, maxRuntimeSeconds: 43_200, maxInstances: 5 });
  });

  it.each([
    ['', 'job.command-empty'],
    [' \n\t', 'job.command-empty'],
    ['a\0b', 'job.command-invalid'],
    ['x'.repeat(8_193), 'job.command-invalid'],
  ])('can’t have the command %j', (command, expected) => {
    expect(() => checkJob({ ...worker, command })).toThrow(code(expected));
  });

  it.each([0, 0.5, -1, 3_601, Number.NaN, Number.POSITIVE_INFINITY])(
    'can’t have the exit timeout %j',
    (seconds) => {
      expect(() => checkJob({ ...worker, exitTimeoutSeconds: seconds })).toThrow(code('job.exit-timeout'));
    },
  );

  it.each([1, 3_600])('can have the exit timeout %j', (seconds) => {
    expect(() => checkJob({ ...worker, exitTimeoutSeconds: seconds })).not.toThrow();
  });

  it.each([0, -1, 1.5, 65, Number.NaN])('can’t have %j instances', (instances) => {
    expect(() => checkJob({ ...worker, instances })).toThrow(code('job.instances'));
    expect(() => checkJob({ ...cron, maxInstances: instances })).toThrow(code('job.max-instances'));
  });

  it.each([0, 7 * 86_400 + 1, Number.NaN])('can’t have the max runtime %j', (seconds) => {
    expect(() => checkJob({ ...cron, maxRuntimeSeconds: seconds })).toThrow(code('job.max-runtime'));
  });

  it.each([0, -5, 367 * 86_400, Number.NaN])('can’t catch up what is %j s old', (seconds) => {
    expect(() => checkJob({ ...cron, catchUpMaxAgeSeconds: seconds })).toThrow(code('job.catch-up-age'));
  });
});
