/** Booking and scaling (design §2.1). */
import { Refusal } from '../domain/errors.ts';
import { enabledPlaces } from '../domain/job.ts';
import { checkPlanHolds, findPlan, type Plan } from '../domain/plan.ts';
import { formatPlanSize, formatSize } from '../domain/units.ts';
import type { Control } from './control.ts';
import type { Tools } from './tools.ts';

/** Of the newest runs. */
const runsLooked = 100;

export function componentCases(tools: Tools): Pick<Control, 'plans' | 'book' | 'unbook'> {
  const { parts, changes, views } = tools;
  const { store, platform, plans } = parts;
  return {
    plans: async () => plans,

    async book(actor, name, asked, options) {
      const from = parts.clock.wall();
      let squeezed: string | null = null;
      const changed = await changes.make(
        actor,
        name,
        async (environment) => {
          if (environment.trial) throw new Refusal('component.on-trial', { environment: name });
          const plan = findPlan(plans, asked);
          checkPlanHolds(plan, enabledPlaces(await store.jobs(name)), name);
          const tooMuch = memoryInUse(tools, name, plan);
          if (tooMuch !== null && !options.force) throw tooMuch.refusal;
          squeezed = tooMuch?.sentence ?? null;
          const result = { ...environment, plan: plan.name };
          await store.saveEnvironment(result);
          const detail = environment.plan === null ? plan.name : `${environment.plan} → ${plan.name}`;
          return { act: 'book plan', detail: options.force ? `${detail}, forced` : detail, result };
        },
        options,
      );
      if (options.wait) await platform.settled(name);
      const view = await views.environment(changed);
      if (squeezed === null) return view;
      return { ...view, notices: [`${squeezed}: ${await endedSince(tools, name, from)}.`, ...view.notices] };
    },

    async unbook(actor, name, change) {
      const changed = await changes.make(
        actor,
        name,
        async (environment) => {
          if (environment.plan === null) throw new Refusal('component.not-booked', { environment: name });
          const result = { ...environment, plan: null };
          await store.saveEnvironment(result);
          return { act: 'unbook plan', detail: environment.plan, result };
        },
        change,
      );
      if (change.wait) await platform.settled(name);
      return await views.environment(changed);
    },
  };
}

/** A plan smaller than what the jobs hold now ends some of them. Null when it holds all. */
export function memoryInUse(
  tools: Tools,
  environment: string,
  plan: Plan,
): { readonly refusal: Refusal; readonly sentence: string } | null {
  const bytes = tools.parts.platform.usage(environment)?.memoryBytes ?? 0;
  if (bytes <= plan.memoryBytes) return null;
  const [used, memory] = [formatSize(bytes), formatPlanSize(plan.memoryBytes)];
  return {
    refusal: new Refusal('plan.memory-in-use', { environment, used, plan: plan.name, memory }),
    sentence: `The jobs held ${used} and plan ${plan.name} has ${memory}`,
  };
}

/** What was ended for want of memory, as far as it is recorded already. */
async function endedSince(tools: Tools, environment: string, from: number): Promise<string> {
  const runs = await tools.parts.store.runs({ environment, limit: runsLooked });
  const names = runs
    .filter((run) => run.outcome === 'out-of-memory' && (run.endedAt ?? 0) >= from)
    .map((run) => run.job ?? 'a remote command');
  if (names.length === 0) return 'what does not fit is ended, as out of memory';
  return `ended as out of memory: ${[...new Set(names)].sort().join(', ')}`;
}
