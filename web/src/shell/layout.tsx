/** The frame of every page behind the log-in: a thin bar when the connection is lost, the header, and the page beneath. */
import { Navigate, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { queryClient } from '../data/api.ts';
import { ApiFailure } from '../data/failure.ts';
import { useSession } from '../data/session.ts';
import { signedOut } from '../data/signed-out.ts';
import { Failure } from '../design/notice.tsx';
import { Waiting } from '../design/page.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { Header } from './header.tsx';
import { Keys } from './keys.tsx';
import classes from './layout.module.css';
import { useLiveEvents } from './live-events.ts';

export function Layout() {
  const session = useSession();
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  const here = pathname + searchStr;

  useEffect(
    () =>
      signedOut.listen(() => {
        queryClient.clear();
        void navigate({ to: '/log-in', search: searchOf(here) as never, replace: true });
      }),
    [navigate, here],
  );

  if (session.error instanceof ApiFailure && session.error.status === 401) {
    return isLogIn(here) ? null : <Navigate to="/log-in" search={searchOf(here) as never} replace />;
  }
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <ConnectionBar />
      {session.data !== undefined && <Header />}
      <main id="main" className={classes.main} tabIndex={-1}>
        {session.data !== undefined && <Outlet />}
        {session.isPending && <Waiting />}
        {session.data === undefined && <Failure of={session.error} />}
      </main>
      <Keys />
      {session.data !== undefined && <LiveEvents />}
    </>
  );
}

/** Where to go on after the log-in. On the way there the address is that of the log-in already. */
const searchOf = (here: string) => (here === '/' || isLogIn(here) ? {} : { to: here });
const isLogIn = (here: string): boolean => here.startsWith('/log-in');

function LiveEvents() {
  useLiveEvents();
  return null;
}
