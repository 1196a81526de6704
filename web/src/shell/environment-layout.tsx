/** What the pages of one environment have in common: its tabs. */
import { Link, Outlet } from '@tanstack/react-router';
import { useEnvironmentName } from '../data/place.ts';
import classes from './environment-layout.module.css';
import { environmentTabs } from './environment-tabs.ts';

export function EnvironmentLayout() {
  const environment = useEnvironmentName();
  return (
    <>
      <nav className={classes.tabs} aria-label={`Pages of ${environment}`}>
        {environmentTabs.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            params={{ environment }}
            activeOptions={{ exact: to === '/environments/$environment' }}
            activeProps={{ 'data-active': true }}
            className={classes.tab}
          >
            {word}
          </Link>
        ))}
      </nav>
      <Outlet key={environment} />
    </>
  );
}
