/** Where the output of environments is sent, and how far it is. Every method runs inside a task of the group commit. */
import { z } from 'zod';
import type {
  KeptLogReceiver,
  LogProgress,
  LogReceiver,
  LogReceiverSecrets,
} from '../../domain/log-receiver.ts';
import { reader } from './documents.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import { type Sealer, unseal } from './sealer.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const all = statement()(() =>
  core
    .selectFrom('log_receivers')
    .innerJoin('environments', 'environments.id', 'log_receivers.environment')
    .select([
      'environments.id as id',
      'environments.name as name',
      'log_receivers.document as document',
      'log_receivers.sealed as sealed',
      'log_receivers.progress as progress',
    ])
    .orderBy('environments.name'),
);
const putReceiver = statement<{
  environment: number;
  document: string;
  sealed: Uint8Array;
  progress: string;
}>()((p) =>
  put(core, 'log_receivers', ['environment'], {
    environment: p.environment,
    document: p.document,
    sealed: p.sealed,
    progress: p.progress,
  }),
);
const putProgress = statement<{ environment: number; progress: string }>()((p) =>
  core.updateTable('log_receivers').set({ progress: p.progress }).where('environment', '=', p.environment),
);
const drop = statement<{ environment: number }>()((p) =>
  core.deleteFrom('log_receivers').where('environment', '=', p.environment),
);

const readReceiver = reader<LogReceiver>(
  z.looseObject({
    environment: z.string(),
    target: z.string(),
    headers: z.array(z.string()),
    since: z.number(),
  }),
);
const readSecrets = reader<LogReceiverSecrets>(
  z.looseObject({ url: z.string(), headers: z.record(z.string(), z.string()) }),
);
const readProgress = reader<LogProgress>(
  z.looseObject({
    cursor: z.string().nullable(),
    sentLines: z.int(),
    refusedLines: z.int(),
    gaps: z.int(),
    sentAt: z.number().nullable(),
  }),
);

export class LogReceiverRows {
  readonly #core: Database;
  readonly #sealer: Sealer;
  readonly #environments: EnvironmentRows;

  constructor(file: Database, sealer: Sealer, environments: EnvironmentRows) {
    this.#core = file;
    this.#sealer = sealer;
    this.#environments = environments;
  }

  *all(): Work<KeptLogReceiver[]> {
    const { name: place } = this.#core;
    return (yield* this.#core.all(all, {})).map(({ id, name, document, sealed, progress }) => {
      const what = `the log receiver of "${name}"`;
      return {
        receiver: readReceiver(document, what, place),
        secrets: readSecrets(this.#open(sealed, id, what), what, place),
        progress: readProgress(progress, what, place),
      };
    });
  }

  *save({ receiver, secrets, progress }: KeptLogReceiver): Work<void> {
    const environment = yield* this.#environments.requireId(receiver.environment);
    const sealed = this.#sealer.seal(JSON.stringify(secrets), placeOf(environment));
    const [document, far] = [JSON.stringify(receiver), JSON.stringify(progress)];
    yield* this.#core.run(putReceiver, { environment, document, sealed, progress: far });
  }

  *saveProgress(name: string, progress: LogProgress): Work<void> {
    const environment = yield* this.#environments.idOf(name);
    if (environment !== undefined)
      yield* this.#core.run(putProgress, { environment, progress: JSON.stringify(progress) });
  }

  *remove(name: string): Work<void> {
    const environment = yield* this.#environments.idOf(name);
    if (environment !== undefined) yield* this.#core.run(drop, { environment });
  }

  #open(sealed: Uint8Array, environment: number, what: string): string {
    return unseal(this.#sealer, sealed, { place: placeOf(environment), what, file: this.#core.name });
  }
}

const placeOf = (environment: number): string => `log_receivers/${environment}`;
