/** A second factor of one's own: proposed, confirmed by a code of it, and taken away again. */
import { Refusal } from '../domain/errors.ts';
import type { AccountControl } from './account-control.ts';
import type { Accounts } from './accounts.ts';
import {
  drawFactorSecret,
  drawRecoveryCodes,
  factorUrl,
  hashOfRecoveryCode,
  isFactorSecret,
  stepOfCode,
} from './one-time-codes.ts';
import type { Tools } from './tools.ts';

type SecondFactorCases = Pick<
  AccountControl,
  'proposeSecondFactor' | 'confirmSecondFactor' | 'removeSecondFactor'
>;

export function secondFactorCases({ parts, changes }: Tools, accounts: Accounts): SecondFactorCases {
  const { store, clock } = parts;
  return {
    async proposeSecondFactor(actor, name) {
      await accounts.own(actor, name);
      const secret = drawFactorSecret();
      return { secret, url: factorUrl(name, secret) };
    },

    async confirmSecondFactor(actor, name, { current, secret, code }) {
      accounts.checkNoToken(actor, 'change the second factor');
      await accounts.checkCurrent(actor, name, current);
      if (!isFactorSecret(secret)) throw new Refusal('session.code-wrong');
      const lastStep = stepOfCode(secret, code, clock.wall(), 0);
      if (lastStep === undefined) throw new Refusal('session.code-wrong');
      const codes = drawRecoveryCodes();
      await accounts.inTurn(async () => {
        const secondFactor = { secret, recovery: codes.map(hashOfRecoveryCode), lastStep };
        // Whoever got in without it has to come again with it.
        await store.saveAccount({ ...(await accounts.known(name)), secondFactor }, actor.session ?? null);
      });
      await changes.note(actor, null, 'add second factor', '');
      return codes;
    },

    async removeSecondFactor(actor, name, { current }) {
      accounts.checkNoToken(actor, 'change the second factor');
      await accounts.checkCurrent(actor, name, current);
      await accounts.inTurn(async () => {
        await store.saveAccount({ ...(await accounts.known(name)), secondFactor: null });
      });
      await changes.note(actor, null, 'remove second factor', '');
    },
  };
}
