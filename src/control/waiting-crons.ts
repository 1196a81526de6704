/** Crons that ask a deployment to wait for their runs (`on_deploy: wait`). */
import { Refusal } from '../domain/errors.ts';
import type { Job } from '../domain/job.ts';
import { limits } from '../domain/limits.ts';
import { formatDuration } from '../domain/units.ts';
import type { Tools } from './tools.ts';

/**
 * Waits for the runs that are open now: what begins meanwhile has the new code already.
 * Rejects with Refusal `deploy.cron-runs` after the bound.
 *
 * @param say told what it waits for, before it does
 * @returns what it waited for, in words; null when there was nothing to wait for
 */
export async function waitForCrons(
  { parts, runEnds }: Pick<Tools, 'parts' | 'runEnds'>,
  environment: string,
  jobs: readonly Job[],
  say: (sentence: string) => Promise<void>,
): Promise<string | null> {
  const asking = new Set(
    jobs.filter((job) => job.type === 'cron' && job.onDeploy === 'wait').map((job) => job.name),
  );
  const running = parts.platform
    .observe(environment)
    .filter((each) => asking.has(each.job) && each.runs.length > 0);
  if (running.length === 0) return null;
  const names = running.map((each) => each.job).join(', ');
  await say(`waits for the end of ${names}`);
  const began = parts.clock.monotonic();
  const ends = running.flatMap((each) => each.runs.map((id) => runEnds.of({ environment, id })));
  await new Promise<void>((resolve, reject) => {
    const cancel = parts.clock.after(limits.deployWaitSecondsMax * 1000, () =>
      reject(new Refusal('deploy.cron-runs', { environment, jobs: names })),
    );
    Promise.all(ends).then(() => {
      cancel();
      resolve();
    }, reject);
  });
  return `waited ${formatDuration(Math.round((parts.clock.monotonic() - began) / 1000))} for ${names}`;
}
