/** What holds for the alerts of all environments: for operators. */
import { Checkbox, NumberInput, PasswordInput, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlertSettings, AlertSettingsChange } from '../../../../src/contract/alert.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { Loaded, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './alerts.module.css';

export function MachineSettings() {
  // Read once: what somebody types is not typed over.
  const settings = useQuery({
    ...read('alertSettings'),
    refetchInterval: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded query={settings}>
      {(found) => (
        <>
          <MailServerForm settings={found} />
          <ReachForm settings={found} />
        </>
      )}
    </Loaded>
  );
}

function MailServerForm({ settings: { mailServer } }: { readonly settings: AlertSettings }) {
  const [host, setHost] = useState(mailServer?.host ?? '');
  const [port, setPort] = useState(mailServer?.port ?? 587);
  const [tls, setTls] = useState(mailServer?.tls ?? false);
  const [from, setFrom] = useState(mailServer?.from ?? '');
  const [user, setUser] = useState(mailServer?.user ?? '');
  const [password, setPassword] = useState('');
  const change = useSending('changeAlertSettings', ['host', 'to'], () => toast('The mail server is set.'));
  const server: NonNullable<AlertSettingsChange['mailServer']> = {
    ...{ host: host.trim(), port, tls, from: from.trim(), user: user.trim() === '' ? null : user.trim() },
    ...(password === '' ? {} : { password }),
  };
  return (
    <Section title="Mail server">
      <SentForm
        of={change}
        asked={{ body: { mailServer: host.trim() === '' ? null : server } }}
        shown={{ body: { mailServer: { ...server, ...(password === '' ? {} : { password: '…' }) } } }}
        button="Set the mail server"
        disabled={host.trim() !== '' && from.trim() === ''}
        command={commandLine(
          ...['alerts', 'mail-server', host || 'none', '--port', String(port), '--from', from || 'ADDRESS'],
          tls && '--tls',
          ...(user === '' ? [] : ['--user', user, '--password-file', '-']),
        )}
      >
        <div className={classes.pair}>
          <TextInput label="Host" placeholder="smtp.example.com" {...change.text('host', host, setHost)} />
          <NumberInput
            label="Port"
            min={1}
            max={65_535}
            value={port}
            onChange={(value) => setPort(Number(value) || 587)}
          />
        </div>
        <Checkbox
          label="TLS from the first byte"
          description="Else STARTTLS where it is offered."
          checked={tls}
          onChange={(event) => setTls(event.currentTarget.checked)}
        />
        <TextInput
          label="From"
          placeholder="Nightshift <jobs@example.com>"
          {...change.text('to', from, setFrom)}
        />
        <div className={classes.pair}>
          <TextInput
            label="Log in as"
            autoComplete="off"
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            description={mailServer?.user == null ? undefined : 'Left empty: it stays.'}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </div>
      </SentForm>
    </Section>
  );
}

function ReachForm({ settings }: { readonly settings: AlertSettings }) {
  const [url, setUrl] = useState(settings.publicUrl ?? '');
  const [allow, setAllow] = useState<string[]>([...settings.allow]);
  const [heartbeat, setHeartbeat] = useState('');
  const change = useSending('changeAlertSettings', ['url', 'allow'], () => toast('It is set.'));
  const body: AlertSettingsChange = {
    ...{ publicUrl: url.trim() === '' ? null : url.trim(), allow },
    ...(heartbeat.trim() === '' ? {} : { heartbeat: heartbeat.trim() }),
  };
  return (
    <Section title="Links and reach">
      <SentForm
        of={change}
        asked={{ body }}
        shown={{ body: heartbeat === '' ? body : { ...body, heartbeat: 'https://…' } }}
        button="Set"
        command={commandLine(
          'alerts',
          'set',
          '--url',
          url || 'none',
          '--allow',
          allow.length === 0 ? 'none' : allow.join(','),
        )}
      >
        <TextInput
          label="Public address of this dashboard"
          description="Links in notices begin with it."
          placeholder="https://jobs.example.com"
          {...change.text('url', url, setUrl)}
        />
        <TagsInput
          label="Private addresses that environments may send to"
          description="Webhooks of environments reach public addresses only, and these: 10.0.0.5, 10.0.0.0/8."
          value={allow}
          onChange={setAllow}
          error={change.errorOf('allow')}
        />
        <TextInput
          label="Monitor of the scheduler"
          description={
            settings.heartbeat === null
              ? 'An address elsewhere that is told every minute that the scheduler lives. It is sealed.'
              : `${settings.heartbeat} is told every minute that the scheduler lives. Left empty: it stays.`
          }
          spellCheck={false}
          autoComplete="off"
          value={heartbeat}
          onChange={(event) => setHeartbeat(event.currentTarget.value)}
        />
      </SentForm>
    </Section>
  );
}
