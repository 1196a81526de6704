/** Log in, and go on to where one wanted to go. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiFailure } from '../../data/failure.ts';
import { begin } from '../../data/session.ts';
import { Form } from '../../design/form.tsx';
import { Page } from '../../design/page.tsx';
import { useSending } from '../../parts/sent-form.tsx';
import { Gate } from './gate.tsx';
import { insideAddress } from './inside-address.ts';

export function LogInPage() {
  const router = useRouter();
  const { to } = useSearch({ strict: false }) as { to?: string };
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [isCodeWanted, setCodeWanted] = useState(false);
  const logIn = useSending('logIn', ['code'], (session) => {
    begin(session);
    router.history.replace(insideAddress(to));
  });
  const isOnlyCodeMissing = logIn.failure instanceof ApiFailure && logIn.failure.code === codeMissing;
  const send = () =>
    logIn.send({ body: { name, password, ...(code === '' ? {} : { code }) } }, (thrown) => {
      if (thrown instanceof ApiFailure && thrown.code === codeMissing) setCodeWanted(true);
    });
  return (
    <Page title="Log in">
      <Gate title="Log in">
        <Form onSubmit={send}>
          <TextInput
            label="Name"
            autoFocus
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {isCodeWanted && (
            <TextInput
              label="Code"
              description="Six digits from your device, or a recovery code."
              autoFocus
              autoComplete="one-time-code"
              inputMode="numeric"
              {...logIn.text('code', code, setCode)}
              error={isOnlyCodeMissing ? undefined : logIn.errorOf('code')}
            />
          )}
          {logIn.error}
          <Button type="submit" size="sm" loading={logIn.busy} disabled={name === '' || password === ''}>
            Log in
          </Button>
        </Form>
      </Gate>
    </Page>
  );
}

const codeMissing = 'session.code-missing';
