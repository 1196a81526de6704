/** Runs as lines that open their output. */
import { Link } from '@tanstack/react-router';
import { formatSize } from '../../../../src/contract/format.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { WithReason } from '../../design/badge.tsx';
import { Dim } from '../../design/dim.tsx';
import { Moment, useNow } from '../../design/moment.tsx';
import { OutcomeBadge } from '../../design/outcome-badge.tsx';
import { type Column, rowLink, Table } from '../../design/table.tsx';
import classes from './run-table.module.css';
import { lengthInWords, triggerWords } from './run-words.ts';

export function RunTable({ runs, ofOneJob }: { readonly runs: readonly Run[]; readonly ofOneJob?: boolean }) {
  return (
    <Table
      label="Runs"
      columns={ofOneJob ? columns.filter(({ key }) => key !== 'job') : columns}
      rows={runs}
      keyOf={({ id }) => id}
    />
  );
}

const began = (run: Run): string => run.startedAt ?? run.createdAt;

const columns: readonly Column<Run>[] = [
  {
    key: 'began',
    head: 'Began',
    width: '108px',
    lead: true,
    cell: (run) => (
      <Link
        to="/environments/$environment/runs/$run"
        params={{ environment: run.environment, run: run.id }}
        className={rowLink}
      >
        <Moment at={began(run)} />
      </Link>
    ),
  },
  {
    key: 'job',
    head: 'Job',
    plain: true,
    width: 'minmax(120px, 1fr)',
    cell: ({ job, command }) => (
      <span className={classes.job}>{job ?? <span title={command}>remote command</span>}</span>
    ),
  },
  {
    key: 'outcome',
    head: 'Outcome',
    width: 'minmax(240px, 2.6fr)',
    lead: true,
    cell: (run) => (
      <WithReason badge={<OutcomeBadge run={run} />}>{run.outcome === 'ok' ? '' : run.reason}</WithReason>
    ),
  },
  {
    key: 'length',
    head: 'Length',
    width: '86px',
    right: true,
    cell: (run) => <Length run={run} />,
  },
  {
    key: 'memory',
    head: 'Peak',
    width: '84px',
    right: true,
    cell: ({ memoryMaxBytes }) => (memoryMaxBytes === null ? '–' : formatSize(memoryMaxBytes)),
  },
  {
    key: 'trigger',
    head: 'Because of',
    width: 'minmax(130px, 1fr)',
    cell: ({ trigger, attempt }) => (
      <Dim small>
        {triggerWords[trigger]}
        {attempt > 1 && `, attempt ${attempt}`}
      </Dim>
    ),
  },
];

function Length({ run }: { readonly run: Run }) {
  return run.endedAt === null ? <LengthSoFar run={run} /> : lengthInWords(run, 0);
}

const LengthSoFar = ({ run }: { readonly run: Run }) => lengthInWords(run, useNow());
