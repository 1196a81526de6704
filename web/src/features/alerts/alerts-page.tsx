/** Alerts: who is told when something goes wrong? */
import { useEnvironmentName } from '../../data/place.ts';
import { useIsOperator } from '../../data/session.ts';
import { Page, PageHead } from '../../design/page.tsx';
import { Channels } from './channels.tsx';
import { Deliveries } from './deliveries.tsx';
import { MachineSettings } from './machine-settings.tsx';
import { Rules } from './rules.tsx';

/** Of an environment. */
export function AlertsPage() {
  const environment = useEnvironmentName();
  return (
    <Page title={`Alerts of ${environment}`}>
      <PageHead title="Alerts" />
      <Channels environment={environment} />
      <Rules environment={environment} />
      <Deliveries environment={environment} />
    </Page>
  );
}

/** The operator's: of all environments and of the machine. */
export function MachineAlertsPage() {
  const isOperator = useIsOperator();
  return (
    <Page title="Alerts">
      <PageHead title="Alerts of everything" />
      {isOperator && (
        <>
          <Channels environment={null} />
          <MachineSettings />
        </>
      )}
      <Deliveries environment={null} />
    </Page>
  );
}
