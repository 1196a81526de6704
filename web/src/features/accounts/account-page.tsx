/** The own account: who one is here, the password, two-step log-in, and where one is logged in. */
import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useSession } from '../../data/session.ts';
import { Facts, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import { SecondFactor } from './second-factor.tsx';
import { Sessions } from './sessions.tsx';

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
            {found.account !== null && (
              <>
                <Password account={found.account} />
                <SecondFactor account={found.account} isOn={found.secondFactor} />
              </>
            )}
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
