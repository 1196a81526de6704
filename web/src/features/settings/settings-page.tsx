/** Settings of an environment: what is it, and what may it do? */
import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Environment } from '../../../../src/contract/environment.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { Icon } from '../../design/icon.tsx';
import { exactly } from '../../design/moment.tsx';
import { Facts, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { environmentActs } from '../../parts/environment-acts.ts';
import { DeployHook } from './deploy-hook.tsx';
import classes from './settings-page.module.css';

export function SettingsPage() {
  const environment = useEnvironmentName();
  const facts = useQuery(read('environment', { params: { environment } }));
  return (
    <Page title={`Settings of ${environment}`} narrow>
      <Loaded query={facts}>{(found) => <Found environment={found} />}</Loaded>
    </Page>
  );
}

function Found({ environment }: { readonly environment: Environment }) {
  const { name, root, user, plan, createdAt, trial, paused, maskSecrets } = environment;
  return (
    <>
      <PageHead title="Settings" actions={<CopyAs command={commandLine('env', 'show', name)} />} />
      <Section>
        <Facts
          of={[
            ['Name', name],
            ['Root folder', <code key="root">{root}</code>],
            ['Jobs run as', user],
            ['Plan', plan ?? 'none'],
            ['Made', exactly(Date.parse(createdAt))],
          ]}
        />
      </Section>
      <Section>
        <div className={classes.switches}>
          <Switch
            label="Hold all crons back"
            description="Their due times are skipped, and the ledger says so. What runs goes on, and so do the workers."
            checked={paused}
            onChange={() => void (paused ? environmentActs.resume(name) : environmentActs.pause(name))}
          />
          <Switch
            label="On trial"
            description="No plan can be booked while the trial lasts."
            checked={trial}
            onChange={() => void (trial ? environmentActs.endTrial(name) : environmentActs.beginTrial(name))}
          />
          <Switch
            label="Mask secrets in what jobs print"
            description="The names of variables that sound like secrets (password, token, key, URL …) stand in place of their values, for everybody and wherever output is shown or sent."
            checked={maskSecrets}
            onChange={() =>
              void (maskSecrets ? environmentActs.showSecrets(name) : environmentActs.maskSecrets(name))
            }
          />
        </div>
      </Section>
      <DeployHook environment={name} />
      <Removal environment={environment} />
    </>
  );
}

function Removal({ environment }: { readonly environment: Environment }) {
  const navigate = useNavigate();
  const { name } = environment;
  const remove = async () => {
    if (await environmentActs.remove(environment)) void navigate({ to: '/' });
  };
  return (
    <Section title="Remove the environment">
      <div className={classes.removal}>
        <p>
          Ends all that runs in it and forgets its jobs, variables, runs and logs. Its root folder stays as it
          is.
        </p>
        <Button
          color="red"
          variant="outline"
          leftSection={<Icon name="trash" />}
          onClick={() => void remove()}
        >
          Remove {name} …
        </Button>
      </div>
    </Section>
  );
}
