import { expect, test } from 'vitest';
import { gitVersion } from '../git/git-version.ts';
import { gitFinding } from './doctor.ts';

test('doctor names the git that there is, and what is missing without one', async () => {
  expect(gitFinding('2.39.5')).toEqual({ subject: 'git', state: 'ok', sentence: 'git 2.39.5', remedy: null });
  const none = await gitVersion({ PATH: '/nowhere' });
  expect(none).toBeNull();
  expect(gitFinding(none)).toMatchObject({
    state: 'limited',
    sentence: expect.stringContaining('nothing can be pushed'),
    remedy: 'apt-get install git',
  });
});
