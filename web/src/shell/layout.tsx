/** The frame of every page: a thin bar when the connection is lost, the header, and the page beneath. */
import { Outlet } from '@tanstack/react-router';
import { ConnectionBar } from './connection-bar.tsx';
import { Header } from './header.tsx';
import { Keys } from './keys.tsx';
import classes from './layout.module.css';

export function Layout() {
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <ConnectionBar />
      <Header />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Keys />
    </>
  );
}
