/**
 * The pages of one-time links: the first operator's (`/set-up#SECRET`), and those of whoever is invited or lost a password
 * (`/invitation#SECRET`). The secret stands behind the `#`, which browsers send to nobody.
 */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Link as OneTimeLink, Session } from '../../../../src/contract/account.ts';
import { api } from '../../data/api.ts';
import { useChange } from '../../data/change.ts';
import { begin } from '../../data/session.ts';
import { Form, FormError, useFields } from '../../design/form.tsx';
import { Moment } from '../../design/moment.tsx';
import { Failure } from '../../design/notice.tsx';
import { Page, Waiting } from '../../design/page.tsx';
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

function Choose({ link, secret }: { readonly link: OneTimeLink; readonly secret: string }) {
  const navigate = useNavigate();
  const [name, setName] = useState(link.account ?? 'operator');
  const [password, setPassword] = useState('');
  const onDone = (session: Session) => {
    begin(session);
    void navigate({ to: '/', replace: true });
  };
  const setUp = useChange('setUp', { onDone });
  const accept = useChange('acceptInvitation', { onDone });
  const isFirst = link.kind === 'set-up';
  const sent = isFirst ? setUp : accept;
  const fields = useFields(sent.error, ['name', 'password']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isFirst) setUp.mutate({ body: { secret, name, password } });
    else accept.mutate({ body: { secret, password } });
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
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fields.name}
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
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={fields.password}
      />
      <FormError of={sent.error} fields={['name', 'password']} />
      <Button type="submit" size="sm" loading={sent.isPending} disabled={password === ''}>
        {isFirst ? 'Make the account and log in' : 'Choose it and log in'}
      </Button>
    </Form>
  );
}
