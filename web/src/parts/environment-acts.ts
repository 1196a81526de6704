/** What people do to a whole environment. */
import type { Environment } from '../../../src/contract/environment.ts';
import type { Asked } from '../data/client.ts';
import { confirm } from '../design/confirm.tsx';
import { act } from './act.ts';

const inside = (environment: string) => ({ params: { environment } });

export const environmentActs = {
  async deploy({ name, workersRunning }: Environment): Promise<void> {
    const workers = workersRunning === 1 ? '1 worker' : `${workersRunning} workers`;
    const yes = await confirm({
      title: `Deploy ${name}?`,
      text: `For code that came another way than by git push: restarts ${workers} gracefully, so that they run what lies in the root folder now. Crons that run go on, and their next run has it.`,
      button: 'Deploy',
    });
    if (!yes) return;
    const asked: Asked<'deploy'> = {
      ...inside(name),
      query: { wait: 'false' },
      body: { trigger: 'dashboard' },
    };
    await act('deploy', asked, `${name} is being deployed.`);
  },

  pause: (name: string): Promise<boolean> =>
    act(
      'changeEnvironment',
      { ...inside(name), body: { paused: true } },
      `All crons of ${name} are held back: their due times are skipped.`,
      () => environmentActs.resume(name),
    ),

  resume: (name: string): Promise<boolean> =>
    act(
      'changeEnvironment',
      { ...inside(name), body: { paused: false } },
      `The crons of ${name} go on with their next due times.`,
      () => environmentActs.pause(name),
    ),

  maskSecrets: (name: string): Promise<boolean> =>
    act(
      'changeEnvironment',
      { ...inside(name), body: { maskSecrets: true } },
      `What the jobs of ${name} print is shown without the values of its secret variables.`,
      () => environmentActs.showSecrets(name),
    ),

  showSecrets: (name: string): Promise<boolean> =>
    act(
      'changeEnvironment',
      { ...inside(name), body: { maskSecrets: false } },
      `What the jobs of ${name} print is shown as it is.`,
      () => environmentActs.maskSecrets(name),
    ),

  beginTrial: (name: string): Promise<boolean> =>
    act('changeEnvironment', { ...inside(name), body: { trial: true } }, `${name} is on trial.`, () =>
      environmentActs.endTrial(name),
    ),

  endTrial: (name: string): Promise<boolean> =>
    act(
      'changeEnvironment',
      { ...inside(name), body: { trial: false } },
      `The trial of ${name} is over.`,
      () => environmentActs.beginTrial(name),
    ),

  async resetStatistics(name: string): Promise<void> {
    const yes = await confirm({
      title: `Reset the statistics of ${name}?`,
      text: 'The counters of all jobs begin at nothing again: fails, exits, durations, memory. Runs, logs and metrics stay, and nothing is restarted.',
      button: 'Reset them',
    });
    if (yes) await act('resetStatistics', inside(name), `The statistics of ${name} begin anew.`);
  },

  /** Resolves to true when it was removed. */
  async remove({ name, root, jobs, workersRunning }: Environment): Promise<boolean> {
    const yes = await confirm({
      title: `Remove ${name}?`,
      text: `Stops all that runs in it (${workersRunning === 1 ? '1 worker' : `${workersRunning} workers`} now) and forgets its ${jobs} jobs, variables, runs and logs. The folder ${root} stays as it is. This can't be undone.`,
      button: `Remove ${name}`,
      danger: true,
      typed: name,
    });
    return (
      yes && (await act('removeEnvironment', inside(name), `${name} is removed; its folder ${root} stays.`))
    );
  },
} as const;
