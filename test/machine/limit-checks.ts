/** The wall around an environment whose group lies below the unit's: what the kernel was told, and that it holds. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../../src/contract/run.ts';
import { environmentGroup, readCounter, readGroup } from './groups.ts';
import { addJob, book, makeEnvironment, runsOf } from './shop.ts';
import type { Transcript } from './transcript.ts';
import { client, daemonPid, dataFolder, property } from './unit.ts';
import { elapse, must, until } from './until.ts';

const greedy = 'greedy';
const megabyte = 1024 ** 2;
const cpuSeconds = 10;

/** Beside two plans that are compared: one whose processes are soon used up, though there is time to begin them. */
const plans = `plans:
  - { name: M, memory: 512MB, jobs: 4 }
  - { name: eighth, memory: 128MB, jobs: 1, cpu: 0.125 }
  - { name: half, memory: 512MB, jobs: 4, cpu: 0.5 }
  - { name: many, memory: 1024MB, jobs: 1, cpu: 2 }
`;

/** Before the daemon's first start. */
export const writePlans = (): Promise<void> => writeFile(join(dataFolder, 'plans.yml'), plans);

export async function checkLimits(transcript: Transcript): Promise<void> {
  await makeEnvironment(greedy, '/srv/greedy', 'eighth');
  const group = await environmentGroup(greedy);
  const read = (file: string): string => readGroup(group, file);

  await transcript.check('the plan stands in the kernel', async () => {
    const found = ['memory.max', 'memory.swap.max', 'cpu.max', 'pids.max'].map((file) => read(file));
    const expected = [128 * megabyte, 128 * megabyte, '12500 100000', 512].map(String);
    must(found.join() === expected.join(), `${expected.join()} was expected, not ${found.join()}`);
    return found.join(', ');
  });

  await transcript.check(
    'the processor is divided by plan, and a running job gets the new share at once',
    async () => {
      await addJob(greedy, { name: 'burn', type: 'worker', command: 'while :; do :; done' });
      await until('the worker to burn', 60, () =>
        readCounter(group, 'cpu.stat', 'nr_throttled') > 3 ? true : undefined,
      );
      const before = (await runsOf(greedy, 'burn'))[0]?.id;
      const small = await share(group);
      const began = performance.now();
      const booked = book(greedy, 'half');
      await until('the new limit', 60, () => (read('cpu.max') === '50000 100000' ? true : undefined));
      const milliseconds = Math.round(performance.now() - began);
      await booked;
      const large = await share(group);
      const [now] = await runsOf(greedy, 'burn');
      must(now?.id === before && now?.endedAt === null, 'the change of plan restarted the worker');
      must(read('memory.max') === String(512 * megabyte), `memory.max is ${read('memory.max')}`);
      const ratio = large / small;
      must(ratio > 3 && ratio < 5, `0.125 got ${small.toFixed(3)}, 0.5 got ${large.toFixed(3)}`);
      await client.call('DELETE', `/environments/${greedy}/jobs/burn`);
      return `${small.toFixed(3)} and ${large.toFixed(3)} of a processor, ratio ${ratio.toFixed(2)}; in force after ${milliseconds} ms at most`;
    },
  );

  await transcript.check(
    'memory that runs out is named, and harms neither the daemon nor the unit',
    async () => {
      const [pid, restarts] = [await daemonPid(), await property('NRestarts')];
      const ended = await runOnce('eat', 'exec dd if=/dev/zero of=/dev/null bs=700M count=1');
      must(ended.outcome === 'out-of-memory', `the outcome is ${ended.outcome}: ${ended.reason}`);
      must(readCounter(group, 'memory.events', 'oom_kill') > 0, 'the kernel counted no kill');
      const state = await property('ActiveState');
      must(state === 'active' && (await daemonPid()) === pid, `the unit is ${state}, its daemon another`);
      must((await property('NRestarts')) === restarts, 'systemd restarted the unit');
      return ended.reason ?? '';
    },
  );

  await transcript.check('processes end at the edge of the environment', async () => {
    await book(greedy, 'many');
    const fork = 'i=0; while [ $i -lt 700 ]; do sleep 600 & i=$((i+1)); done; wait';
    const ended = await runOnce('fork', fork);
    const [peak, most] = [Number(read('pids.peak')), Number(read('pids.max'))];
    must(most === 512 && peak <= most, `${peak} processes, and ${most} are allowed`);
    must(readCounter(group, 'pids.events', 'max') > 0, 'nothing was refused');
    must(Number(read('pids.current')) === 0, `${read('pids.current')} processes are left`);
    return `${peak} of ${most}; ${ended.outcome}: ${ended.reason}; ${ended.leftovers.length} that were left are named`;
  });

  await transcript.check('an environment that is removed leaves no group', async () => {
    await client.call('DELETE', `/environments/${greedy}`);
    must(read('cgroup.procs') === '' && readGroup(group, 'cgroup.type') === '', `${group} is still there`);
    return undefined;
  });
}

/** What of one processor a group got over a while. */
async function share(group: string): Promise<number> {
  const used = (): number => readCounter(group, 'cpu.stat', 'usage_usec');
  const [before, began] = [used(), performance.now()];
  await elapse(cpuSeconds);
  return (used() - before) / 1000 / (performance.now() - began);
}

/** A run that somebody asked for, when it has ended; its job is gone then. */
async function runOnce(job: string, command: string): Promise<Run> {
  await addJob(greedy, { name: job, type: 'cron', command, interval: '1mo' });
  const { id } = await client.call<Run>('POST', `/environments/${greedy}/jobs/${job}/run`);
  const ended = await until(`the run of ${job} to end`, 300, async () => {
    const found = await client.get<Run>(`/environments/${greedy}/runs/${id}`);
    return found.endedAt === null ? undefined : found;
  });
  await client.call('DELETE', `/environments/${greedy}/jobs/${job}`);
  return ended;
}
