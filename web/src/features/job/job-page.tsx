/** A job: why is it like this? */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formatDuration, formatSize } from '../../../../src/contract/format.ts';
import type { Job } from '../../../../src/contract/job.ts';
import { read } from '../../data/api.ts';
import { useEnvironmentName, useJobName } from '../../data/place.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { Notice } from '../../design/notice.tsx';
import { Facts, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { StateBadge } from '../../design/state-badge.tsx';
import { jobActs } from '../../parts/jobs/job-acts.ts';
import { JobMenu } from '../../parts/jobs/job-menu.tsx';
import { LogView } from '../../parts/log/log-view.tsx';
import { RunTable } from '../../parts/runs/run-table.tsx';
import { useRuns } from '../../parts/runs/use-runs.ts';
import { WhyPanel } from '../../parts/why-panel.tsx';
import { CronParts } from './cron-parts.tsx';
import classes from './job-page.module.css';
import { RunBars } from './run-bars.tsx';
import { Settings } from './settings.tsx';
import { WorkerParts } from './worker-parts.tsx';

export function JobPage() {
  const environment = useEnvironmentName();
  const name = useJobName();
  const job = useQuery(read('job', { params: { environment, job: name } }));
  return (
    <Page title={`${name} in ${environment}`}>
      <Loaded query={job}>{(found) => <Found job={found} key={found.name} />}</Loaded>
    </Page>
  );
}

const recentRuns = 8;

function Found({ job }: { readonly job: Job }) {
  const { environment, name } = job;
  const found = useRuns(environment, name);
  return (
    <>
      <Head job={job} />
      {job.managedBy !== null && (
        <Notice tone="accent">
          {job.managedBy} states this job: change it there, and it is applied with the next deployment.
        </Notice>
      )}
      <Section>
        <Facts of={factsOf(job)} />
      </Section>
      <WhyPanel environment={environment} job={name} />
      {job.type === 'cron' && <CronParts job={job} runs={found.runs ?? []} />}
      <Loaded query={{ data: found.runs, error: found.error, isPending: found.isPending }}>
        {(runs) => (
          <>
            {job.type === 'worker' && <WorkerParts runs={runs} />}
            <Section
              title="Runs"
              flush
              actions={
                <Link
                  to="/environments/$environment/runs"
                  params={{ environment }}
                  search={{ job: name } as never}
                >
                  All runs of {name}
                </Link>
              }
            >
              {runs.length === 0 ? (
                <EmptyState title="It has not run yet">{whenItWill(job)}</EmptyState>
              ) : (
                <>
                  <div className={classes.bars}>
                    <RunBars runs={runs} />
                  </div>
                  <RunTable runs={runs.slice(0, recentRuns)} ofOneJob />
                </>
              )}
            </Section>
          </>
        )}
      </Loaded>
      <Output environment={environment} name={name} />
      <Settings job={job} />
    </>
  );
}

const whenItWill = (job: Job): string =>
  job.status === 'disabled'
    ? 'It is disabled: start it first.'
    : job.type === 'cron'
      ? 'It runs at its next due time, or when somebody runs it now.'
      : job.reason;

function Head({ job }: { readonly job: Job }) {
  const navigate = useNavigate();
  const { environment, name, status, type } = job;
  return (
    <PageHead
      title={name}
      facts={
        <>
          <StateBadge job={job} />
          <span>{job.reason}</span>
        </>
      }
      actions={
        <>
          {status === 'disabled' ? (
            <Button leftSection={<Icon name="play" />} onClick={() => void jobActs.start(job)}>
              Start
            </Button>
          ) : type === 'cron' ? (
            <Button
              variant="default"
              leftSection={<Icon name="play" />}
              onClick={() => void jobActs.runNow(job)}
            >
              Run now
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<Icon name="restart" />}
              onClick={() => void jobActs.restart(job)}
            >
              Restart …
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<Icon name="edit" />}
            component={Link}
            to="/environments/$environment/jobs/$job/edit"
            params={{ environment, job: name } as never}
          >
            Edit
          </Button>
          <JobMenu
            job={job}
            onRemoved={() => void navigate({ to: '/environments/$environment', params: { environment } })}
          />
        </>
      }
    />
  );
}

function factsOf(job: Job): readonly (readonly [string, React.ReactNode])[] {
  const { durationAvgSeconds, durationMaxSeconds, memoryAvgBytes, memoryMaxBytes, memoryBytes } = job;
  const pair = (avg: number | null, max: number | null, words: (value: number) => string) =>
    avg === null ? 'not measured yet' : `${words(avg)} on average, ${words(max ?? avg)} at most`;
  return [
    ...(job.type === 'worker'
      ? ([
          ['Instances', `${job.instancesRunning} of ${job.instances} run`],
          ['Memory now', memoryBytes === null ? 'not measured yet' : formatSize(memoryBytes)],
          ['Restarts', String(job.restarts)],
        ] as const)
      : ([
          ['Length', pair(durationAvgSeconds, durationMaxSeconds, formatDuration)],
          ['Ended well', String(job.exitsOk)],
          ['Next', job.nextDueAt === null ? 'never' : <Moment key="next" at={job.nextDueAt} />],
        ] as const)),
    ['Fails', String(job.fails)],
    ['Memory of a run', pair(memoryAvgBytes, memoryMaxBytes, formatSize)],
    ['Counted since', <Moment key="since" at={job.statisticsSince} />],
  ];
}

function Output({ environment, name }: { readonly environment: string; readonly name: string }) {
  const [looks, setLooks] = useState({ wrap: true, utc: false });
  return (
    <>
      <div className={classes.outputHead}>
        <h2>Last output</h2>
        <Link to="/environments/$environment/logs" params={{ environment }} search={{ job: name } as never}>
          Open in Logs
        </Link>
      </div>
      <LogView
        environment={environment}
        query={{ job: name }}
        looks={looks}
        onLooks={setLooks}
        size="part"
        showJob={false}
        empty={
          <EmptyState title="It has printed nothing yet">
            What it writes to standard output and standard error appears here.
          </EmptyState>
        }
      />
    </>
  );
}
