/** SSH keys of environments and accounts, and the deploy keys of environments. Every method runs inside a task of the group commit. */
import { Refusal } from '../../domain/errors.ts';
import { ownerInWords, type SshKey, type SshKeyOwner } from '../../domain/ssh-key.ts';
import type { DeployKey } from '../store.ts';
import { readSshKey } from './documents.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import { type Sealer, unseal } from './sealer.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const keyColumns = ['fingerprint', 'document'] as const;
const keysOfEnvironment = statement<{ environment: number }>()((p) =>
  core.selectFrom('ssh_keys').select(keyColumns).where('environment', '=', p.environment).orderBy('id'),
);
const keysOfAccount = statement<{ account: string }>()((p) =>
  core.selectFrom('ssh_keys').select(keyColumns).where('account', '=', p.account).orderBy('id'),
);
const keyOfEnvironment = statement<{ environment: number; fingerprint: string }>()((p) =>
  core
    .selectFrom('ssh_keys')
    .select(keyColumns)
    .where('environment', '=', p.environment)
    .where('fingerprint', '=', p.fingerprint),
);
const keyOfAnAccount = statement<{ fingerprint: string }>()((p) =>
  core
    .selectFrom('ssh_keys')
    .select(keyColumns)
    .where('account', 'is not', null)
    .where('fingerprint', '=', p.fingerprint),
);
const addKey = statement<{
  environment: number | null;
  account: string | null;
  fingerprint: string;
  document: string;
}>()((p) =>
  core.insertInto('ssh_keys').values({
    environment: p.environment,
    account: p.account,
    fingerprint: p.fingerprint,
    document: p.document,
  }),
);
const dropOfEnvironment = statement<{ environment: number; fingerprint: string }>()((p) =>
  core
    .deleteFrom('ssh_keys')
    .where('environment', '=', p.environment)
    .where('fingerprint', '=', p.fingerprint),
);
const dropOfAccount = statement<{ account: string; fingerprint: string }>()((p) =>
  core.deleteFrom('ssh_keys').where('account', '=', p.account).where('fingerprint', '=', p.fingerprint),
);
const dropAllOfEnvironment = statement<{ environment: number }>()((p) =>
  core.deleteFrom('ssh_keys').where('environment', '=', p.environment),
);
const dropAllOfAccount = statement<{ account: string }>()((p) =>
  core.deleteFrom('ssh_keys').where('account', '=', p.account),
);
const deployKey = statement<{ environment: number }>()((p) =>
  core.selectFrom('deploy_keys').select(['public_key', 'sealed']).where('environment', '=', p.environment),
);
const putDeployKey = statement<{ environment: number; publicKey: string; sealed: Uint8Array }>()((p) =>
  put(core, 'deploy_keys', ['environment'], {
    environment: p.environment,
    public_key: p.publicKey,
    sealed: p.sealed,
  }),
);

/** An owner as the rows name it: environments by their number. */
type NumberedOwner = { readonly environment: number } | { readonly account: string };

export class SshKeyRows {
  readonly #core: Database;
  readonly #sealer: Sealer;
  readonly #environments: EnvironmentRows;

  constructor(file: Database, sealer: Sealer, environments: EnvironmentRows) {
    this.#core = file;
    this.#sealer = sealer;
    this.#environments = environments;
  }

  /** In the order in which they were added. */
  *of(owner: SshKeyOwner): Work<SshKey[]> {
    const numbered = yield* this.#numbered(owner);
    if (numbered === undefined) return [];
    const rows =
      'environment' in numbered
        ? yield* this.#core.all(keysOfEnvironment, numbered)
        : yield* this.#core.all(keysOfAccount, numbered);
    return rows.map((row) => this.#keyOf(row));
  }

  *one(owner: SshKeyOwner | 'any account', fingerprint: string): Work<SshKey | undefined> {
    if (owner === 'any account') {
      const row = yield* this.#core.get(keyOfAnAccount, { fingerprint });
      return row === undefined ? undefined : this.#keyOf(row);
    }
    if (owner.kind === 'account')
      return (yield* this.of(owner)).find((each) => each.fingerprint === fingerprint);
    const environment = yield* this.#environments.idOf(owner.name);
    if (environment === undefined) return undefined;
    const row = yield* this.#core.get(keyOfEnvironment, { environment, fingerprint });
    return row === undefined ? undefined : this.#keyOf(row);
  }

  *add(key: SshKey): Work<void> {
    const { owner, fingerprint } = key;
    const environment = owner.kind === 'environment' ? yield* this.#environments.requireId(owner.name) : null;
    const there = yield* this.one(owner.kind === 'environment' ? owner : 'any account', fingerprint);
    if (there !== undefined)
      throw new Refusal('key.exists', { owner: ownerInWords(there.owner), name: there.name });
    const account = owner.kind === 'account' ? owner.name : null;
    yield* this.#core.run(addKey, { environment, account, fingerprint, document: JSON.stringify(key) });
  }

  *remove(owner: SshKeyOwner, fingerprint: string): Work<void> {
    const numbered = yield* this.#numbered(owner);
    if (numbered === undefined) return;
    if ('environment' in numbered) yield* this.#core.run(dropOfEnvironment, { ...numbered, fingerprint });
    else yield* this.#core.run(dropOfAccount, { ...numbered, fingerprint });
  }

  *removeAll(owner: SshKeyOwner): Work<void> {
    const numbered = yield* this.#numbered(owner);
    if (numbered === undefined) return;
    if ('environment' in numbered) yield* this.#core.run(dropAllOfEnvironment, numbered);
    else yield* this.#core.run(dropAllOfAccount, numbered);
  }

  *deployKey(name: string): Work<DeployKey | undefined> {
    const environment = yield* this.#environments.idOf(name);
    const row = environment === undefined ? undefined : yield* this.#core.get(deployKey, { environment });
    if (environment === undefined || row === undefined) return undefined;
    const what = `the deploy key of "${name}"`;
    const sealed = { place: placeOf(environment), what, file: this.#core.name };
    return { publicKey: row.public_key, privateKey: unseal(this.#sealer, row.sealed, sealed) };
  }

  *setDeployKey(name: string, { publicKey, privateKey }: DeployKey): Work<void> {
    const environment = yield* this.#environments.requireId(name);
    const sealed = this.#sealer.seal(privateKey, placeOf(environment));
    yield* this.#core.run(putDeployKey, { environment, publicKey, sealed });
  }

  *#numbered(owner: SshKeyOwner): Work<NumberedOwner | undefined> {
    if (owner.kind === 'account') return { account: owner.name };
    const environment = yield* this.#environments.idOf(owner.name);
    return environment === undefined ? undefined : { environment };
  }

  #keyOf(row: { fingerprint: string; document: string }): SshKey {
    return readSshKey(row.document, `SSH key "${row.fingerprint}"`, this.#core.name);
  }
}

const placeOf = (environment: number): string => `deploy_keys/${environment}`;
