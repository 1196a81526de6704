/** Metrics: what was used, and what happened then? */
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Metrics } from '../../../../src/contract/metrics.ts';
import { api } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { textOf, useEnvironmentName, useWishes } from '../../data/place.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { JobSelect } from '../../parts/jobs/job-select.tsx';
import { chartsOf, isEmpty, type Range, ranges } from './charts.ts';
import { CursorProvider } from './cursor.tsx';
import { Marks } from './marks.tsx';
import { MetricsChart } from './metrics-chart.tsx';
import classes from './metrics-page.module.css';

export function MetricsPage() {
  const environment = useEnvironmentName();
  const [asked, change] = useAsked();
  const metrics = useMetrics(environment, asked);
  return (
    <Page title={`Metrics of ${environment}`}>
      <PageHead
        title="Metrics"
        actions={
          <>
            <JobSelect
              environment={environment}
              none="all jobs together"
              job={asked.job}
              onChange={(job) => change({ job })}
            />
            <SegmentedControl
              size="xs"
              aria-label="Time range"
              data={Object.keys(ranges)}
              value={asked.range}
              onChange={(range) => change({ range })}
            />
          </>
        }
      />
      <Loaded query={metrics}>{(found) => <Found metrics={found} />}</Loaded>
    </Page>
  );
}

function Found({ metrics }: { readonly metrics: Metrics }) {
  const charts = useMemo(() => chartsOf(metrics), [metrics]);
  const times = useMemo(() => timesOf(metrics), [metrics]);
  if (isEmpty(metrics))
    return (
      <Section>
        <EmptyState title="Nothing was measured in this time">
          While something of the environment runs, its memory, CPU and swap are measured, and its crons and
          starts are counted. Choose a longer range, or come back in a minute.
        </EmptyState>
      </Section>
    );
  return (
    <CursorProvider>
      <Section flush>
        <div className={classes.charts}>
          {charts.map((chart, index) => (
            <MetricsChart
              key={chart.key}
              chart={chart}
              times={times}
              metrics={metrics}
              withAxis={index === charts.length - 1}
            />
          ))}
        </div>
      </Section>
      <Marks metrics={metrics} />
    </CursorProvider>
  );
}

/** Seconds, as the charts count. */
const timesOf = ({ from, stepSeconds, series }: Metrics): number[] =>
  series.memoryBytes.map((_, index) => Date.parse(from) / 1_000 + index * stepSeconds);

interface Asked {
  readonly range: Range;
  readonly job: string | undefined;
}

function useMetrics(environment: string, { range, job }: Asked) {
  const { seconds, readEveryMs } = ranges[range];
  return useQuery({
    queryKey: ['metrics-page', { environment }, { range, job }],
    queryFn: ({ signal }) => {
      const from = new Date(now() - seconds * 1_000).toISOString();
      const query = { from, ...(job === undefined ? {} : { job }) };
      return api.call('metrics', { params: { environment }, query }, signal);
    },
    refetchInterval: readEveryMs,
    placeholderData: (before) => before,
  });
}

function useAsked(): readonly [Asked, (change: Readonly<Record<string, unknown>>) => void] {
  const [{ range, job }, change] = useWishes();
  const asked = {
    range: typeof range === 'string' && range in ranges ? (range as Range) : 'hour',
    job: textOf(job),
  };
  return [asked, change];
}
