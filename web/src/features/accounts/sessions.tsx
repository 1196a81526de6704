/** Which browsers are logged in with the own account, and the end of one or of all. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { AccountSession, Session } from '../../../../src/contract/account.ts';
import { read } from '../../data/api.ts';
import { end } from '../../data/session.ts';
import { Badge } from '../../design/badge.tsx';
import { confirm } from '../../design/confirm.tsx';
import { Dim } from '../../design/dim.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { type Column, Table } from '../../design/table.tsx';
import { toastFailure } from '../../design/toasts.tsx';
import { act } from '../../parts/act.ts';

export function Sessions({ session }: { readonly session: Session }) {
  const navigate = useNavigate();
  const leave = async (everywhere: boolean) => {
    if (everywhere) {
      const yes = await confirm({
        title: 'Log out everywhere?',
        text: `Ends every session of ${session.name}, on this device and all others. Tokens go on working.`,
        button: 'Log out everywhere',
      });
      if (!yes) return;
    }
    try {
      await end(everywhere);
      await navigate({ to: '/log-in' });
    } catch (thrown) {
      toastFailure(thrown);
    }
  };
  return (
    <Section
      flush
      title="Sessions"
      actions={
        <>
          <Button variant="default" onClick={() => void leave(false)}>
            Log out
          </Button>
          <Button variant="default" onClick={() => void leave(true)}>
            Log out everywhere …
          </Button>
        </>
      }
    >
      {session.account !== null && <List account={session.account} />}
    </Section>
  );
}

function List({ account }: { readonly account: string }) {
  const sessions = useQuery(read('sessions', { params: { user: account } }));
  return (
    <Loaded query={sessions}>
      {({ items }) => (
        <Table label="Sessions" columns={columnsOf(account)} rows={items} keyOf={({ id }) => id} />
      )}
    </Loaded>
  );
}

const columnsOf = (account: string): readonly Column<AccountSession>[] => [
  {
    key: 'address',
    head: 'Logged in from',
    width: 'minmax(140px, 1.6fr)',
    lead: true,
    cell: ({ address, current }) => (
      <>
        {address ?? 'an address that is not known'}{' '}
        {current && (
          <Badge tone="accent" shape="dot">
            this browser
          </Badge>
        )}
      </>
    ),
  },
  { key: 'since', head: 'Since', width: '120px', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  { key: 'used', head: 'Used last', width: '120px', cell: ({ usedAt }) => <Moment at={usedAt} /> },
  {
    key: 'acts',
    head: '',
    width: '84px',
    right: true,
    plain: true,
    cell: (session) =>
      session.current ? (
        <Dim>–</Dim>
      ) : (
        <Button size="compact-xs" variant="default" onClick={() => void endOne(account, session)}>
          Log out
        </Button>
      ),
  },
];

async function endOne(account: string, { id, address }: AccountSession): Promise<void> {
  const where = address === null ? 'The other browser' : `The browser at ${address}`;
  await act('endSession', { params: { user: account, session: id } }, `${where} is logged out.`);
}
