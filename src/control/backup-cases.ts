/** A backup of everything: for operators. */
import { checkOperator } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Control } from './control.ts';
import type { Tools } from './tools.ts';

export function backupCases({ parts, changes }: Tools): Pick<Control, 'backup'> {
  return {
    async backup(actor, passphrase) {
      checkOperator(actor, 'make backups');
      if (passphrase !== null && passphrase.length < limits.passwordCharactersMin)
        throw new Refusal('backup.passphrase-short', { limit: limits.passwordCharactersMin });
      const stream = await parts.backups.make(passphrase);
      await changes.note(
        actor,
        null,
        'make a backup',
        passphrase === null ? 'without secrets' : 'with secrets',
      );
      return stream;
    },
  };
}
