/** Incidents of all environments and of the machine. */
import { Page, PageHead } from '../../design/page.tsx';
import { IncidentList } from './incident-list.tsx';

export function IncidentsPage() {
  return (
    <Page title="Incidents">
      <PageHead title="Incidents" />
      <IncidentList limit={200} />
    </Page>
  );
}
