/** A new environment: an app's name and where it lies. */
import { Checkbox, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { commandLine } from '../../data/command-line.ts';
import { Page, PageHead, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';

export function NewEnvironmentPage() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [root, setRoot] = useState('');
  const [user, setUser] = useState('');
  const [trial, setTrial] = useState(false);
  const create = useSending('createEnvironment', ['name', 'root', 'user'], ({ name: made }) => {
    toast(`${made} is made. Book the jobs component to run something in it.`);
    void navigate({ to: '/environments/$environment/component', params: { environment: made } });
  });
  const whose = user === '' ? [] : ['--user', user];
  return (
    <Page title="New environment" narrow>
      <PageHead title="New environment" />
      <Section>
        <SentForm
          of={create}
          asked={{ body: { name, root, ...(user === '' ? {} : { user }), ...(trial ? { trial } : {}) } }}
          button="Make the environment"
          onLeave={() => void navigate({ to: '/' })}
          command={commandLine(
            ...['env', 'create', name || 'NAME', '--root', root || 'DIR', ...whose],
            trial && '--trial',
          )}
        >
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens. It becomes the name for SSH and git push."
            placeholder="shop"
            autoFocus
            required
            autoComplete="off"
            {...create.text('name', name, setName)}
          />
          <TextInput
            label="Root folder"
            description="Where the app lies on this machine: a folder of its own. Jobs run in it and see nothing of the other environments."
            placeholder={`/srv/${name || 'shop'}`}
            required
            autoComplete="off"
            {...create.text('root', root, setRoot)}
          />
          <TextInput
            label="System user"
            description="Whom the jobs run as. Left empty: the owner of the root folder, or a user of its own where that is root."
            placeholder="the owner of the folder"
            autoComplete="off"
            {...create.text('user', user, setUser)}
          />
          <Checkbox
            label="On trial"
            description="No plan can be booked while the trial lasts."
            checked={trial}
            onChange={(event) => setTrial(event.currentTarget.checked)}
          />
        </SentForm>
      </Section>
    </Page>
  );
}
