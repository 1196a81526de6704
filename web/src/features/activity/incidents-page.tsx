/** Incidents of all environments and of the machine. */
import { Page } from '../../design/page.tsx';
import classes from './activity-page.module.css';
import { IncidentList } from './incident-list.tsx';

export function IncidentsPage() {
  return (
    <Page title="Incidents">
      <h1 className={classes.title}>Incidents</h1>
      <IncidentList limit={200} />
    </Page>
  );
}
