/** The jobs of an environment, each with its state, its figures and what can be done. */
import { Link } from '@tanstack/react-router';
import { formatDuration, formatSize } from '../../../../src/contract/format.ts';
import type { JobSummary } from '../../../../src/contract/job.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { Moment, useNow } from '../../design/moment.tsx';
import { StateBadge, trouble } from '../../design/state-badge.tsx';
import { type Column, Table } from '../../design/table.tsx';
import { JobMenu } from '../../parts/jobs/job-menu.tsx';
import classes from './job-table.module.css';

export function JobTable({ jobs }: { readonly jobs: readonly JobSummary[] }) {
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

const columns: readonly Column<JobSummary>[] = [
  {
    key: 'name',
    head: 'Name',
    width: 'minmax(140px, 1.3fr)',
    lead: true,
    cell: ({ environment, name }) => (
      <Link
        to="/environments/$environment/jobs/$job"
        params={{ environment, job: name } as never}
        className={classes.name}
      >
        {name}
      </Link>
    ),
  },
  {
    key: 'type',
    head: 'Type',
    width: '64px',
    plain: true,
    cell: ({ type }) => <span className={classes.dim}>{type}</span>,
  },
  {
    key: 'state',
    head: 'State',
    width: 'minmax(220px, 2.4fr)',
    lead: true,
    cell: (job) => (
      <div className={classes.state}>
        <StateBadge job={job} />
        <Reason job={job} />
      </div>
    ),
  },
  {
    key: 'memory',
    head: 'Memory',
    width: '92px',
    right: true,
    cell: ({ memoryBytes, memoryMaxBytes }) => (
      <span title={memoryMaxBytes === null ? undefined : `at most ${formatSize(memoryMaxBytes)}`}>
        {memoryBytes === null ? '–' : formatSize(memoryBytes)}
      </span>
    ),
  },
  {
    key: 'duration',
    head: 'Duration',
    width: '88px',
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
    width: '56px',
    right: true,
    cell: ({ fails }) => (
      <span className={fails > 0 ? classes.fails : classes.dim} title="fails">
        {fails}
      </span>
    ),
  },
  {
    key: 'next',
    head: 'Next',
    width: '120px',
    cell: ({ nextDueAt }) =>
      nextDueAt === null ? <span className={classes.dim}>–</span> : <Moment at={nextDueAt} />,
  },
  {
    key: 'acts',
    head: '',
    corner: true,
    width: '34px',
    right: true,
    cell: (job) => (
      <div className={classes.acts}>
        <JobMenu job={job} />
      </div>
    ),
  },
];

/** What runs has run for longer with each second, whenever its sentence was written. */
function Reason({ job }: { readonly job: JobSummary }) {
  const now = useNow();
  const runsAlone = job.state === 'running' && job.stateSince !== null && job.instances === 1;
  return (
    <span className={classes.reason}>
      {runsAlone && job.stateSince !== null
        ? `for ${formatDuration(Math.max(0, (now - Date.parse(job.stateSince)) / 1_000))}`
        : reasonBeside(job)}
    </span>
  );
}

/** The reason without the words that the badge says already. */
export function reasonBeside({ reason, state }: Pick<JobSummary, 'reason' | 'state'>): string {
  const word = state.replace('-', ' ');
  const rest = reason.startsWith(word) ? reason.slice(word.length).replace(/^[:,]?\s*/, '') : reason;
  // The badge counts down itself.
  return rest.replace(/[;,] again in [^;,]*$/, '');
}
