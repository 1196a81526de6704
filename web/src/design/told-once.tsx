/** A secret that is told once: to be copied now, or never. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { copy } from './copy-as.tsx';
import { Icon } from './icon.tsx';
import { Section } from './page.tsx';
import classes from './told-once.module.css';

export interface SecretLineProps {
  readonly secret: string;
  /** What is told when it was copied. */
  readonly copied: string;
}

export function SecretLine({ secret, copied }: SecretLineProps) {
  return (
    <div className={classes.secret}>
      <code>{secret}</code>
      <Button variant="default" leftSection={<Icon name="copy" />} onClick={() => void copy(secret, copied)}>
        Copy
      </Button>
    </div>
  );
}

export interface ToldOnceProps extends SecretLineProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onDone: () => void;
}

export function ToldOnce({ title, children, secret, copied, onDone }: ToldOnceProps) {
  return (
    <Section title={title} actions={<Button onClick={onDone}>I have it</Button>}>
      <p>{children}</p>
      <SecretLine secret={secret} copied={copied} />
    </Section>
  );
}
