/** Restarts all workers of an environment, and says how far it has come until the last of them runs anew. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JobSummary } from '../../../../src/contract/job.ts';
import { api } from '../../data/api.ts';
import { confirm } from '../../design/confirm.tsx';
import { Icon } from '../../design/icon.tsx';
import { toast, toastFailure } from '../../design/toasts.tsx';
import { type Before, isOver, type Progress, progressOf } from './restart-progress.ts';

interface RestartWorkersProps {
  readonly environment: string;
  readonly jobs: readonly JobSummary[];
}

interface Restart {
  readonly before: Before;
  readonly names: readonly string[];
}

export function RestartWorkers({ environment, jobs }: RestartWorkersProps) {
  const [restart, setRestart] = useState<Restart>();
  const progress = restart === undefined ? undefined : progressOf(restart.before, restart.names, jobs);
  const done = progress !== undefined && isOver(progress) ? outcomeOf(progress) : undefined;
  useEffect(() => {
    if (done === undefined) return;
    setRestart(undefined);
    toast(done.text, { tone: done.tone });
  }, [done?.text, done?.tone]);
  const workers = jobs.filter(({ type, status }) => type === 'worker' && status === 'enabled');
  if (workers.length === 0) return null;
  const begin = async () => {
    const running = workers.reduce((sum, { instancesRunning }) => sum + instancesRunning, 0);
    const yes = await confirm({
      title: `Restart the workers of ${environment}?`,
      text: `${counted(workers.length, 'worker')} with ${counted(running, 'run')} now: each gets its exit signal, KILL after its exit timeout, and begins anew when it has ended. Crons are not touched.`,
      button: 'Restart workers',
    });
    if (!yes) return;
    const before = new Map(workers.map((job) => [job.name, job]));
    try {
      const asked = { params: { environment }, query: { wait: 'false' } } as const;
      setRestart({ before, names: (await api.call('restartWorkers', asked)).workers });
    } catch (thrown) {
      toastFailure(thrown);
    }
  };
  return (
    <Button
      variant="default"
      leftSection={<Icon name="restart" />}
      // Still a button that can be reached: what it says is the news.
      aria-disabled={progress !== undefined}
      onClick={() => progress === undefined && void begin()}
    >
      <span aria-live="polite">
        {progress === undefined
          ? 'Restart workers …'
          : `Restarting ${Math.min(progress.of, progress.restarted + progress.not.length + 1)} of ${progress.of} …`}
      </span>
    </Button>
  );
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function outcomeOf({ of, restarted, not }: Progress): {
  readonly text: string;
  readonly tone: 'good' | 'bad';
} {
  if (not.length === 0) return { text: `${counted(of, 'worker')} restarted.`, tone: 'good' };
  const names = not.join(', ');
  return { text: `${restarted} of ${of} workers restarted; not up: ${names}.`, tone: 'bad' };
}
