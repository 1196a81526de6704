/** Log in, and go on to where one wanted to go. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useChange } from '../../data/change.ts';
import { ApiFailure } from '../../data/failure.ts';
import { begin } from '../../data/session.ts';
import { Form, FormError, useFields } from '../../design/form.tsx';
import { Page } from '../../design/page.tsx';
import { Gate } from './gate.tsx';
import { insideAddress } from './inside-address.ts';

export function LogInPage() {
  const router = useRouter();
  const { to } = useSearch({ strict: false }) as { to?: string };
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [isCodeWanted, setCodeWanted] = useState(false);
  const logIn = useChange('logIn', {
    onDone: (session) => {
      begin(session);
      router.history.replace(insideAddress(to));
    },
  });
  const fields = useFields(logIn.error, ['code']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate(
      { body: { name, password, ...(code === '' ? {} : { code }) } },
      {
        onError: (thrown) => {
          if (thrown instanceof ApiFailure && thrown.code === 'session.code-missing') setCodeWanted(true);
        },
      },
    );
  };
  const isOnlyCodeMissing = logIn.error instanceof ApiFailure && logIn.error.code === 'session.code-missing';
  return (
    <Page title="Log in">
      <Gate title="Log in">
        <Form onSubmit={submit}>
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
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              error={isOnlyCodeMissing ? undefined : fields.code}
            />
          )}
          <FormError of={logIn.error} fields={['code']} />
          <Button type="submit" size="sm" loading={logIn.isPending} disabled={name === '' || password === ''}>
            Log in
          </Button>
        </Form>
      </Gate>
    </Page>
  );
}
