/** Booking and scaling (design §2.1). */
import { Refusal } from '../domain/errors.ts';
import { enabledPlaces } from '../domain/job.ts';
import { checkPlanHolds, findPlan, type Plan } from '../domain/plan.ts';
import { formatPlanSize, formatSize } from '../domain/units.ts';
import type { Control } from './control.ts';
import type { Tools } from './tools.ts';

export function componentCases(tools: Tools): Pick<Control, 'plans' | 'book' | 'unbook'> {
  const { parts, changes, views } = tools;
  const { store, platform, plans } = parts;
  return {
    plans: async () => plans,

    async book(actor, name, asked, options) {
      const changed = await changes.make(actor, name, async (environment) => {
        if (environment.trial) throw new Refusal('component.on-trial', { environment: name });
        const plan = findPlan(plans, asked);
        checkPlanHolds(plan, enabledPlaces(await store.jobs(name)), name);
        if (!options.force) checkMemoryFits(tools, name, plan);
        const result = { ...environment, plan: plan.name };
        await store.saveEnvironment(result);
        const detail = environment.plan === null ? plan.name : `${environment.plan} → ${plan.name}`;
        return { act: 'book plan', detail: options.force ? `${detail}, forced` : detail, result };
      });
      if (options.wait) await platform.settled(name);
      return await views.environment(changed);
    },

    async unbook(actor, name, change) {
      const changed = await changes.make(actor, name, async (environment) => {
        if (environment.plan === null) throw new Refusal('component.not-booked', { environment: name });
        const result = { ...environment, plan: null };
        await store.saveEnvironment(result);
        return { act: 'unbook plan', detail: environment.plan, result };
      });
      if (change.wait) await platform.settled(name);
      return await views.environment(changed);
    },
  };
}

/** A plan smaller than what the jobs hold now would have the kernel end one of them. */
function checkMemoryFits(tools: Tools, environment: string, plan: Plan): void {
  const used = tools.parts.platform.usage(environment)?.memoryBytes ?? 0;
  if (used <= plan.memoryBytes) return;
  throw new Refusal('plan.memory-in-use', {
    environment,
    used: formatSize(used),
    plan: plan.name,
    memory: formatPlanSize(plan.memoryBytes),
  });
}
