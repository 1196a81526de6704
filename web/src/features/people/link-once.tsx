/** A one-time link: told once, to be sent to its owner. */
import { Button } from '@mantine/core';
import type { NewLink } from '../../../../src/contract/account.ts';
import { copy } from '../../design/copy-as.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { Section } from '../../design/page.tsx';
import classes from './people.module.css';

interface LinkOnceProps {
  readonly name: string;
  readonly link: NewLink;
  readonly onDone: () => void;
}

export function LinkOnce({ name, link, onDone }: LinkOnceProps) {
  // This page came from the daemon: its address is one that others reach it by.
  const address = link.url ?? location.origin + link.path;
  return (
    <Section title={`The link for ${name}`} actions={<Button onClick={onDone}>I have it</Button>}>
      <p>
        Send it to {name}: whoever opens it first chooses the password. It is shown only now, and ends{' '}
        <Moment at={link.expiresAt} />.
      </p>
      <p className={classes.secret}>
        <code>{address}</code>
        <Button
          variant="default"
          leftSection={<Icon name="copy" />}
          onClick={() => void copy(address, 'The link is copied.')}
        >
          Copy
        </Button>
      </p>
    </Section>
  );
}
