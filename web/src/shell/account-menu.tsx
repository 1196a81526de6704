/** Who is logged in, and the way out. */
import { ActionIcon, Menu } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { end, useSession } from '../data/session.ts';
import { Icon } from '../design/icon.tsx';
import { toastFailure } from '../design/toasts.tsx';

export function AccountMenu() {
  const navigate = useNavigate();
  const { data: session } = useSession();
  if (session === undefined) return null;
  const leave = async () => {
    try {
      await end();
      await navigate({ to: '/log-in' });
    } catch (thrown) {
      toastFailure(thrown);
    }
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`Logged in as ${session.name}`}>
          <Icon name="person" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.name} · {session.role}
        </Menu.Label>
        <Menu.Item component={Link} to="/account">
          Account
        </Menu.Item>
        <Menu.Item component={Link} to="/tokens">
          Tokens
        </Menu.Item>
        {session.role === 'operator' && (
          <Menu.Item component={Link} to="/users">
            Users
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item component={Link} to="/incidents">
          Incidents
        </Menu.Item>
        <Menu.Item component={Link} to="/alerts">
          Alerts
        </Menu.Item>
        <Menu.Item component={Link} to="/activity">
          Activity
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>Log out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
