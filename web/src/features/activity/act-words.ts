/** `start job` → `started job`: what is noted as a command, told as what was done. */
import type { Activity } from '../../../../src/contract/daemon.ts';

const past: Readonly<Record<string, string>> = {
  add: 'added',
  begin: 'began',
  book: 'booked',
  change: 'changed',
  create: 'created',
  deploy: 'deployed',
  edit: 'edited',
  end: 'ended',
  fail: 'failed',
  log: 'logged',
  make: 'made',
  pause: 'held back',
  push: 'pushed',
  remove: 'removed',
  reset: 'reset',
  restart: 'restarted',
  resume: 'let go on',
  run: 'ran',
  set: 'set',
  start: 'started',
  stop: 'stopped',
  unbook: 'gave up',
};

export function wordsOf({ act }: Pick<Activity, 'act'>): string {
  const [verb = '', ...rest] = act.split(' ');
  if (act === 'remote command') return 'ran a remote command';
  return [past[verb] ?? verb, ...rest].join(' ');
}
