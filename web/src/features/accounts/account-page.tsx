/** The own account: who one is here, the password, and the end of sessions. */
import { Button, Group, PasswordInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Session } from '../../../../src/contract/account.ts';
import { end, useSession } from '../../data/session.ts';
import { confirm } from '../../design/confirm.tsx';
import { Facts, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { toast, toastFailure } from '../../design/toasts.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';

export function AccountPage() {
  const session = useSession();
  return (
    <Page title="Account" narrow>
      <PageHead title="Account" />
      <Loaded query={session}>
        {(found) => (
          <>
            <Section>
              <Facts
                of={[
                  ['Name', found.name],
                  ['Role', found.role === 'operator' ? 'operator: everything on this machine' : 'member'],
                  [
                    'Environments',
                    found.role === 'operator' ? 'all' : found.environments.join(', ') || 'none yet',
                  ],
                ]}
              />
            </Section>
            {found.account !== null && <Password account={found.account} />}
            <Sessions session={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Password({ account }: { readonly account: string }) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useSending('changePassword', ['current', 'password'], () => {
    setCurrent('');
    setPassword('');
    toast('The password is changed; other sessions have ended.');
  });
  return (
    <Section title="Password">
      <SentForm
        of={change}
        asked={{ params: { user: account }, body: { current, password } }}
        button="Change the password"
        disabled={current === '' || password === ''}
      >
        <input type="hidden" name="username" autoComplete="username" value={account} />
        <PasswordInput
          label="Present password"
          autoComplete="current-password"
          {...change.text('current', current, setCurrent)}
        />
        <PasswordInput
          label="New password"
          description="A few words are good. Your other sessions end."
          autoComplete="new-password"
          {...change.text('password', password, setPassword)}
        />
      </SentForm>
    </Section>
  );
}

function Sessions({ session }: { readonly session: Session }) {
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
    <Section title="Sessions">
      <Group gap="xs">
        <Button variant="default" onClick={() => void leave(false)}>
          Log out
        </Button>
        <Button variant="default" onClick={() => void leave(true)}>
          Log out everywhere …
        </Button>
      </Group>
    </Section>
  );
}
