/** Deployments, what they printed, and the hooks that begin them. */
import { codeStays, type Deployment, isOver } from '../../domain/deployment.ts';
import type { DeployHook } from '../store.ts';
import { readDeployment } from './documents.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const putDeployment = statement<{
  id: string;
  environment: number;
  startedAt: number;
  document: string;
  open: number;
  stays: string | null;
}>()((p) =>
  put(core, 'deployments', ['id'], {
    id: p.id,
    environment: p.environment,
    started_at: p.startedAt,
    document: p.document,
    open: p.open,
    stays: p.stays,
  }),
);
const newest = core
  .selectFrom('deployments')
  .select(['id', 'document'])
  .orderBy('started_at', 'desc')
  .orderBy('id', 'desc');
const page = statement<{ environment: number; limit: number }>()((p) =>
  newest.where('environment', '=', p.environment).limit(p.limit),
);
const one = statement<{ environment: number; id: string }>()((p) =>
  newest.where('environment', '=', p.environment).where('id', '=', p.id),
);
const open = statement()(() =>
  core
    .selectFrom('deployments')
    .select(['id', 'document'])
    .where('open', '=', 1)
    .orderBy('started_at')
    .orderBy('id'),
);
const deployed = statement<{ environment: number }>()((p) =>
  core
    .selectFrom('deployments')
    .select('stays')
    .where('environment', '=', p.environment)
    .where('stays', 'is not', null)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1),
);
const putOutput = statement<{ id: string; environment: number; text: string }>()((p) =>
  put(core, 'deployment_output', ['id'], { id: p.id, environment: p.environment, text: p.text }),
);
const output = statement<{ id: string; environment: number }>()((p) =>
  core
    .selectFrom('deployment_output')
    .select('text')
    .where('id', '=', p.id)
    .where('environment', '=', p.environment),
);
const hooks = core.selectFrom('deploy_hooks').select(['environment', 'hash', 'created_at', 'used_at']);
const hookOf = statement<{ environment: number }>()((p) => hooks.where('environment', '=', p.environment));
const hookByHash = statement<{ hash: string }>()((p) =>
  core
    .selectFrom('deploy_hooks')
    .innerJoin('environments', 'environments.id', 'deploy_hooks.environment')
    .select(['environments.name', 'hash', 'created_at', 'used_at'])
    .where('hash', '=', p.hash),
);
const putHook = statement<{
  environment: number;
  hash: string;
  createdAt: number;
  usedAt: number | null;
}>()((p) =>
  put(core, 'deploy_hooks', ['environment'], {
    environment: p.environment,
    hash: p.hash,
    created_at: p.createdAt,
    used_at: p.usedAt,
  }),
);
const dropHook = statement<{ environment: number }>()((p) =>
  core.deleteFrom('deploy_hooks').where('environment', '=', p.environment),
);

const floorOrNull = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms));

export class DeploymentRows {
  readonly #core: Database;

  constructor(file: Database) {
    this.#core = file;
  }

  *save(environment: number, deployment: Deployment): Work<void> {
    yield* this.#core.run(putDeployment, {
      id: deployment.id,
      environment,
      startedAt: Math.floor(deployment.startedAt),
      document: JSON.stringify(deployment),
      open: isOver(deployment) ? 0 : 1,
      stays: codeStays(deployment) ? deployment.commit : null,
    });
  }

  *page(environment: number, limit: number): Work<Deployment[]> {
    return (yield* this.#core.all(page, { environment, limit })).map((row) => this.#read(row));
  }

  *one(environment: number, id: string): Work<Deployment | undefined> {
    const row = yield* this.#core.get(one, { environment, id });
    return row === undefined ? undefined : this.#read(row);
  }

  *open(): Work<Deployment[]> {
    return (yield* this.#core.all(open, {})).map((row) => this.#read(row));
  }

  *deployedCommit(environment: number): Work<string | null> {
    return (yield* this.#core.get(deployed, { environment }))?.stays ?? null;
  }

  *saveOutput(environment: number, id: string, text: string): Work<void> {
    yield* this.#core.run(putOutput, { id, environment, text });
  }

  *output(environment: number, id: string): Work<string> {
    return (yield* this.#core.get(output, { id, environment }))?.text ?? '';
  }

  *hook(number: number, environment: string): Work<DeployHook | undefined> {
    const row = yield* this.#core.get(hookOf, { environment: number });
    if (row === undefined) return undefined;
    return { environment, hash: row.hash, createdAt: row.created_at, usedAt: row.used_at };
  }

  *hookOf(hash: string): Work<DeployHook | undefined> {
    const row = yield* this.#core.get(hookByHash, { hash });
    if (row === undefined) return undefined;
    return { environment: row.name, hash: row.hash, createdAt: row.created_at, usedAt: row.used_at };
  }

  *saveHook(environment: number, hook: DeployHook | null): Work<void> {
    if (hook === null) yield* this.#core.run(dropHook, { environment });
    else
      yield* this.#core.run(putHook, {
        environment,
        hash: hook.hash,
        createdAt: Math.floor(hook.createdAt),
        usedAt: floorOrNull(hook.usedAt),
      });
  }

  #read({ id, document }: { id: string; document: string }): Deployment {
    return readDeployment(document, `deployment "${id}"`, this.#core.name);
  }
}
