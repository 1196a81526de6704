/** The header: home, where one is, search, keys, dark or light, and who one is. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { Icon } from '../design/icon.tsx';
import { AccountMenu } from './account-menu.tsx';
import { ColorSchemeMenu } from './color-scheme-menu.tsx';
import { EnvironmentSwitcher } from './environment-switcher.tsx';
import classes from './header.module.css';
import { showKeys } from './keys.tsx';

export function Header() {
  const { environment } = useParams({ strict: false }) as { environment?: string };
  return (
    <header className={classes.header}>
      <div className={classes.inside}>
        <Link to="/" className={classes.home} aria-label="Nightshift, all environments">
          <img src="/favicon.svg" alt="" width="24" height="24" />
          <span className={classes.name}>Nightshift</span>
        </Link>
        <EnvironmentSwitcher current={environment} />
        <div className={classes.space} />
        <Tooltip label="Keys (?)">
          <ActionIcon aria-label="Keys" className={classes.keys} onClick={showKeys}>
            <Icon name="keys" />
          </ActionIcon>
        </Tooltip>
        <ColorSchemeMenu />
        <AccountMenu />
      </div>
    </header>
  );
}
