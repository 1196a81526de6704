/** Environments: is everything all right? */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Environment } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';
import { read } from '../../data/api.ts';
import { useSearchText } from '../../data/place.ts';
import { Badge } from '../../design/badge.tsx';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Meter } from '../../design/meter.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { type Column, rowLink, Table } from '../../design/table.tsx';
import { healthOf, troubleFirst } from './health.ts';
import classes from './overview-page.module.css';

export function OverviewPage() {
  const environments = useQuery(read('environments'));
  const [text, setText] = useSearchText();
  const add = (
    <Button data-add component={Link} to="/new-environment" leftSection={<Icon name="plus" />}>
      Environment
    </Button>
  );
  return (
    <Page title="Environments">
      <PageHead
        title="Environments"
        actions={
          <>
            {(environments.data?.items.length ?? 0) > 0 && (
              <SearchField label="Search environments" text={text} onChange={setText} />
            )}
            {add}
          </>
        }
      />
      <Loaded query={environments}>
        {({ items }) => (
          <Section flush>
            {items.length === 0 ? (
              <EmptyState
                title="No environment yet"
                action={add}
                command="nightshift env create shop --root /srv/shop"
              >
                An environment is an online version of an app: a folder, the system user that owns it, and
                variables. Its workers and crons run in it.
              </EmptyState>
            ) : (
              <List environments={troubleFirst(items.filter(({ name }) => name.includes(text.trim())))} />
            )}
          </Section>
        )}
      </Loaded>
    </Page>
  );
}

function List({ environments }: { readonly environments: readonly Environment[] }) {
  if (environments.length === 0)
    return <EmptyState title="None has such a name">Search for another.</EmptyState>;
  return (
    <Table
      label="Environments"
      columns={columns}
      rows={environments}
      keyOf={({ name }) => name}
      toneOf={(each) => {
        const { tone } = healthOf(each);
        return tone === 'bad' || tone === 'warn' ? tone : undefined;
      }}
    />
  );
}

const columns: readonly Column<Environment>[] = [
  {
    key: 'name',
    head: 'Name',
    width: 'minmax(140px, 1.4fr)',
    lead: true,
    cell: ({ name }) => (
      <Link to="/environments/$environment" params={{ environment: name }} className={rowLink}>
        {name}
      </Link>
    ),
  },
  {
    key: 'health',
    head: '',
    width: 'minmax(170px, 1.5fr)',
    cell: (each) => {
      const { tone, shape, words } = healthOf(each);
      return (
        <Badge tone={tone} shape={shape}>
          {words}
        </Badge>
      );
    },
  },
  {
    key: 'plan',
    head: 'Plan',
    width: '60px',
    cell: ({ name, plan }) =>
      plan ?? (
        <Link to="/environments/$environment/component" params={{ environment: name }}>
          Book
        </Link>
      ),
  },
  {
    key: 'workers',
    head: 'Workers',
    width: '72px',
    right: true,
    cell: ({ plan, workersRunning, workersExpected }) =>
      plan === null ? '–' : `${workersRunning}/${workersExpected}`,
  },
  {
    key: 'jobs',
    head: 'Jobs',
    width: '84px',
    right: true,
    cell: ({ jobsEnabled, limits, jobs }) =>
      limits === null ? `${jobs} defined` : `${jobsEnabled} of ${limits.jobs}`,
  },
  {
    key: 'fails',
    head: 'Fails today',
    width: '84px',
    right: true,
    cell: ({ cronFailsOfDay }) => (
      <span
        className={cronFailsOfDay > 0 ? classes.fails : undefined}
        title="Runs of crons that failed in the last 24 hours"
      >
        {cronFailsOfDay > 0 ? cronFailsOfDay : <Dim>0</Dim>}
      </span>
    ),
  },
  {
    key: 'next',
    head: 'Next cron',
    width: '92px',
    cell: ({ nextDue }) =>
      nextDue === null ? (
        <Dim>–</Dim>
      ) : (
        <span title={nextDue.job}>
          <Moment at={nextDue.dueAt} />
        </span>
      ),
  },
  {
    key: 'memory',
    head: 'Memory',
    width: 'minmax(150px, 1fr)',
    right: true,
    cell: ({ usage, limits }) => {
      if (limits === null) return '–';
      const used = usage?.memoryBytes ?? 0;
      const text = `${formatSize(used)} of ${formatPlanSize(limits.memoryBytes)}`;
      return (
        <div className={classes.memory}>
          <span>{text}</span>
          <Meter bare label="Memory" used={used} limit={limits.memoryBytes} text={text} />
        </div>
      );
    },
  },
];
