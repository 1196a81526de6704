import type { Store } from '../store/store.ts';
import type { Told } from './changes-told.ts';
import { overlaid } from './overlaid.ts';

/**
 * The store as the use cases write to it: what was written is told to those who follow changes, once it is kept. So no use
 * case can change something and forget to say so.
 */
export function tellingStore(store: Store, tell: (told: Told) => void): Store {
  const environment = (name: string, change: 'created' | 'changed' | 'removed'): void =>
    tell({ kind: 'environment', environment: name, change });
  const telling: Partial<Store> = {
    async addEnvironment(added) {
      await store.addEnvironment(added);
      environment(added.name, 'created');
    },
    async saveEnvironment(changed) {
      await store.saveEnvironment(changed);
      environment(changed.name, 'changed');
    },
    async removeEnvironment(name) {
      await store.removeEnvironment(name);
      environment(name, 'removed');
    },
    async setVariables(name, changes) {
      await store.setVariables(name, changes);
      environment(name, 'changed');
    },
    async addJob(job) {
      await store.addJob(job);
      const { environment, name, version } = job;
      tell({ kind: 'definition', environment, job: name, change: 'added', version });
    },
    async saveJob(job) {
      await store.saveJob(job);
      const { environment, name, version } = job;
      tell({ kind: 'definition', environment, job: name, change: 'changed', version });
    },
    async removeJob(environment, name) {
      await store.removeJob(environment, name);
      tell({ kind: 'definition', environment, job: name, change: 'removed', version: null });
    },
    async applyFile(changed, changes) {
      const { name: where } = changed;
      const before = new Set((await store.jobs(where)).map((job) => job.name));
      await store.applyFile(changed, changes);
      for (const job of changes.removed)
        tell({ kind: 'definition', environment: where, job, change: 'removed', version: null });
      for (const { name, version } of changes.put) {
        const change = before.has(name) ? 'changed' : 'added';
        tell({ kind: 'definition', environment: where, job: name, change, version });
      }
      environment(where, 'changed');
    },
    async resetStatistics(environment, since) {
      await store.resetStatistics(environment, since);
      tell({ kind: 'statistics-reset', environment, since });
    },
    async saveDeployment(deployment) {
      await store.saveDeployment(deployment);
      tell({ kind: 'deployment', deployment });
    },
    async saveIncident(incident, also) {
      await store.saveIncident(incident, also);
      tell({ kind: 'incident', incident });
    },
    async addActivity(entry) {
      const kept = await store.addActivity(entry);
      tell({ kind: 'activity', entry: kept });
      return kept;
    },
  };
  return overlaid(store, telling);
}
