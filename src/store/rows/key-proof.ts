/** The key that seals what is secret, proved to be the one that sealed what is there. */
import { Refusal } from '../../domain/errors.ts';
import { internal, setInternal } from './internals.ts';
import { type Sealer, sealerOfFile } from './sealer.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const keyProof = 'nightshift';

const aSecret = [
  statement()(() => core.selectFrom('variables').select('sealed').limit(1)),
  statement()(() => core.selectFrom('accounts').select('sealed').where('sealed', 'is not', null).limit(1)),
  statement()(() => core.selectFrom('alert_channels').select('sealed').limit(1)),
];

/** The sealer of a key file, which is made where nothing was sealed yet. Rejects with Refusal `data.key`. */
export function* provenSealer(database: Database, file: string): Work<Sealer> {
  const holdsSecrets = yield* holds(database);
  const sealer = sealerOfFile(file, !holdsSecrets);
  const proof = yield* internal(database, 'key-proof');
  if (proof !== undefined && opens(sealer, proof)) return sealer;
  if (holdsSecrets) throw new Refusal('data.key', { file, why: 'is not the one that sealed the variables' });
  yield* setInternal(database, 'key-proof', sealer.seal(keyProof, 'key-proof'));
  return sealer;
}

function* holds(database: Database): Work<boolean> {
  for (const secret of aSecret) if ((yield* database.get(secret, {})) !== undefined) return true;
  return false;
}

function opens(sealer: Sealer, proof: Uint8Array): boolean {
  try {
    return sealer.open(proof, 'key-proof') === keyProof;
  } catch {
    // Another key: that is the answer.
    return false;
  }
}
