/** What the pages of one environment have in common: its tabs. */
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useEnvironmentName } from '../data/place.ts';
import classes from './environment-layout.module.css';
import { environmentTabs } from './environment-tabs.ts';

export function EnvironmentLayout() {
  const environment = useEnvironmentName();
  const { pathname } = useLocation();
  const tabs = useRef<HTMLElement>(null);
  // Where they don't fit beside each other, the one that is open is in sight. Not by scrollIntoView, which in Chromium also
  // moves the place from which the Tab key goes on.
  useEffect(() => {
    const nav = tabs.current;
    const open = pathname === '' ? null : nav?.querySelector('[data-active]');
    if (!nav || !open) return;
    const [whole, one] = [nav.getBoundingClientRect(), open.getBoundingClientRect()];
    nav.scrollLeft += one.left + one.width / 2 - whole.left - whole.width / 2;
  }, [pathname]);
  return (
    <>
      <nav ref={tabs} className={classes.tabs} aria-label={`Pages of ${environment}`}>
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
