/** The settings of a job, in words and as nightshift.yml has them. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Job } from '../../../../src/contract/job.ts';
import { copy } from '../../design/copy-as.tsx';
import { Icon } from '../../design/icon.tsx';
import { Facts, Section } from '../../design/page.tsx';
import classes from './job-page.module.css';
import { jobYaml } from './job-yaml.ts';

export function Settings({ job }: { readonly job: Job }) {
  const [asFile, setAsFile] = useState(false);
  const yaml = jobYaml(job);
  return (
    <Section
      title="Settings"
      actions={
        <>
          {asFile && (
            <Button
              variant="subtle"
              color="gray"
              leftSection={<Icon name="copy" />}
              onClick={() => void copy(yaml, 'The lines of nightshift.yml are copied.')}
            >
              Copy
            </Button>
          )}
          <Button variant="default" aria-pressed={asFile} onClick={() => setAsFile(!asFile)}>
            {asFile ? 'In words' : 'As nightshift.yml'}
          </Button>
        </>
      }
    >
      {asFile ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it
        <pre className={classes.yaml} tabIndex={0}>
          {yaml}
        </pre>
      ) : (
        <Facts of={wordsOf(job)} />
      )}
    </Section>
  );
}

function wordsOf(job: Job): readonly (readonly [string, React.ReactNode])[] {
  const time = (seconds: number | null) => (seconds === null ? 'not watched' : formatDuration(seconds));
  const common = [
    ['Command', <code key="command">{job.command}</code>],
    ['To end it', `${job.exitSignal}, and KILL after ${formatDuration(job.exitTimeoutSeconds)}`],
  ] as const;
  if (job.type === 'worker')
    return [
      ...common,
      ['Instances', String(job.instances)],
      [
        'When replaced',
        job.handover === 'start-first' ? 'the new one starts first' : 'the old one ends first',
      ],
    ];
  const retries = job.retries ?? 0;
  return [
    ...common,
    ['When', job.crontab === null ? `every ${job.interval}` : `${job.crontab} (${job.timezone})`],
    ['Max runtime', formatDuration(job.maxRuntimeSeconds ?? 0)],
    ['At once', `${job.maxInstances} at most`],
    ['Missed due times', catchUpWords[job.catchUp ?? 'none']],
    ['On a deployment', onDeployWords[job.onDeploy ?? 'finish']],
    [
      'When it fails',
      retries === 0
        ? 'not begun again'
        : `begun again ${retries} ×, after ${formatDuration(job.retryDelaySeconds ?? 0)}`,
    ],
    ['Warn when late by', time(job.warnLateSeconds)],
    ['Warn when longer than', time(job.warnLongerSeconds)],
    ['Warn when shorter than', time(job.warnShorterSeconds)],
  ];
}

const catchUpWords = { none: 'let go', latest: 'the latest runs once', all: 'all are caught up' } as const;
const onDeployWords = {
  finish: 'goes on to its end',
  restart: 'restarts with the new code',
  wait: 'the deployment waits for it',
} as const;
