/** Accounts: who may log in, and as what? For operators. */
import { ActionIcon, Menu, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewLink, User } from '../../../../src/contract/account.ts';
import { api, read } from '../../data/api.ts';
import { readAnew } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { Badge } from '../../design/badge.tsx';
import { confirm } from '../../design/confirm.tsx';
import { Dim } from '../../design/dim.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import type { Column } from '../../design/table.tsx';
import { toastFailure } from '../../design/toasts.tsx';
import { act } from '../../parts/act.ts';
import { GrowingList } from '../../parts/growing-list.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import { LinkOnce } from './link-once.tsx';

interface Told {
  readonly name: string;
  readonly link: NewLink;
}

export function UsersPage() {
  const users = useQuery(read('users'));
  return (
    <GrowingList<User, Told>
      title="Users"
      add="Account"
      form={(leave, onAdded) => <AddUser onLeave={leave} onAdded={onAdded} />}
      told={({ name, link }, onDone) => <LinkOnce name={name} link={link} onDone={onDone} />}
      query={users}
      label="Accounts"
      columns={columnsWith}
      keyOf={({ name }) => name}
    />
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
      role === 'operator' ? 'everything' : environments.join(', ') || <Dim>nothing yet</Dim>,
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
        <Dim>not yet</Dim>
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

interface AddUserProps {
  readonly onLeave: () => void;
  readonly onAdded: (told: Told) => void;
}

function AddUser({ onLeave, onAdded }: AddUserProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<User['role']>('member');
  const [environments, setEnvironments] = useState<string[]>([]);
  const known = useQuery(read('environments'));
  const add = useSending('addUser', ['name', 'role', 'environments'], ({ user, link }) =>
    onAdded({ name: user.name, link }),
  );
  return (
    <SentForm
      of={add}
      asked={{ body: { name: name.trim(), role, ...(role === 'member' ? { environments } : {}) } }}
      button="Make the account"
      disabled={name.trim() === ''}
      onLeave={onLeave}
      command={commandLine('user', 'add', name || 'NAME')}
    >
      <TextInput
        label="Name"
        description="With which they log in"
        autoFocus
        required
        autoComplete="off"
        {...add.text('name', name, setName)}
      />
      <Select
        label="Role"
        description="An operator sees and may do everything; a member sees only their environments."
        data={['member', 'operator']}
        {...add.choice('role', role, setRole)}
      />
      {role === 'member' && (
        <TagsInput
          label="Environments"
          description="Which they see; more can be added later."
          data={(known.data?.items ?? []).map((each) => each.name)}
          value={environments}
          onChange={setEnvironments}
          error={add.errorOf('environments')}
        />
      )}
    </SentForm>
  );
}
