/** The variables of an environment: written here, and shown only to who asks for them. */
import { ActionIcon, Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../data/api.ts';
import { useChange } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { confirm } from '../../design/confirm.tsx';
import { copy } from '../../design/copy-as.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Failure } from '../../design/notice.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { toast, toastFailure } from '../../design/toasts.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './variables-page.module.css';

export function VariablesPage() {
  const environment = useEnvironmentName();
  const facts = useQuery(read('environment', { params: { environment } }));
  const [values, setValues] = useState<Readonly<Record<string, string>>>();
  const [asking, setAsking] = useState(false);

  // Read when asked for, and not kept in the cache: what was hidden should not lie about.
  const show = async () => {
    setAsking(true);
    try {
      setValues((await api.call('variables', { params: { environment } })).variables);
    } catch (thrown) {
      toastFailure(thrown);
    } finally {
      setAsking(false);
    }
  };

  return (
    <Page title={`Variables of ${environment}`} narrow>
      <PageHead
        title="Variables"
        actions={
          values === undefined ? (
            <Button
              variant="default"
              leftSection={<Icon name="eye" />}
              loading={asking}
              onClick={() => void show()}
              disabled={facts.data?.variableNames.length === 0}
            >
              Show the values
            </Button>
          ) : (
            <Button variant="default" onClick={() => setValues(undefined)}>
              Hide the values
            </Button>
          )
        }
      />
      <Loaded query={facts}>
        {({ variableNames }) => (
          <Section flush>
            {variableNames.length === 0 ? (
              <EmptyState title="No variable yet" command={`nightshift env set ${environment} KEY=value`}>
                Every job and remote command of this environment gets them: the address of the database, keys
                of other services. They are kept encrypted.
              </EmptyState>
            ) : (
              <ul className={classes.list}>
                {variableNames.map((name) => (
                  <Line
                    key={name}
                    environment={environment}
                    name={name}
                    value={values?.[name]}
                    onChanged={() => setValues(undefined)}
                  />
                ))}
              </ul>
            )}
          </Section>
        )}
      </Loaded>
      <Section title="Set a variable">
        <SetVariable environment={environment} onSet={() => setValues(undefined)} />
      </Section>
    </Page>
  );
}

interface LineProps {
  readonly environment: string;
  readonly name: string;
  /** Undefined while hidden. */
  readonly value: string | undefined;
  readonly onChanged: () => void;
}

function Line({ environment, name, value, onChanged }: LineProps) {
  const change = useChange('setVariables', {
    onDone: () => {
      onChanged();
      toast(`${name} is removed; the workers restart without it.`);
    },
  });
  const remove = async () => {
    const yes = await confirm({
      title: `Remove ${name}?`,
      text: 'The workers of this environment restart gracefully without it; crons lack it from their next run on. Its value is forgotten.',
      button: `Remove ${name}`,
      danger: true,
    });
    if (yes) {
      change.mutate({
        params: { environment },
        query: { wait: 'false' },
        body: { variables: { [name]: null } },
      });
    }
  };
  return (
    <li className={classes.line}>
      <code className={classes.name}>{name}</code>
      {value === undefined ? (
        <span className={classes.hidden} title="hidden">
          ••••••••
        </span>
      ) : (
        <code className={classes.value}>{value}</code>
      )}
      <span className={classes.acts}>
        {value !== undefined && (
          <ActionIcon
            aria-label={`Copy the value of ${name}`}
            onClick={() => void copy(value, `The value of ${name} is copied.`)}
          >
            <Icon name="copy" />
          </ActionIcon>
        )}
        <ActionIcon aria-label={`Remove ${name}`} loading={change.isPending} onClick={() => void remove()}>
          <Icon name="trash" />
        </ActionIcon>
      </span>
      {change.error && (
        <div className={classes.failure}>
          <Failure of={change.error} />
        </div>
      )}
    </li>
  );
}

function SetVariable({ environment, onSet }: { readonly environment: string; readonly onSet: () => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const change = useSending('setVariables', ['name', 'value'], () => {
    onSet();
    toast(`${name} is set; the workers restart with it.`);
    setName('');
    setValue('');
  });
  return (
    <SentForm
      of={change}
      asked={{ params: { environment }, query: { wait: 'false' }, body: { variables: { [name]: value } } }}
      button="Set it and restart the workers"
      disabled={name === ''}
      command={commandLine('env', 'set', environment, `${name || 'KEY'}=value`)}
      shown={{ params: { environment }, body: { variables: { [name || 'KEY']: 'value' } } }}
    >
      <div className={classes.pair}>
        <TextInput
          label="Name"
          description="Letters, digits and underscores"
          placeholder="DATABASE_URL"
          autoComplete="off"
          spellCheck={false}
          {...change.text('name', name, setName)}
        />
        <PasswordInput
          label="Value"
          description="Kept encrypted"
          autoComplete="new-password"
          {...change.text('value', value, setValue)}
        />
      </div>
    </SentForm>
  );
}
