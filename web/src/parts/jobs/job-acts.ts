/**
 * What people do to a job: each act says beforehand what it does to what is running, and afterwards what was done, with the way
 * back where there is one. It answers at once; the row says "stopping" until it is stopped.
 */
import type { Job, JobSummary } from '../../../../src/contract/job.ts';
import { queryClient, read } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { confirm } from '../../design/confirm.tsx';
import { toastFailure } from '../../design/toasts.tsx';
import { act } from '../act.ts';
import { runsInWords } from './runs-in-words.ts';

export type ActedOn = Pick<JobSummary, 'environment' | 'name' | 'type' | 'instancesRunning'>;

const paramsOf = ({ environment, name }: ActedOn) => ({ params: { environment, job: name } });
const atOnce = { query: { wait: 'false' } } as const;

export const jobActs = {
  start: (job: ActedOn): Promise<boolean> =>
    act('startJob', { ...paramsOf(job), ...atOnce }, `${job.name} is enabled.`, () => stopAtOnce(job)),

  async stop(job: ActedOn): Promise<void> {
    const ends = await whatEnds(job);
    const yes = await confirm({
      title: `Stop ${job.name}?`,
      text:
        job.type === 'cron'
          ? `${ends} Its due times are skipped until it is started again.`
          : `${ends} It stays stopped until it is started again, also after a deployment.`,
      button: `Stop ${job.name}`,
      danger: true,
    });
    if (yes) await stopAtOnce(job);
  },

  async restart(job: ActedOn): Promise<void> {
    const yes =
      job.instancesRunning === 0 ||
      (await confirm({
        title: `Restart ${job.name}?`,
        text: `${await whatEnds(job)} A new run begins when the old one has ended.`,
        button: `Restart ${job.name}`,
      }));
    if (yes) await act('restartJob', { ...paramsOf(job), ...atOnce }, `${job.name} is being restarted.`);
  },

  runNow: (job: ActedOn): Promise<boolean> =>
    act('runJob', { ...paramsOf(job), ...atOnce }, `A run of ${job.name} has begun.`),

  pause: (job: ActedOn): Promise<boolean> =>
    act('pauseJob', paramsOf(job), `${job.name} is held back: its due times are skipped.`, () =>
      jobActs.resume(job),
    ),

  resume: (job: ActedOn): Promise<boolean> =>
    act('resumeJob', paramsOf(job), `${job.name} goes on with its next due time.`, () => jobActs.pause(job)),

  /** Resolves to true when it was removed. */
  async remove(job: ActedOn): Promise<boolean> {
    const yes = await confirm({
      title: `Remove ${job.name}?`,
      text: `${await whatEnds(job)} Its settings, runs and statistics are forgotten; this can't be undone.`,
      button: `Remove ${job.name}`,
      danger: true,
      typed: job.name,
    });
    return yes && (await act('removeJob', paramsOf(job), `${job.name} is removed.`));
  },
} as const;

const stopAtOnce = (job: ActedOn): Promise<boolean> =>
  act('stopJob', { ...paramsOf(job), ...atOnce }, `${job.name} is disabled and is being stopped.`, () =>
    jobActs.start(job),
  );

/** `Ends 2 runs, the longest for 3h: TERM, then KILL after 10s.` */
async function whatEnds(job: ActedOn): Promise<string> {
  try {
    const { environment, name } = job;
    const asked = { params: { environment, job: name } };
    const full: Job = await queryClient.fetchQuery({ ...read('job', asked), staleTime: 0 });
    return runsInWords(full, now());
  } catch (thrown) {
    toastFailure(thrown);
    return '';
  }
}
