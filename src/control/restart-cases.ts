/** The restart of all workers of an environment, by hand: a deployment without code. */
import { Refusal } from '../domain/errors.ts';
import type { Control } from './control.ts';
import { unwatched } from './job-cases.ts';
import { orUnavailable } from './platform-failure.ts';
import type { Tools } from './tools.ts';

export function restartCases(tools: Tools): Pick<Control, 'restartWorkers'> {
  const { parts, changes } = tools;
  return {
    async restartWorkers(actor, environment, { wait }) {
      const found = await changes.usable(actor, environment);
      if (found.plan === null) throw new Refusal('component.not-booked', { environment });
      const jobs = await parts.store.jobs(environment);
      const workers = jobs
        .filter(({ type, status }) => type === 'worker' && status === 'enabled')
        .map(({ name }) => name);
      await changes.note(actor, environment, 'restart workers', workers.join(', '));
      const restarted = orUnavailable(environment, parts.platform.restart(environment, workers, 'manual'));
      if (wait) await restarted;
      else unwatched(tools, environment, restarted);
      return workers;
    },
  };
}
