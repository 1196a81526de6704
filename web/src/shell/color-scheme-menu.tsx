import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { Icon, type IconName } from '../design/icon.tsx';

const choices = [
  ['auto', 'As the system', 'screen'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
] as const satisfies readonly (readonly [string, string, IconName])[];

/** Dark, light, or as the system says; kept on this device. */
export function ColorSchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const icon = choices.find(([scheme]) => scheme === colorScheme)?.[2] ?? 'screen';
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label="Dark or light">
          <Icon name={icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(([scheme, words, name]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={name} />}
            rightSection={colorScheme === scheme ? <Icon name="check" /> : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {words}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
