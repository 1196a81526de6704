/** A new environment: an app's name and where it lies. */
import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useChange } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { Form, FormError, useFields } from '../../design/form.tsx';
import { Page, PageHead, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';

export function NewEnvironmentPage() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [root, setRoot] = useState('');
  const [user, setUser] = useState('');
  const [trial, setTrial] = useState(false);
  const create = useChange('createEnvironment', {
    onDone: ({ name: made }) => {
      toast(`${made} is made. Book the jobs component to run something in it.`);
      void navigate({ to: '/environments/$environment/component', params: { environment: made } });
    },
  });
  const fields = useFields(create.error, ['name', 'root', 'user']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ body: { name, root, ...(user === '' ? {} : { user }), ...(trial ? { trial } : {}) } });
  };
  return (
    <Page title="New environment" narrow>
      <PageHead title="New environment" />
      <Section>
        <Form onSubmit={submit} onLeave={() => void navigate({ to: '/' })}>
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens. It becomes the name for SSH and git push."
            placeholder="shop"
            autoFocus
            required
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fields.name}
          />
          <TextInput
            label="Root folder"
            description="Where the app lies on this machine: a folder of its own. Jobs run in it and see nothing of the other environments."
            placeholder={`/srv/${name || 'shop'}`}
            required
            autoComplete="off"
            value={root}
            onChange={(event) => setRoot(event.currentTarget.value)}
            error={fields.root}
          />
          <TextInput
            label="System user"
            description="Whom the jobs run as. Left empty: the owner of the root folder, or a user of its own where that is root."
            placeholder="the owner of the folder"
            autoComplete="off"
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
            error={fields.user}
          />
          <Checkbox
            label="On trial"
            description="No plan can be booked while the trial lasts."
            checked={trial}
            onChange={(event) => setTrial(event.currentTarget.checked)}
          />
          <FormError of={create.error} fields={['name', 'root', 'user']} />
          <Group justify="space-between">
            <CopyAs
              command={commandLine(
                'env',
                'create',
                name || 'NAME',
                '--root',
                root || 'DIR',
                user !== '' && '--user',
                user !== '' && user,
                trial && '--trial',
              )}
            />
            <Group gap="xs">
              <Button variant="default" onClick={() => void navigate({ to: '/' })}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Make the environment
              </Button>
            </Group>
          </Group>
        </Form>
      </Section>
    </Page>
  );
}
