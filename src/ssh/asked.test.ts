import { describe, expect, test } from 'vitest';
import { readAsked } from './asked.ts';

const everything = { kind: 'tail', source: null, jobs: [], level: null, mono: false };

describe('what follows ssh ENV@HOST', () => {
  test.each([
    ['', { kind: 'help' }],
    ['  help ', { kind: 'help' }],
    ['jobs', { kind: 'jobs', json: false }],
    ['jobs --json', { kind: 'jobs', json: true }],
    ['jobs_reset', { kind: 'reset' }],
    ['keygen', { kind: 'keygen' }],
    ['tail', everything],
    ['tail source:worker mono', { ...everything, source: 'worker', mono: true }],
    ['tail job:a,b job:c level:err', { ...everything, jobs: ['a', 'b', 'c'], level: 'ERR' }],
    ["git-receive-pack '/app.git'", { kind: 'git', service: 'git-receive-pack', path: '/app.git' }],
    ["git receive-pack '/app.git'", { kind: 'git', service: 'git-receive-pack', path: '/app.git' }],
    ["git-upload-pack 'a'\\''b c'\\!'.git'", { kind: 'git', service: 'git-upload-pack', path: "a'b c!.git" }],
    ['git-upload-pack app.git', { kind: 'git', service: 'git-upload-pack', path: 'app.git' }],
    [
      "git-upload-pack '/app.git'; rm x",
      { kind: 'git', service: 'git-upload-pack', path: "'/app.git'; rm x" },
    ],
    ['scp -t /srv', { kind: 'file-transfer' }],
    ['scp -r -f .', { kind: 'file-transfer' }],
  ])('%s is one of ours', (line, asked) => {
    expect(readAsked(line)).toEqual(asked);
  });

  test.each([
    'php artisan migrate',
    'tail -f storage/logs/laravel.log',
    'tail -n 5 x',
    'scp a b:c',
    'git status',
    'git-receive-pack',
    'help me',
    'jobsx',
    'echo jobs\njobs',
    'JOBS',
  ])('%s is a command of the environment, word for word', (line) => {
    expect(readAsked(line)).toEqual({ kind: 'command', line });
  });

  test.each([
    ['jobs all', '"jobs" takes --json and nothing else, not "all": see "help"'],
    ['keygen new', '"keygen" takes nothing, not "new": see "help"'],
    [
      'tail source:cron source:x',
      '"tail" takes source:worker or source:cron, job:NAME, level:ERR and mono, not "source:x": see "help"',
    ],
    [
      'tail job:',
      '"tail" takes source:worker or source:cron, job:NAME, level:ERR and mono, not "job:": see "help"',
    ],
  ])('%s is wrong', (line, sentence) => {
    expect(() => readAsked(line)).toThrow(sentence);
  });
});
