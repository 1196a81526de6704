/** Two steps to log in: a code of an authenticator app beside the password. Set up, and taken away again. */
import { Button, Group, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ProposedSecondFactor } from '../../../../src/contract/account.ts';
import { useChange } from '../../data/change.ts';
import { Badge, WithReason } from '../../design/badge.tsx';
import { Dim } from '../../design/dim.tsx';
import { Failure } from '../../design/notice.tsx';
import { Section } from '../../design/page.tsx';
import { QrCode } from '../../design/qr-code.tsx';
import { toast } from '../../design/toasts.tsx';
import { SecretLine, ToldOnce } from '../../design/told-once.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './second-factor.module.css';

interface SecondFactorProps {
  readonly account: string;
  readonly isOn: boolean;
}

export function SecondFactor({ account, isOn }: SecondFactorProps) {
  const [proposed, setProposed] = useState<ProposedSecondFactor>();
  const [removing, setRemoving] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const propose = useChange('proposeSecondFactor', { onDone: setProposed });
  if (codes !== undefined)
    return (
      <ToldOnce
        title="Recovery codes"
        secret={codes.join('\n')}
        copied="The recovery codes are copied."
        onDone={() => setCodes(undefined)}
      >
        Each is good once in place of a code, should your device be lost. They are shown only now: keep them
        where your password is not.
      </ToldOnce>
    );
  return (
    <Section title="Log in with two steps">
      {proposed !== undefined ? (
        <Confirm
          account={account}
          proposed={proposed}
          onLeave={() => setProposed(undefined)}
          onCodes={(told) => {
            setProposed(undefined);
            setCodes(told);
          }}
        />
      ) : removing ? (
        <Remove account={account} onLeave={() => setRemoving(false)} />
      ) : (
        <Group justify="space-between">
          <WithReason
            badge={
              <Badge tone={isOn ? 'good' : 'still'} shape={isOn ? 'dot' : 'ring'}>
                {isOn ? 'on' : 'off'}
              </Badge>
            }
          >
            {isOn
              ? 'Each log-in asks for a code of your app beside the password.'
              : 'A code of an app on your phone beside the password: who has learned the one lacks the other.'}
          </WithReason>
          {isOn ? (
            <Button variant="default" onClick={() => setRemoving(true)}>
              Turn it off …
            </Button>
          ) : (
            <Button
              variant="default"
              loading={propose.isPending}
              onClick={() => propose.mutate({ params: { user: account } })}
            >
              Set it up …
            </Button>
          )}
        </Group>
      )}
      <Failure of={propose.error} />
    </Section>
  );
}

interface ConfirmProps {
  readonly account: string;
  readonly proposed: ProposedSecondFactor;
  readonly onLeave: () => void;
  readonly onCodes: (codes: readonly string[]) => void;
}

function Confirm({ account, proposed, onLeave, onCodes }: ConfirmProps) {
  const { secret, url } = proposed;
  const [code, setCode] = useState('');
  const [current, setCurrent] = useState('');
  const confirm = useSending('confirmSecondFactor', ['code', 'current'], ({ recoveryCodes }) =>
    onCodes(recoveryCodes),
  );
  return (
    <SentForm
      of={confirm}
      asked={{ params: { user: account }, body: { current, secret, code: code.replaceAll(' ', '') } }}
      button="Turn it on"
      disabled={code === '' || current === ''}
      onLeave={onLeave}
    >
      <div className={classes.proposed}>
        <QrCode text={url} label="The secret for your app as a QR code" />
        <div className={classes.words}>
          <p>Scan it with an authenticator app, or type the secret there:</p>
          <SecretLine secret={inGroups(secret)} copied="The secret is copied." />
          <Dim small>Other sessions of yours end when it is on.</Dim>
        </div>
      </div>
      <TextInput
        label="Code"
        description="The six digits that the app shows now"
        autoFocus
        autoComplete="one-time-code"
        inputMode="numeric"
        {...confirm.text('code', code, setCode)}
      />
      <PresentPassword {...confirm.text('current', current, setCurrent)} />
    </SentForm>
  );
}

/** As people read it from one screen to another. */
const inGroups = (secret: string): string => secret.replace(/.{4}(?=.)/g, '$& ');

function Remove({ account, onLeave }: { readonly account: string; readonly onLeave: () => void }) {
  const [current, setCurrent] = useState('');
  const remove = useSending('removeSecondFactor', ['current'], () => {
    toast('The password alone logs you in again.');
    onLeave();
  });
  return (
    <SentForm
      of={remove}
      asked={{ params: { user: account }, body: { current } }}
      button="Turn it off"
      disabled={current === ''}
      onLeave={onLeave}
    >
      <PresentPassword {...remove.text('current', current, setCurrent)} />
    </SentForm>
  );
}

const PresentPassword = (
  bound: Pick<React.ComponentProps<typeof PasswordInput>, 'value' | 'onChange' | 'error'>,
) => <PasswordInput label="Present password" autoComplete="current-password" {...bound} />;
