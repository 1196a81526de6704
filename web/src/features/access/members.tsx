/** Accounts that see this environment; operators see all and are not listed. */
import { ActionIcon, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { User } from '../../../../src/contract/account.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { useIsOperator } from '../../data/session.ts';
import { Badge } from '../../design/badge.tsx';
import { confirm } from '../../design/confirm.tsx';
import { Dim } from '../../design/dim.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { act } from '../../parts/act.ts';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './access.module.css';

export function Members({ environment }: { readonly environment: string }) {
  const members = useQuery(read('members', { params: { environment } }));
  const isOperator = useIsOperator();
  return (
    <Section title="Members" flush>
      <Loaded query={members}>
        {({ items }) => (
          <>
            {items.length === 0 && (
              <p className={classes.calm}>
                None. Operators see every environment; a member sees only those that they belong to, and may
                do everything in them but remove them.
              </p>
            )}
            <ul className={classes.list}>
              {items.map((user) => (
                <Line key={user.name} user={user} environment={environment} removable={isOperator} />
              ))}
            </ul>
            {isOperator && <AddMember environment={environment} />}
          </>
        )}
      </Loaded>
    </Section>
  );
}

interface LineProps {
  readonly user: User;
  readonly environment: string;
  readonly removable: boolean;
}

function Line({ user, environment, removable }: LineProps) {
  const { name, state, seenAt, role } = user;
  const remove = async () => {
    const yes = await confirm({
      title: `Take ${environment} from ${name}?`,
      text: `${name} does not see ${environment} any more, nor do their tokens. The account stays.`,
      button: 'Take it away',
      danger: true,
    });
    if (yes)
      await act(
        'removeMember',
        { params: { environment, user: name } },
        `${name} is no member of ${environment} any more.`,
      );
  };
  return (
    <li className={classes.line}>
      <div className={classes.what}>
        <b>{name}</b>
        <Dim small>{role}</Dim>
      </div>
      {state === 'invited' ? (
        <Badge tone="accent" shape="ring">
          invited
        </Badge>
      ) : (
        <Dim small>{seenAt === null ? 'not seen yet' : <Seen at={seenAt} />}</Dim>
      )}
      {removable ? (
        <ActionIcon aria-label={`Take ${environment} from ${name}`} onClick={() => void remove()}>
          <Icon name="trash" />
        </ActionIcon>
      ) : (
        <span />
      )}
    </li>
  );
}

const Seen = ({ at }: { readonly at: string }) => (
  <>
    seen <Moment at={at} />
  </>
);

function AddMember({ environment }: { readonly environment: string }) {
  const [name, setName] = useState('');
  const add = useSending('addMember', ['user'], () => {
    toast(`${name} sees ${environment} from now on.`);
    setName('');
  });
  return (
    <div className={classes.form}>
      <SentForm
        of={add}
        asked={{ params: { environment, user: name.trim() } }}
        shown={{ params: { environment, user: name.trim() || 'NAME' } }}
        button="Add"
        disabled={name.trim() === ''}
        command={commandLine('member', 'add', environment, name.trim() || 'NAME')}
      >
        <TextInput
          label="Add a member"
          description="The name of an account. Accounts are made under Users."
          autoComplete="off"
          {...add.text('user', name, setName)}
        />
      </SentForm>
    </div>
  );
}
