import { expect, test } from 'vitest';
import { aWorker, aWorkerView } from '../http/control-double.testkit.ts';
import { socketServer } from '../http/socket-server.testkit.ts';
import { call } from './cli-run.testkit.ts';

test('the page of a job names the file that manages it, and of others says nothing', async () => {
  const page = async (managedBy: string | null): Promise<string> => {
    const server = await socketServer({
      job: async () => ({ ...aWorkerView, job: { ...aWorker, managedBy } }),
    });
    return (await call(server, ['job', 'show', 'demo', 'a-worker'])).stdout;
  };
  expect(await page('nightshift.yml')).toMatch(
    /^Managed by {5}nightshift\.yml: change it there and deploy$/m,
  );
  expect(await page(null)).not.toContain('Managed');
});
