/** How the first person gets in: by a one-time link that the daemon prints, or by a password that it finds in a file. */
import { checkPassword } from '../domain/account.ts';
import { limits } from '../domain/limits.ts';
import type { NewLink } from './account-control.ts';
import type { Accounts } from './accounts.ts';
import type { Tools } from './tools.ts';

export interface FirstOperator {
  /** A new set-up link, which replaces the one before; null when there are accounts already. */
  setUpLink(): Promise<NewLink | null>;
  /** Makes the account `operator` with this password; false when there is one of that name already. */
  takeOperatorPassword(password: string): Promise<boolean>;
}

const name = 'operator';

export function firstOperator({ parts, changes }: Tools, accounts: Accounts): FirstOperator {
  const { store, clock } = parts;
  return {
    setUpLink: () =>
      accounts.inTurn(async () => {
        if ((await store.accounts()).length > 0) return null;
        const { kept, told } = accounts.newLink('set-up', null, limits.setUpLinkSeconds);
        await store.saveLink(kept);
        return told;
      }),

    takeOperatorPassword: (password) =>
      accounts.inTurn(async () => {
        if ((await store.account(name)) !== undefined) return false;
        const hash = await accounts.passwords.hash(checkPassword(password, name));
        const createdAt = clock.wall();
        await store.addAccount(
          { name, role: 'operator', createdAt, password: hash, secondFactor: null },
          null,
          [],
        );
        const daemon = { name: 'nightshift', via: 'start', address: null };
        await changes.note(daemon, null, 'add account', `${name}, operator, by its password file`);
        return true;
      }),
  };
}
