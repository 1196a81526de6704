/** The form of a new channel. */
import { MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AddedAlertChannel, NewAlertChannel } from '../../../../src/contract/alert.ts';
import { commandLine } from '../../data/command-line.ts';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './alerts.module.css';
import { kindChoices } from './kind-words.ts';

const ways = [
  ['mail', 'Mail'],
  ['slack', 'Slack'],
  ['discord', 'Discord'],
  ['teams', 'Microsoft Teams'],
  ['nightshift', 'Webhook (JSON, signed)'],
] as const;
type Way = (typeof ways)[number][0];

const whereFrom: Readonly<Record<Exclude<Way, 'mail'>, string>> = {
  slack: 'The address of an incoming webhook. It is sealed, and never shown again.',
  discord: 'The address of a webhook of the channel. It is sealed, and never shown again.',
  teams: 'The address of a workflow that posts what a webhook brings. It is sealed, and never shown again.',
  nightshift: 'Where the JSON is posted to. It is sealed, and never shown again.',
};

export interface AddChannelProps {
  readonly environment: string | null;
  readonly onLeave: () => void;
  readonly onMade: (added: AddedAlertChannel) => void;
}

export function AddChannel({ environment, onLeave, onMade }: AddChannelProps) {
  const [name, setName] = useState('');
  const [way, setWay] = useState<Way>('mail');
  const [url, setUrl] = useState('');
  const [to, setTo] = useState<string[]>([]);
  const [kinds, setKinds] = useState<string[]>([]);
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const add = useSending('addAlertChannel', ['name', 'url', 'to', 'kinds', 'quiet', 'timezone'], onMade);
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const quiet = from === '' && until === '' ? null : { from, until, timezone };
  const body: NewAlertChannel = {
    ...{ environment, name: name.trim(), quiet, kinds: kinds.length === 0 ? null : kinds },
    ...(way === 'mail' ? { kind: 'mail', to } : { kind: 'webhook', shape: way, url: url.trim() }),
  };
  const options = [
    ...(environment === null ? [] : ['--env', environment]),
    ...(kinds.length === 0 ? [] : ['--kind', kinds.join(',')]),
    ...(quiet === null ? [] : ['--quiet', `${from}-${until}`, '--timezone', timezone]),
  ];
  const command =
    way === 'mail'
      ? commandLine('alerts', 'mail', name || 'NAME', ...(to.length === 0 ? ['ADDRESS'] : to), ...options)
      : commandLine('alerts', 'webhook', name || 'NAME', '-', '--shape', way, ...options);
  return (
    <SentForm
      of={add}
      asked={{ body }}
      shown={{ body: way === 'mail' ? body : { ...body, url: 'https://…' } }}
      button="Add the channel"
      disabled={name.trim() === '' || (way === 'mail' ? to.length === 0 : url.trim() === '')}
      onLeave={onLeave}
      command={command}
    >
      <Select
        label="By"
        data={ways.map(([value, label]) => ({ value, label }))}
        value={way}
        onChange={(value) => setWay((value ?? 'mail') as Way)}
        allowDeselect={false}
      />
      <TextInput
        label="Name"
        description="What you call it: ops, night"
        autoFocus
        required
        autoComplete="off"
        {...add.text('name', name, setName)}
      />
      {way === 'mail' ? (
        <TagsInput
          label="Addresses"
          description="Enter ends one."
          required
          splitChars={[',', ' ', ';']}
          acceptValueOnBlur
          value={to}
          onChange={setTo}
          error={add.errorOf('to')}
        />
      ) : (
        <TextInput
          label="Address"
          description={whereFrom[way]}
          required
          autoComplete="off"
          spellCheck={false}
          {...add.text('url', url, setUrl)}
        />
      )}
      <MultiSelect
        label="Only when"
        description="Left empty: of everything."
        data={kindChoices(environment === null)}
        value={kinds}
        onChange={setKinds}
        error={add.errorOf('kinds')}
      />
      <div className={classes.pair}>
        <TextInput
          label="Quiet from"
          description={`On your clock (${timezone}). What still lasts is told afterwards.`}
          placeholder="22:00"
          {...add.text('quiet', from, setFrom)}
        />
        <TextInput
          label="Quiet until"
          description="Left empty: told at any time."
          placeholder="07:00"
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </div>
    </SentForm>
  );
}
