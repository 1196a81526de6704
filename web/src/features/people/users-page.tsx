/** Accounts: who may log in, and as what? For operators. */
import { ActionIcon, Button, Group, Menu, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { NewLink, User } from '../../../../src/contract/account.ts';
import { api, read } from '../../data/api.ts';
import { readAnew, useChange } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { Badge } from '../../design/badge.tsx';
import { confirm } from '../../design/confirm.tsx';
import { CopyAs } from '../../design/copy-as.tsx';
import { Form, FormError, useFields } from '../../design/form.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { type Column, Table } from '../../design/table.tsx';
import { toastFailure } from '../../design/toasts.tsx';
import { act } from '../../parts/act.ts';
import { LinkOnce } from './link-once.tsx';
import classes from './people.module.css';

interface Told {
  readonly name: string;
  readonly link: NewLink;
}

export function UsersPage() {
  const users = useQuery(read('users'));
  const [adding, setAdding] = useState(false);
  const [told, setTold] = useState<Told>();
  return (
    <Page title="Users">
      <PageHead
        title="Users"
        actions={
          <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            Account
          </Button>
        }
      />
      {told !== undefined && <LinkOnce name={told.name} link={told.link} onDone={() => setTold(undefined)} />}
      {adding && (
        <Section title="New account">
          <AddUser
            onLeave={() => setAdding(false)}
            onAdded={(added) => {
              setAdding(false);
              setTold(added);
            }}
          />
        </Section>
      )}
      <Loaded query={users}>
        {({ items }) => (
          <Section flush>
            <Table label="Accounts" columns={columnsWith(setTold)} rows={items} keyOf={({ name }) => name} />
          </Section>
        )}
      </Loaded>
    </Page>
  );
}

const columnsWith = (onLink: (told: Told) => void): readonly Column<User>[] => [
  { key: 'name', head: 'Name', width: 'minmax(140px, 1.4fr)', lead: true, cell: ({ name }) => <b>{name}</b> },
  { key: 'role', head: 'Role', width: '100px', cell: ({ role }) => role },
  {
    key: 'sees',
    head: 'Sees',
    width: 'minmax(160px, 2fr)',
    cell: ({ role, environments }) =>
      role === 'operator'
        ? 'everything'
        : environments.join(', ') || <span className={classes.dim}>nothing yet</span>,
  },
  {
    key: 'state',
    head: 'Seen',
    width: '140px',
    cell: ({ state, seenAt }) =>
      state === 'invited' ? (
        <Badge tone="accent" shape="ring">
          invited
        </Badge>
      ) : seenAt === null ? (
        <span className={classes.dim}>not yet</span>
      ) : (
        <Moment at={seenAt} />
      ),
  },
  {
    key: 'acts',
    head: '',
    width: '34px',
    right: true,
    cell: (user) => <UserMenu user={user} onLink={onLink} />,
  },
];

function UserMenu({ user, onLink }: { readonly user: User; readonly onLink: (told: Told) => void }) {
  const { name, role } = user;
  const other = role === 'operator' ? 'member' : 'operator';
  const reset = async () => {
    const yes = await confirm({
      title: `Reset the password of ${name}?`,
      text: `All sessions of ${name} end, and the password is taken away. You get a link with which ${name} chooses a new one.`,
      button: 'Reset it',
      danger: true,
    });
    if (!yes) return;
    try {
      onLink({ name, link: await api.call('resetUser', { params: { user: name } }) });
    } catch (thrown) {
      toastFailure(thrown);
    } finally {
      void readAnew({});
    }
  };
  const remove = async () => {
    const yes = await confirm({
      title: `Remove the account ${name}?`,
      text: 'Its sessions end and its tokens are worth nothing any more. What it did stays in the activity log.',
      button: `Remove ${name}`,
      danger: true,
    });
    if (yes) await act('removeUser', { params: { user: name } }, `The account ${name} is removed.`);
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`What to do with ${name}`}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() =>
            void act(
              'changeUser',
              { params: { user: name }, body: { role: other } },
              `${name} is ${other} now.`,
            )
          }
        >
          Make it {other === 'operator' ? 'an operator' : 'a member'}
        </Menu.Item>
        <Menu.Item onClick={() => void reset()}>Reset the password …</Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<Icon name="trash" />} onClick={() => void remove()}>
          Remove …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const fieldNames = ['name', 'role', 'environments'] as const;

interface AddUserProps {
  readonly onLeave: () => void;
  readonly onAdded: (told: Told) => void;
}

function AddUser({ onLeave, onAdded }: AddUserProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<User['role']>('member');
  const [environments, setEnvironments] = useState<string[]>([]);
  const known = useQuery(read('environments'));
  const add = useChange('addUser', { onDone: ({ user, link }) => onAdded({ name: user.name, link }) });
  const fields = useFields(add.error, fieldNames);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ body: { name: name.trim(), role, ...(role === 'member' ? { environments } : {}) } });
  };
  return (
    <Form onSubmit={submit} onLeave={onLeave}>
      <TextInput
        label="Name"
        description="With which they log in"
        autoFocus
        required
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fields.name}
      />
      <Select
        label="Role"
        description="An operator sees and may do everything; a member sees only their environments."
        data={['member', 'operator']}
        value={role}
        onChange={(value) => setRole(value === 'operator' ? 'operator' : 'member')}
        allowDeselect={false}
        error={fields.role}
      />
      {role === 'member' && (
        <TagsInput
          label="Environments"
          description="Which they see; more can be added later."
          data={(known.data?.items ?? []).map((each) => each.name)}
          value={environments}
          onChange={setEnvironments}
          error={fields.environments}
        />
      )}
      <FormError of={add.error} fields={fieldNames} />
      <Group justify="space-between">
        <CopyAs command={commandLine('user', 'add', name || 'NAME')} />
        <Group gap="xs">
          <Button variant="default" onClick={onLeave}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
            Make the account
          </Button>
        </Group>
      </Group>
    </Form>
  );
}
