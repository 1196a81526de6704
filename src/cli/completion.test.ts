import { describe, expect, test } from 'vitest';
import { socketServer } from '../http/socket-server.testkit.ts';
import { call } from './cli-run.testkit.ts';

describe('completion', () => {
  test.each([
    [['jo'], ['job', 'jobs', 'jobs-reset']],
    [['book', ''], ['demo']],
    [['book', 'demo', ''], ['M']],
    [['env', 'show', 'd'], ['demo']],
    [
      ['job', 'show', 'demo', 'a-'],
      ['a-cron', 'a-worker'],
    ],
    [
      ['job', 'add', 'demo', 'x', ''],
      ['worker', 'cron'],
    ],
    [
      ['logs', 'demo', '--job', ''],
      ['a-cron', 'a-worker'],
    ],
    [
      ['logs', 'demo', '--level', ''],
      ['DEBUG', 'INFO', 'WARN', 'ERR'],
    ],
    [['env', 'unset', 'demo', 'T'], ['TOKEN']],
    [['runs', 'demo', '--l'], ['--limit']],
    [['completion', 'z'], ['zsh']],
  ])('offers for %j %j', async (words, offered) => {
    const server = await socketServer();
    const { stdout, exitCode } = await call(server, ['__complete', '--', ...words]);
    expect(stdout.split('\n').filter((each) => each !== '')).toEqual(offered);
    expect(exitCode).toBe(0);
  });

  test('offers nothing, and says nothing, without a daemon', async () => {
    const words = ['__complete', '--data', '/nowhere', '--', 'jobs', ''];
    expect(await call(undefined, words)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test.each(['bash', 'zsh', 'fish'])('has a script for %s', async (shell) => {
    const { stdout, exitCode } = await call(undefined, ['completion', shell]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('nightshift __complete');
  });
});
