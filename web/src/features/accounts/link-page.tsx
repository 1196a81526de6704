/**
 * The pages of one-time links: the first operator's (`/set-up#SECRET`), and those of whoever is invited or lost a password
 * (`/invitation#SECRET`). The secret stands behind the `#`, which browsers send to nobody.
 */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Link as OneTimeLink, Session } from '../../../../src/contract/account.ts';
import { api } from '../../data/api.ts';
import { begin } from '../../data/session.ts';
import { Form } from '../../design/form.tsx';
import { Moment } from '../../design/moment.tsx';
import { Failure } from '../../design/notice.tsx';
import { Page, Waiting } from '../../design/page.tsx';
import { useSending } from '../../parts/sent-form.tsx';
import { Gate } from './gate.tsx';

const titles: Record<OneTimeLink['kind'], string> = {
  'set-up': 'Welcome. Who runs this machine?',
  invitation: 'You are invited',
  reset: 'Choose a new password',
};

export function LinkPage() {
  const { hash } = useLocation();
  const secret = hash.replace(/^#/, '');
  const link = useQuery({
    queryKey: ['link', secret],
    queryFn: ({ signal }) => api.call('link', { body: { secret } }, signal),
    enabled: secret !== '',
    refetchInterval: false,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const title = link.data === undefined ? 'One-time link' : titles[link.data.kind];
  return (
    <Page title={title}>
      <Gate title={title}>
        {secret === '' && (
          <p>
            The link is not whole: its part behind the # is missing. Copy all of it, or{' '}
            <Link to="/log-in">log in</Link>.
          </p>
        )}
        {link.data !== undefined && <Choose link={link.data} secret={secret} />}
        {link.isLoading && <Waiting />}
        <Failure of={link.error} />
        {link.error !== null && (
          <p>
            If it was you who used it, <Link to="/log-in">log in</Link>.
          </p>
        )}
      </Gate>
    </Page>
  );
}

const fieldNames = ['name', 'password'] as const;

function Choose({ link, secret }: { readonly link: OneTimeLink; readonly secret: string }) {
  const navigate = useNavigate();
  const [name, setName] = useState(link.account ?? 'operator');
  const [password, setPassword] = useState('');
  const onDone = (session: Session) => {
    begin(session);
    void navigate({ to: '/', replace: true });
  };
  const isFirst = link.kind === 'set-up';
  const setUp = useSending('setUp', fieldNames, onDone);
  const accept = useSending('acceptInvitation', fieldNames, onDone);
  const sent = isFirst ? setUp : accept;
  const submit = () => {
    if (isFirst) setUp.send({ body: { secret, name, password } });
    else accept.send({ body: { secret, password } });
  };
  return (
    <Form onSubmit={submit}>
      <p>
        {isFirst
          ? 'This makes the first account. It may do everything here, and invite others.'
          : `For the account ${link.account}.`}{' '}
        The link works once, and ends <Moment at={link.expiresAt} />.
      </p>
      {isFirst ? (
        <TextInput
          label="Name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...sent.text('name', name, setName)}
        />
      ) : (
        // For password managers, which keep the two together.
        <input type="hidden" name="username" autoComplete="username" value={name} />
      )}
      <PasswordInput
        label="Password"
        description="A few words are good."
        autoFocus
        autoComplete="new-password"
        {...sent.text('password', password, setPassword)}
      />
      {sent.error}
      <Button type="submit" size="sm" loading={sent.busy} disabled={password === ''}>
        {isFirst ? 'Make the account and log in' : 'Choose it and log in'}
      </Button>
    </Form>
  );
}
