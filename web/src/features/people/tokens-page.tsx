/** Tokens: which programs act in my name? */
import { ActionIcon, Button, Group, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { CreatedToken, Token } from '../../../../src/contract/account.ts';
import { read } from '../../data/api.ts';
import { useChange } from '../../data/change.ts';
import { now } from '../../data/clock.ts';
import { commandLine } from '../../data/command-line.ts';
import { useIsOperator } from '../../data/session.ts';
import { Badge } from '../../design/badge.tsx';
import { confirm } from '../../design/confirm.tsx';
import { CopyAs, copy } from '../../design/copy-as.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Form, FormError, useFields } from '../../design/form.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { type Column, Table } from '../../design/table.tsx';
import { act } from '../../parts/act.ts';
import classes from './people.module.css';

export function TokensPage() {
  const tokens = useQuery(read('tokens'));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<CreatedToken>();
  const add = (
    <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
      Token
    </Button>
  );
  return (
    <Page title="Tokens">
      <PageHead title="Tokens" actions={add} />
      {made !== undefined && <TokenOnce token={made} onDone={() => setMade(undefined)} />}
      {adding && (
        <Section title="New token">
          <AddToken
            onLeave={() => setAdding(false)}
            onMade={(token) => {
              setAdding(false);
              setMade(token);
            }}
          />
        </Section>
      )}
      <Loaded query={tokens}>
        {({ items }) => (
          <Section flush>
            {items.length === 0 ? (
              <EmptyState title="No token yet" command="nightshift token create --name deploy --scope write">
                A token lets a program use the API: a script, a monitor, a pipeline. It may do what its scope
                says, in the environments that you choose, until it expires or you remove it.
              </EmptyState>
            ) : (
              <Table label="Tokens" columns={columns} rows={items} keyOf={({ id }) => id} />
            )}
          </Section>
        )}
      </Loaded>
    </Page>
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
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <span className={classes.dim}>never</span> : <Moment at={lastUsedAt} />,
  },
  {
    key: 'expires',
    head: 'Expires',
    width: '120px',
    cell: ({ expiresAt }) =>
      expiresAt === null ? (
        <span className={classes.dim}>never</span>
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

function TokenOnce({ token, onDone }: { readonly token: CreatedToken; readonly onDone: () => void }) {
  return (
    <Section title={`The token ${token.name}`} actions={<Button onClick={onDone}>I have it</Button>}>
      <p>It is shown only now. A program sends it as “Authorization: Bearer …”.</p>
      <p className={classes.secret}>
        <code>{token.token}</code>
        <Button
          variant="default"
          leftSection={<Icon name="copy" />}
          onClick={() => void copy(token.token, 'The token is copied.')}
        >
          Copy
        </Button>
      </p>
    </Section>
  );
}

const dayMs = 86_400_000;
const lives = [
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year'],
  ['never', 'never'],
] as const;

const fieldNames = ['name', 'scope', 'environments', 'expiresAt'] as const;

interface AddTokenProps {
  readonly onLeave: () => void;
  readonly onMade: (token: CreatedToken) => void;
}

function AddToken({ onLeave, onMade }: AddTokenProps) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Token['scope']>('read');
  const [environments, setEnvironments] = useState<string[]>([]);
  const [life, setLife] = useState('90');
  const known = useQuery(read('environments'));
  const isOperator = useIsOperator();
  const create = useChange('createToken', { onDone: onMade });
  const fields = useFields(create.error, fieldNames);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = life === 'never' ? null : new Date(now() + Number(life) * dayMs).toISOString();
    create.mutate({
      body: { name: name.trim(), scope, expiresAt, ...(environments.length === 0 ? {} : { environments }) },
    });
  };
  return (
    <Form onSubmit={submit} onLeave={onLeave}>
      <TextInput
        label="Name"
        description="What it is for: deploy, monitor"
        autoFocus
        required
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fields.name}
      />
      <Select
        label="May"
        data={(isOperator ? (['read', 'write', 'operator'] as const) : (['read', 'write'] as const)).map(
          (value) => ({
            value,
            label: scopeWords[value],
          }),
        )}
        value={scope}
        onChange={(value) => setScope((value ?? 'read') as Token['scope'])}
        allowDeselect={false}
        error={fields.scope}
      />
      <TagsInput
        label="Only in these environments"
        description="Left empty: in all that you see, also in those to come."
        data={(known.data?.items ?? []).map((each) => each.name)}
        value={environments}
        onChange={setEnvironments}
        error={fields.environments}
      />
      <Select
        label="Expires"
        data={lives.map(([value, label]) => ({ value, label }))}
        value={life}
        onChange={(value) => setLife(value ?? '90')}
        allowDeselect={false}
        error={fields.expiresAt}
      />
      <FormError of={create.error} fields={fieldNames} />
      <Group justify="space-between">
        <CopyAs command={commandLine('token', 'create', '--name', name || 'NAME', '--scope', scope)} />
        <Group gap="xs">
          <Button variant="default" onClick={onLeave}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
            Make the token
          </Button>
        </Group>
      </Group>
    </Form>
  );
}
