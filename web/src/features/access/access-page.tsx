/** Access: who gets into this environment, and with what? */
import { useEnvironmentName } from '../../data/place.ts';
import { HiddenTitle, Page } from '../../design/page.tsx';
import { Members } from './members.tsx';
import { SshKeys } from './ssh-keys.tsx';

export function AccessPage() {
  const environment = useEnvironmentName();
  return (
    <Page title={`Access to ${environment}`}>
      <HiddenTitle>Access</HiddenTitle>
      <SshKeys environment={environment} />
      <Members environment={environment} />
    </Page>
  );
}
