/** A one-time link: told once, to be sent to its owner. */
import type { NewLink } from '../../../../src/contract/account.ts';
import { Moment } from '../../design/moment.tsx';
import { ToldOnce } from '../../design/told-once.tsx';

interface LinkOnceProps {
  readonly name: string;
  readonly link: NewLink;
  readonly onDone: () => void;
}

export function LinkOnce({ name, link, onDone }: LinkOnceProps) {
  // This page came from the daemon: its address is one that others reach it by.
  const address = link.url ?? location.origin + link.path;
  return (
    <ToldOnce title={`The link for ${name}`} secret={address} copied="The link is copied." onDone={onDone}>
      Send it to {name}: whoever opens it first chooses the password. It is shown only now, and ends{' '}
      <Moment at={link.expiresAt} />.
    </ToldOnce>
  );
}
