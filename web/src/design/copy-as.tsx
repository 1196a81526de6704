/** The page teaches the terminal: the command, and the call of the API, that do the same. */
import { Button, Menu } from '@mantine/core';
import classes from './copy-as.module.css';
import { Icon } from './icon.tsx';
import { toast } from './toasts.tsx';

export interface CopyAsProps {
  readonly command: string;
  readonly call?: string;
  readonly label?: string;
}

export function CopyAs({ command, call, label = 'Copy as' }: CopyAsProps) {
  return (
    <Menu width={420} position="bottom-start">
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<Icon name="terminal" />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>The same in a terminal</Menu.Label>
        <CopyItem what="Command" text={command} />
        {call !== undefined && <CopyItem what="API call" text={call} />}
      </Menu.Dropdown>
    </Menu>
  );
}

export function CopyItem({ what, text }: { readonly what: string; readonly text: string }) {
  return (
    <Menu.Item leftSection={<Icon name="copy" />} onClick={() => copy(text, `${what} copied.`)}>
      {what}
      <code className={classes.text}>{text}</code>
    </Menu.Item>
  );
}

/** Pages that did not come over TLS have no clipboard: then the old way through a selection. */
export async function copy(text: string, said: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyBySelection(text);
    toast(said);
  } catch {
    toast(`The browser does not let this page copy: ${text}`, { tone: 'bad' });
  }
}

function copyBySelection(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = classes.away ?? '';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('the selection was not copied');
}
