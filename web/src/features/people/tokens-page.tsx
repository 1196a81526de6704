/** Tokens: which programs act in my name? */
import { ActionIcon, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreatedToken, Token } from '../../../../src/contract/account.ts';
import { read } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { commandLine } from '../../data/command-line.ts';
import { useIsOperator } from '../../data/session.ts';
import { Badge } from '../../design/badge.tsx';
import { confirm } from '../../design/confirm.tsx';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import type { Column } from '../../design/table.tsx';
import { ToldOnce } from '../../design/told-once.tsx';
import { act } from '../../parts/act.ts';
import { GrowingList } from '../../parts/growing-list.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';

export function TokensPage() {
  const tokens = useQuery(read('tokens'));
  return (
    <GrowingList<Token, CreatedToken>
      title="Tokens"
      add="Token"
      form={(leave, onMade) => <AddToken onLeave={leave} onMade={onMade} />}
      told={(token, onDone) => (
        <ToldOnce
          title={`The token ${token.name}`}
          secret={token.token}
          copied="The token is copied."
          onDone={onDone}
        >
          It is shown only now. A program sends it as “Authorization: Bearer …”.
        </ToldOnce>
      )}
      query={tokens}
      label="Tokens"
      columns={() => columns}
      keyOf={({ id }) => id}
      empty={
        <EmptyState title="No token yet" command="nightshift token create --name deploy --scope write">
          A token lets a program use the API: a script, a monitor, a pipeline. It may do what its scope says,
          in the environments that you choose, until it expires or you remove it.
        </EmptyState>
      }
    />
  );
}

const scopeWords: Record<Token['scope'], string> = {
  read: 'reads',
  write: 'reads and changes',
  operator: 'everything, accounts included',
};

const columns: readonly Column<Token>[] = [
  { key: 'name', head: 'Name', width: 'minmax(120px, 1.2fr)', lead: true, cell: ({ name }) => <b>{name}</b> },
  { key: 'scope', head: 'May', width: 'minmax(140px, 1.2fr)', cell: ({ scope }) => scopeWords[scope] },
  {
    key: 'where',
    head: 'Where',
    width: 'minmax(140px, 1.4fr)',
    cell: ({ environments, account }) =>
      environments?.join(', ') ?? `all that ${account ?? 'an operator'} sees`,
  },
  {
    key: 'used',
    head: 'Last used',
    width: '110px',
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? <Dim>never</Dim> : <Moment at={lastUsedAt} />),
  },
  {
    key: 'expires',
    head: 'Expires',
    width: '120px',
    cell: ({ expiresAt }) =>
      expiresAt === null ? (
        <Dim>never</Dim>
      ) : Date.parse(expiresAt) < now() ? (
        <Badge tone="warn" shape="clock">
          expired
        </Badge>
      ) : (
        <Moment at={expiresAt} />
      ),
  },
  {
    key: 'acts',
    head: '',
    width: '34px',
    right: true,
    cell: (token) => (
      <ActionIcon aria-label={`Remove the token ${token.name}`} onClick={() => void remove(token)}>
        <Icon name="trash" />
      </ActionIcon>
    ),
  },
];

async function remove({ id, name }: Token): Promise<void> {
  const yes = await confirm({
    title: `Remove the token ${name}?`,
    text: 'Programs that use it are refused from now on.',
    button: 'Remove the token',
    danger: true,
  });
  if (yes) await act('removeToken', { params: { token: id } }, `The token ${name} is removed.`);
}

const dayMs = 86_400_000;
const lives = [
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year'],
  ['never', 'never'],
] as const;
type Life = (typeof lives)[number][0];

interface AddTokenProps {
  readonly onLeave: () => void;
  readonly onMade: (token: CreatedToken) => void;
}

function AddToken({ onLeave, onMade }: AddTokenProps) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Token['scope']>('read');
  const [environments, setEnvironments] = useState<string[]>([]);
  const [life, setLife] = useState<Life>('90');
  const known = useQuery(read('environments'));
  const isOperator = useIsOperator();
  const create = useSending('createToken', ['name', 'scope', 'environments', 'expiresAt'], onMade);
  const expiresAt = life === 'never' ? null : new Date(now() + Number(life) * dayMs).toISOString();
  const scopes = isOperator ? (['read', 'write', 'operator'] as const) : (['read', 'write'] as const);
  return (
    <SentForm
      of={create}
      asked={{
        body: { name: name.trim(), scope, expiresAt, ...(environments.length === 0 ? {} : { environments }) },
      }}
      button="Make the token"
      disabled={name.trim() === ''}
      onLeave={onLeave}
      command={commandLine('token', 'create', '--name', name || 'NAME', '--scope', scope)}
    >
      <TextInput
        label="Name"
        description="What it is for: deploy, monitor"
        autoFocus
        required
        autoComplete="off"
        {...create.text('name', name, setName)}
      />
      <Select
        label="May"
        data={scopes.map((value) => ({ value, label: scopeWords[value] }))}
        {...create.choice('scope', scope, setScope)}
      />
      <TagsInput
        label="Only in these environments"
        description="Left empty: in all that you see, also in those to come."
        data={(known.data?.items ?? []).map((each) => each.name)}
        value={environments}
        onChange={setEnvironments}
        error={create.errorOf('environments')}
      />
      <Select
        label="Expires"
        data={lives.map(([value, label]) => ({ value, label }))}
        {...create.choice('expiresAt', life, setLife)}
      />
    </SentForm>
  );
}
