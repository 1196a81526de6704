/** Metrics: what was used, and what happened then? */
import { SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Metrics } from '../../../../src/contract/metrics.ts';
import { api, read } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { chartsOf, isEmpty, type Range, ranges } from './charts.ts';
import { CursorProvider } from './cursor.tsx';
import { Marks } from './marks.tsx';
import { MetricsChart } from './metrics-chart.tsx';
import classes from './metrics-page.module.css';

export function MetricsPage() {
  const environment = useEnvironmentName();
  const [asked, change] = useAsked();
  const jobs = useQuery(read('jobs', { params: { environment } }));
  const metrics = useMetrics(environment, asked);
  const names = [
    ...new Set([...(jobs.data?.items ?? []).map(({ name }) => name), ...(asked.job ? [asked.job] : [])]),
  ];
  return (
    <Page title={`Metrics of ${environment}`}>
      <PageHead
        title="Metrics"
        actions={
          <>
            <Select
              size="xs"
              aria-label="Job"
              placeholder="all jobs together"
              data={names}
              value={asked.job ?? null}
              onChange={(job) => change({ job: job ?? undefined })}
              searchable
              clearable
              limit={60}
              nothingFoundMessage="No such job"
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
  const { range, job } = useSearch({ strict: false }) as Readonly<Record<string, unknown>>;
  const navigate = useNavigate();
  const change = (part: Readonly<Record<string, unknown>>) =>
    void navigate({
      to: '.',
      search: ((before: Record<string, unknown>) => ({ ...before, ...part })) as never,
      replace: true,
      resetScroll: false,
    });
  return [
    {
      range: typeof range === 'string' && range in ranges ? (range as Range) : 'hour',
      job: typeof job === 'string' || typeof job === 'number' ? String(job) : undefined,
    },
    change,
  ];
}
