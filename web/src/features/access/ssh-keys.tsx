/** The SSH keys that open an environment. */
import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SshKey } from '../../../../src/contract/ssh-key.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { confirm } from '../../design/confirm.tsx';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { act } from '../../parts/act.ts';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './access.module.css';

export function SshKeys({ environment }: { readonly environment: string }) {
  const keys = useQuery(read('sshKeys', { params: { environment } }));
  const [adding, setAdding] = useState(false);
  const add = (
    <Button data-add leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
      SSH key
    </Button>
  );
  return (
    <Section title="SSH keys" flush actions={adding || keys.data?.items.length === 0 ? undefined : add}>
      {adding && <AddKey environment={environment} onLeave={() => setAdding(false)} />}
      <Loaded query={keys}>
        {({ items }) =>
          items.length === 0 ? (
            !adding && (
              <EmptyState
                title="No key opens this environment yet"
                action={add}
                command={`nightshift key add ${environment} ~/.ssh/id_ed25519.pub`}
              >
                Whoever has the private half of a key that stands here may run commands in the environment
                over SSH, watch its jobs, and push code to it.
              </EmptyState>
            )
          ) : (
            <ul className={classes.list}>
              {items.map((key) => (
                <Line key={key.fingerprint} sshKey={key} environment={environment} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

function Line({ sshKey, environment }: { readonly sshKey: SshKey; readonly environment: string }) {
  const { name, type, fingerprint, addedAt, addedBy } = sshKey;
  const remove = async () => {
    const yes = await confirm({
      title: `Remove the key ${name}?`,
      text: 'Whoever has its private half gets in no more. Connections that are open with it stay until they end.',
      button: 'Remove the key',
      danger: true,
    });
    if (!yes) return;
    await act('removeSshKey', { params: { environment, key: fingerprint } }, `The key ${name} is removed.`);
  };
  return (
    <li className={classes.line}>
      <div className={classes.what}>
        <b>{name}</b>
        <code>
          <Dim small>
            {type} {fingerprint}
          </Dim>
        </code>
      </div>
      <Dim small>
        added <Moment at={addedAt} /> by {addedBy}
      </Dim>
      <ActionIcon aria-label={`Remove the key ${name}`} onClick={() => void remove()}>
        <Icon name="trash" />
      </ActionIcon>
    </li>
  );
}

function AddKey({ environment, onLeave }: { readonly environment: string; readonly onLeave: () => void }) {
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const add = useSending('addSshKey', ['key', 'name'], ({ name: made }) => {
    toast(`The key ${made} opens ${environment} from now on.`);
    onLeave();
  });
  return (
    <div className={classes.form}>
      <SentForm
        of={add}
        asked={{
          params: { environment },
          body: { key: key.trim(), ...(name.trim() === '' ? {} : { name: name.trim() }) },
        }}
        button="Add the key"
        disabled={key.trim() === ''}
        onLeave={onLeave}
        command={commandLine('key', 'add', environment, '~/.ssh/id_ed25519.pub')}
      >
        <Textarea
          label="Public key"
          description="The line of a .pub file, such as ~/.ssh/id_ed25519.pub. Never the private one."
          placeholder="ssh-ed25519 AAAA… you@laptop"
          autoFocus
          required
          autosize
          minRows={2}
          maxRows={6}
          spellCheck={false}
          {...add.text('key', key, setKey)}
        />
        <TextInput
          label="Name"
          description="What people call it. Left empty: the comment at the end of the line."
          {...add.text('name', name, setName)}
        />
      </SentForm>
    </div>
  );
}
