/** The jobs of an environment, each with its state, its figures and what can be done. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { formatDuration, formatSize } from '../../../../src/contract/format.ts';
import type { JobSummary } from '../../../../src/contract/job.ts';
import { WithReason } from '../../design/badge.tsx';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Moment, useNow } from '../../design/moment.tsx';
import { OutcomeMark } from '../../design/outcome-badge.tsx';
import { SparkLine } from '../../design/spark-line.tsx';
import { StateBadge, trouble } from '../../design/state-badge.tsx';
import { aboveRowLink, type Column, rowLink, Table } from '../../design/table.tsx';
import { JobMenu } from '../../parts/jobs/job-menu.tsx';
import { lastHourOf } from '../../parts/jobs/last-hour.ts';
import classes from './job-table.module.css';

export interface JobTableProps {
  readonly environment: string;
  readonly jobs: readonly JobSummary[];
}

export function JobTable({ environment, jobs }: JobTableProps) {
  const hours = useLastHour(environment);
  const columns = useMemo(() => columnsWith(hours), [hours]);
  if (jobs.length === 0) return <EmptyState title="None has such a name">Search for another.</EmptyState>;
  return (
    <Table
      label="Jobs"
      columns={columns}
      rows={jobs}
      keyOf={({ name }) => name}
      toneOf={(job) => (trouble(job) === 3 ? 'bad' : trouble(job) > 0 ? 'warn' : undefined)}
    />
  );
}

type Values = readonly (number | null)[];

/** What each job held in the last hour, by its name. */
function useLastHour(environment: string): ReadonlyMap<string, Values> {
  const { data } = useQuery(lastHourOf(environment));
  return useMemo(
    () =>
      new Map(data?.items.flatMap(({ jobs }) => jobs.map(({ name, memoryBytes }) => [name, memoryBytes]))),
    [data],
  );
}

const columnsWith = (hours: ReadonlyMap<string, Values>): readonly Column<JobSummary>[] => [
  {
    key: 'name',
    head: 'Name',
    width: 'minmax(130px, 1.2fr)',
    lead: true,
    cell: ({ environment, name }) => (
      <Link
        to="/environments/$environment/jobs/$job"
        params={{ environment, job: name } as never}
        className={rowLink}
      >
        {name}
      </Link>
    ),
  },
  { key: 'type', head: 'Type', width: '56px', plain: true, cell: ({ type }) => <Dim>{type}</Dim> },
  {
    key: 'state',
    head: 'State',
    width: 'minmax(190px, 2fr)',
    lead: true,
    cell: (job) => (
      <WithReason badge={<StateBadge job={job} />}>
        <Reason job={job} />
      </WithReason>
    ),
  },
  {
    key: 'memory',
    head: 'Memory',
    width: '156px',
    right: true,
    cell: (job) => <Memory job={job} hour={hours.get(job.name)} />,
  },
  {
    key: 'duration',
    head: 'Duration',
    width: '76px',
    right: true,
    wide: true,
    cell: ({ durationAvgSeconds, durationMaxSeconds }) =>
      durationAvgSeconds === null ? (
        '–'
      ) : (
        <span title={`at most ${formatDuration(durationMaxSeconds ?? durationAvgSeconds)}`}>
          {formatDuration(durationAvgSeconds)}
        </span>
      ),
  },
  {
    key: 'fails',
    head: 'Fails',
    width: '48px',
    right: true,
    cell: ({ fails }) => (
      <span className={fails > 0 ? classes.fails : undefined} title="fails">
        {fails > 0 ? fails : <Dim>0</Dim>}
      </span>
    ),
  },
  { key: 'last', head: 'Last run', width: 'minmax(104px, 0.8fr)', cell: (job) => <Last job={job} /> },
  {
    key: 'next',
    head: 'Next due',
    width: '92px',
    cell: ({ nextDueAt }) => (nextDueAt === null ? <Dim>–</Dim> : <Moment at={nextDueAt} />),
  },
  {
    key: 'acts',
    head: '',
    corner: true,
    width: '34px',
    right: true,
    cell: (job) => (
      <div className={aboveRowLink}>
        <JobMenu job={job} />
      </div>
    ),
  },
];

/** What its open runs hold now, after the line of its last hour. */
function Memory({ job, hour }: { readonly job: JobSummary; readonly hour: Values | undefined }) {
  const { name, memoryBytes, memoryMaxBytes } = job;
  const most = memoryMaxBytes === null ? undefined : `at most ${formatSize(memoryMaxBytes)}`;
  return (
    <span className={classes.memory} title={most}>
      {hour !== undefined && <SparkLine values={hour} label={`Memory of ${name} in the last hour`} />}
      <span>{memoryBytes === null ? '–' : formatSize(memoryBytes)}</span>
    </span>
  );
}

/** How the newest run that is over ended, and when. */
function Last({ job: { environment, lastEnd } }: { readonly job: JobSummary }) {
  if (lastEnd === null) return <Dim>–</Dim>;
  const { run, outcome, reason, endedAt } = lastEnd;
  return (
    <Link
      to="/environments/$environment/runs/$run"
      params={{ environment, run }}
      className={`${aboveRowLink} ${classes.last}`}
      title={reason ?? outcome}
    >
      <OutcomeMark outcome={outcome} /> <Moment at={endedAt} />
    </Link>
  );
}

/** What runs has run for longer with each second, whenever its sentence was written. */
function Reason({ job }: { readonly job: JobSummary }) {
  const now = useNow();
  const runsAlone = job.state === 'running' && job.stateSince !== null && job.instances === 1;
  return runsAlone && job.stateSince !== null
    ? `for ${formatDuration(Math.max(0, (now - Date.parse(job.stateSince)) / 1_000))}`
    : reasonBeside(job);
}

/** The reason without the words that the badge says already. */
export function reasonBeside({ reason, state }: Pick<JobSummary, 'reason' | 'state'>): string {
  const word = state.replace('-', ' ');
  const rest = reason.startsWith(word) ? reason.slice(word.length).replace(/^[:,]?\s*/, '') : reason;
  // The badge counts down itself.
  return rest.replace(/[;,] again in [^;,]*$/, '');
}
