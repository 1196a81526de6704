/** Activity: who did what, when, from where? Nobody edits it. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Activity } from '../../../../src/contract/daemon.ts';
import { api, read } from '../../data/api.ts';
import { useEnvironmentName, useSearchText } from '../../data/place.ts';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Moment } from '../../design/moment.tsx';
import { HiddenTitle, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { type Column, Table } from '../../design/table.tsx';
import { toastFailure } from '../../design/toasts.tsx';
import { wordsOf } from './act-words.ts';
import classes from './activity-page.module.css';
import { IncidentList } from './incident-list.tsx';

export function ActivityPage() {
  const environment = useEnvironmentName();
  return (
    <Page title={`Activity in ${environment}`}>
      <HiddenTitle>Activity</HiddenTitle>
      <IncidentList environment={environment} />
      <ActivityList environment={environment} />
    </Page>
  );
}

/** Over all environments, and what belongs to none. */
export function MachineActivityPage() {
  return (
    <Page title="Activity">
      <PageHead title="Activity" />
      <ActivityList environment={undefined} />
    </Page>
  );
}

const newestEntries = 100;
const pageEntries = 500;

function ActivityList({ environment }: { readonly environment: string | undefined }) {
  const [text, setText] = useSearchText();
  const [older, setOlder] = useState<readonly Activity[]>([]);
  const [next, setNext] = useState<string | null>();
  const where = environment === undefined ? {} : { environment };
  const newest = useQuery(read('activity', { query: { ...where, limit: newestEntries } }));
  const readOlder = async (before: string) => {
    try {
      const page = await api.call('activity', { query: { ...where, before, limit: pageEntries } });
      setOlder([...older, ...page.items]);
      setNext(page.next);
    } catch (thrown) {
      toastFailure(thrown);
    }
  };
  return (
    <Loaded query={newest}>
      {(found) => {
        const all = [
          ...found.items,
          ...older.filter((entry) => !found.items.some((each) => keyOf(each) === keyOf(entry))),
        ];
        const shown = all.filter((entry) => fits(entry, text.trim().toLowerCase()));
        const before = next === undefined ? found.next : next;
        return (
          <Section
            flush
            title="Who did what"
            actions={<SearchField label="Search activity" text={text} onChange={setText} />}
          >
            {shown.length === 0 ? (
              <EmptyState title={all.length === 0 ? 'Nobody has done anything yet' : 'Nothing of that kind'}>
                Every change that somebody makes is noted here: by whom, when, and from where. Nobody can edit
                it.
              </EmptyState>
            ) : (
              <Table
                label="Activity, newest first"
                columns={
                  environment === undefined ? columns : columns.filter(({ key }) => key !== 'environment')
                }
                rows={shown}
                keyOf={keyOf}
              />
            )}
            {before !== null && (
              <p className={classes.more}>
                <Button size="compact-xs" variant="subtle" onClick={() => void readOlder(before)}>
                  Older activity
                </Button>
              </p>
            )}
          </Section>
        );
      }}
    </Loaded>
  );
}

const fits = ({ actor, act, detail, environment }: Activity, text: string): boolean =>
  text === '' || `${actor} ${act} ${detail} ${environment ?? ''}`.toLowerCase().includes(text);

const keyOf = ({ id }: Activity): string => id;

const columns: readonly Column<Activity>[] = [
  { key: 'at', head: 'When', width: '104px', lead: true, cell: ({ at }) => <Moment at={at} /> },
  {
    key: 'actor',
    head: 'Who',
    width: 'minmax(110px, 1fr)',
    cell: ({ actor }) => <span className={classes.actor}>{actor}</span>,
  },
  {
    key: 'act',
    head: 'What',
    width: 'minmax(220px, 3fr)',
    lead: true,
    cell: (entry) => (
      <span className={classes.act}>
        {wordsOf(entry)} {entry.detail !== '' && <code className={classes.detail}>{entry.detail}</code>}
      </span>
    ),
  },
  {
    key: 'environment',
    head: 'Environment',
    width: 'minmax(110px, 1fr)',
    cell: ({ environment }) =>
      environment === null ? (
        <Dim small>–</Dim>
      ) : (
        <Link to="/environments/$environment" params={{ environment }}>
          {environment}
        </Link>
      ),
  },
  {
    key: 'from',
    head: 'From',
    width: 'minmax(120px, 1fr)',
    cell: ({ via, address }) => <Dim small>{[viaWords(via), address].filter(Boolean).join(', ') || '–'}</Dim>,
  },
];

const ways: Readonly<Record<string, string>> = {
  http: 'dashboard',
  socket: 'command line',
  token: 'API token',
  ssh: 'SSH',
  git: 'git',
};
const viaWords = (via: string | null): string | null => (via === null ? null : (ways[via] ?? via));
