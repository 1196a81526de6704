/** Two people at one definition: the second is told, and by whom it was changed, instead of overwriting the first. */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { environmentTag, jobTag } from '../domain/etag.ts';
import type { Job } from '../domain/job.ts';
import type { ActivityEntry } from '../store/store.ts';
import type { Expected } from './control.ts';
import type { ControlParts } from './parts.ts';

/** So far back the activity log is looked through for who it was. */
const entriesLooked = 200;

const environmentActs =
  /^(create environment|book plan|unbook plan|begin trial|end trial|pause crons|resume crons|mask secrets|show secrets)$/;
const jobActs = /^(add|edit|start|stop|pause|resume) job$/;

/** Refuses a change of a job that is not the one any more which the caller has seen. */
export async function checkJobFresh(
  parts: Pick<ControlParts, 'store'>,
  job: Job,
  { ifMatch }: Expected,
): Promise<void> {
  if (ifMatch === undefined || ifMatch === jobTag(job)) return;
  const changed = await lastChange(
    parts,
    job.environment,
    ({ act, detail }) => jobActs.test(act) && (detail === job.name || detail.startsWith(`${job.name}:`)),
  );
  throw new Refusal('job.stale', { job: job.name, changed });
}

/** The same of an environment. */
export async function checkEnvironmentFresh(
  parts: Pick<ControlParts, 'store'>,
  environment: Environment,
  { ifMatch }: Expected,
): Promise<void> {
  if (ifMatch === undefined || ifMatch === environmentTag(environment)) return;
  const changed = await lastChange(parts, environment.name, ({ act }) => environmentActs.test(act));
  throw new Refusal('environment.stale', { environment: environment.name, changed });
}

/** ` by ada at 2026-11-26T15:04:05Z`; nothing when that is not known any more. */
async function lastChange(
  { store }: Pick<ControlParts, 'store'>,
  environment: string,
  isOne: (entry: ActivityEntry) => boolean,
): Promise<string> {
  const entries = await store.activity({ environment, limit: entriesLooked }).catch(() => []);
  const found = entries.find(isOne);
  if (found === undefined) return '';
  return ` by ${found.actor} at ${new Date(found.at).toISOString().replace(/\.\d+Z$/, 'Z')}`;
}
