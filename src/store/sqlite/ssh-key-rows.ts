/** SSH keys of environments and accounts, and the deploy keys of environments. Every method runs inside a task of the group commit. */
import { Refusal } from '../../domain/errors.ts';
import { ownerInWords, type SshKey, type SshKeyOwner } from '../../domain/ssh-key.ts';
import type { DeployKey } from '../store.ts';
import type { DatabaseFile } from './database-file.ts';
import { readSshKey } from './documents.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import type { Sealer } from './sealer.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';

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
  core
    .replaceInto('deploy_keys')
    .values({ environment: p.environment, public_key: p.publicKey, sealed: p.sealed }),
);

/** An owner as the rows name it: environments by their number. */
type NumberedOwner = { readonly environment: number } | { readonly account: string };

export class SshKeyRows {
  readonly #core: DatabaseFile;
  readonly #sealer: Sealer;
  readonly #environments: EnvironmentRows;

  constructor(file: DatabaseFile, sealer: Sealer, environments: EnvironmentRows) {
    this.#core = file;
    this.#sealer = sealer;
    this.#environments = environments;
  }

  /** In the order in which they were added. */
  of(owner: SshKeyOwner): SshKey[] {
    const numbered = this.#numbered(owner);
    if (numbered === undefined) return [];
    const rows =
      'environment' in numbered
        ? this.#core.all(keysOfEnvironment, numbered)
        : this.#core.all(keysOfAccount, numbered);
    return rows.map((row) => this.#keyOf(row));
  }

  one(owner: SshKeyOwner | 'any account', fingerprint: string): SshKey | undefined {
    if (owner === 'any account') {
      const row = this.#core.get(keyOfAnAccount, { fingerprint });
      return row === undefined ? undefined : this.#keyOf(row);
    }
    if (owner.kind === 'account') return this.of(owner).find((each) => each.fingerprint === fingerprint);
    const environment = this.#environments.idOf(owner.name);
    if (environment === undefined) return undefined;
    const row = this.#core.get(keyOfEnvironment, { environment, fingerprint });
    return row === undefined ? undefined : this.#keyOf(row);
  }

  add(key: SshKey): void {
    const { owner, fingerprint } = key;
    const environment = owner.kind === 'environment' ? this.#environments.requireId(owner.name) : null;
    const there = this.one(owner.kind === 'environment' ? owner : 'any account', fingerprint);
    if (there !== undefined)
      throw new Refusal('key.exists', { owner: ownerInWords(there.owner), name: there.name });
    const account = owner.kind === 'account' ? owner.name : null;
    this.#core.run(addKey, { environment, account, fingerprint, document: JSON.stringify(key) });
  }

  remove(owner: SshKeyOwner, fingerprint: string): void {
    const numbered = this.#numbered(owner);
    if (numbered === undefined) return;
    if ('environment' in numbered) this.#core.run(dropOfEnvironment, { ...numbered, fingerprint });
    else this.#core.run(dropOfAccount, { ...numbered, fingerprint });
  }

  removeAll(owner: SshKeyOwner): void {
    const numbered = this.#numbered(owner);
    if (numbered === undefined) return;
    if ('environment' in numbered) this.#core.run(dropAllOfEnvironment, numbered);
    else this.#core.run(dropAllOfAccount, numbered);
  }

  deployKey(name: string): DeployKey | undefined {
    const environment = this.#environments.idOf(name);
    const row = environment === undefined ? undefined : this.#core.get(deployKey, { environment });
    if (environment === undefined || row === undefined) return undefined;
    try {
      return { publicKey: row.public_key, privateKey: this.#sealer.open(row.sealed, placeOf(environment)) };
    } catch (error) {
      const why = `the deploy key of "${name}" can't be unsealed`;
      throw new Refusal('data.corrupt', { file: this.#core.path, why }, { cause: error });
    }
  }

  setDeployKey(name: string, { publicKey, privateKey }: DeployKey): void {
    const environment = this.#environments.requireId(name);
    const sealed = this.#sealer.seal(privateKey, placeOf(environment));
    this.#core.run(putDeployKey, { environment, publicKey, sealed });
  }

  #numbered(owner: SshKeyOwner): NumberedOwner | undefined {
    if (owner.kind === 'account') return { account: owner.name };
    const environment = this.#environments.idOf(owner.name);
    return environment === undefined ? undefined : { environment };
  }

  #keyOf(row: { fingerprint: string; document: string }): SshKey {
    return readSshKey(row.document, `SSH key "${row.fingerprint}"`, this.#core.path);
  }
}

const placeOf = (environment: number): string => `deploy_keys/${environment}`;
