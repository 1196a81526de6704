/** Access: who gets into this environment, and with what? */
import { useEnvironmentName } from '../../data/place.ts';
import { Page } from '../../design/page.tsx';
import classes from './access.module.css';
import { Members } from './members.tsx';
import { SshKeys } from './ssh-keys.tsx';

export function AccessPage() {
  const environment = useEnvironmentName();
  return (
    <Page title={`Access to ${environment}`}>
      <h1 className={classes.hidden}>Access</h1>
      <SshKeys environment={environment} />
      <Members environment={environment} />
    </Page>
  );
}
