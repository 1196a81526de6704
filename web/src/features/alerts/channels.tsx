/** Who is told of incidents: the channels of an environment, or the operator's. */
import { ActionIcon, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AddedAlertChannel, AlertChannel } from '../../../../src/contract/alert.ts';
import { read } from '../../data/api.ts';
import { confirm } from '../../design/confirm.tsx';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { type Column, Table } from '../../design/table.tsx';
import { ToldOnce } from '../../design/told-once.tsx';
import { act } from '../../parts/act.ts';
import { AddChannel } from './add-channel.tsx';
import classes from './alerts.module.css';
import { wordOf } from './kind-words.ts';

export function Channels({ environment }: { readonly environment: string | null }) {
  const channels = useQuery(read('alertChannels', environment === null ? {} : { query: { environment } }));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<AddedAlertChannel>();
  const add = (
    <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
      Channel
    </Button>
  );
  const own = (channels.data?.items ?? []).filter((each) => each.environment === environment);
  return (
    <>
      {made?.signingKey != null && (
        <ToldOnce
          title={`The key of ${made.channel.name}`}
          secret={made.signingKey}
          copied="The key is copied."
          onDone={() => setMade(undefined)}
        >
          What is posted to {made.channel.target} is signed with it, as standardwebhooks.com has it, so that
          the receiver can tell who sent it. It is shown only now.
        </ToldOnce>
      )}
      <Section title="Who is told" flush actions={adding || own.length === 0 ? undefined : add}>
        {adding && (
          <div className={classes.form}>
            <AddChannel
              environment={environment}
              onLeave={() => setAdding(false)}
              onMade={(added) => {
                setAdding(false);
                setMade(added);
              }}
            />
          </div>
        )}
        <Loaded query={channels}>
          {() =>
            own.length === 0 ? (
              !adding && (
                <EmptyState
                  title="Nobody is told"
                  action={add}
                  command={`nightshift alerts mail ops ops@example.com${environment === null ? '' : ` --env ${environment}`}`}
                >
                  {environment === null
                    ? 'A channel that stands here hears of all environments and of the machine: by mail, or in the chat where you are anyway.'
                    : 'A channel is told once when something goes wrong, and once when it is over: by mail, or in the chat where you are anyway.'}
                </EmptyState>
              )
            ) : (
              <Table label="Channels" columns={columns} rows={own} keyOf={({ id }) => id} />
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

const by: Readonly<Record<string, string>> = {
  slack: 'Slack',
  discord: 'Discord',
  teams: 'Teams',
  nightshift: 'webhook',
};

const columns: readonly Column<AlertChannel>[] = [
  { key: 'name', head: 'Name', width: 'minmax(100px, 1fr)', lead: true, cell: ({ name }) => <b>{name}</b> },
  {
    key: 'to',
    head: 'To',
    width: 'minmax(140px, 1.6fr)',
    cell: ({ shape, target }) => (
      <>
        {target} <Dim small>{shape === null ? 'mail' : by[shape]}</Dim>
      </>
    ),
  },
  {
    key: 'kinds',
    head: 'Of',
    width: 'minmax(120px, 1.4fr)',
    cell: ({ kinds }) => (kinds === null ? <Dim>everything</Dim> : kinds.map(wordOf).join(', ')),
  },
  {
    key: 'quiet',
    head: 'Quiet',
    width: '130px',
    cell: ({ quiet }) =>
      quiet === null ? (
        <Dim>never</Dim>
      ) : (
        <span title={quiet.timezone}>{`${quiet.from} to ${quiet.until}`}</span>
      ),
  },
  {
    key: 'acts',
    head: '',
    width: '110px',
    right: true,
    cell: (channel) => (
      <span className={classes.acts}>
        <Button size="compact-sm" variant="default" onClick={() => void test(channel)}>
          Test
        </Button>
        <ActionIcon aria-label={`Remove the channel ${channel.name}`} onClick={() => void remove(channel)}>
          <Icon name="trash" />
        </ActionIcon>
      </span>
    ),
  },
];

const test = ({ id, target }: AlertChannel): Promise<boolean> =>
  act('testAlertChannel', { params: { channel: id } }, `A test has arrived at ${target}.`);

async function remove({ id, name, target }: AlertChannel): Promise<void> {
  const yes = await confirm({
    title: `Remove the channel ${name}?`,
    text: `${target} is told no more, and what waits for it goes.`,
    button: 'Remove the channel',
    danger: true,
  });
  if (yes) await act('removeAlertChannel', { params: { channel: id } }, `The channel ${name} is removed.`);
}
