/** What people look up in metrics, and how metrics hear of what the platform tells. */
import { sees } from '../domain/access.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { PlatformEvent } from '../platforms/platform.ts';
import type { Deployment } from '../store/store.ts';
import type { Actor, Control, Mark } from './control.ts';
import { exposition } from './exposition.ts';
import { checkJobKnown } from './reading-cases.ts';
import type { Tools } from './tools.ts';
import { bookedPlan } from './wishes.ts';

type MetricsCases = Pick<Control, 'metrics' | 'lastHour' | 'exposition'>;

const usualRangeMs = 3_600_000;

export function metricsCases(tools: Tools): MetricsCases {
  const { parts, changes } = tools;
  const { store, metrics, clock, plans } = parts;
  return {
    async metrics(actor, { environment: name, job, from, until, stepSeconds }) {
      const environment = await changes.known(actor, name);
      if (job !== undefined) await checkJobKnown(tools, name, job);
      const end = until ?? clock.wall();
      const begin = Math.max(0, from ?? end - usualRangeMs);
      if (begin >= end)
        throw new Refusal('metrics.range', {
          from: new Date(begin).toISOString(),
          until: new Date(end).toISOString(),
        });
      const answer = metrics.read({
        environment: name,
        ...(job === undefined ? {} : { job }),
        from: begin,
        until: end,
        stepSeconds: stepSeconds ?? null,
      });
      const deployments = await store.deployments(name, limits.deploymentsKeptPerEnvironment);
      const marks = [
        ...answer.marks.map(({ run, ...mark }): Mark => ({ ...mark, id: run })),
        ...deployments
          .filter((each) => each.startedAt >= answer.from && each.startedAt < answer.until)
          .map(deploymentMark),
      ].sort((a, b) => a.at - b.at);
      return {
        ...answer,
        environment: name,
        job: job ?? null,
        marks: marks.slice(-limits.metricsMarksPerAnswer),
        plan: bookedPlan(plans, environment),
      };
    },

    async lastHour(actor, name) {
      const environments =
        name === undefined ? await seenBy(tools, actor) : [await changes.known(actor, name)];
      return environments.flatMap((environment) => {
        const hour = metrics.lastHour(environment.name);
        return hour === undefined
          ? []
          : [{ ...hour, environment: environment.name, plan: bookedPlan(plans, environment) }];
      });
    },

    async exposition(actor, form) {
      const environments = await seenBy(tools, actor);
      const workers = await Promise.all(
        environments.map(async ({ name }) => [name, (await tools.summaries.of(name)).workers] as const),
      );
      return exposition(
        {
          seen: metrics.seen(),
          plans: new Map(environments.map((each) => [each.name, bookedPlan(plans, each)])),
          jobs: new Map(environments.map((each) => [each.name, parts.platform.observe(each.name)])),
          workers: new Map(workers),
          version: parts.version,
          runtime: parts.runtime.name,
          schedulerHeartbeatAt: await parts.schedulerHeartbeatAt().catch(() => null),
          openIncidents: tools.incidents.openByKind([
            ...environments.map((each) => each.name),
            // As with the list of incidents: what is about the machine is for operators.
            ...(actor.role === 'operator' ? [null] : []),
          ]),
        },
        form,
      );
    },
  };
}

/** Metrics hear what runs do and what was measured. */
export function tellMetrics(metrics: Metrics, event: PlatformEvent): void {
  if (event.kind === 'run-began') metrics.began(event.run);
  else if (event.kind === 'run-started') metrics.started(event.run);
  else if (event.kind === 'run-ended') metrics.ended(event.run, event.cpuSeconds ?? null);
  else if (event.kind === 'measured') metrics.measured(event);
}

async function seenBy({ parts }: Tools, actor: Actor): Promise<Environment[]> {
  return (await parts.store.environments()).filter((each) => sees(actor, each.name));
}

function deploymentMark({ id, startedAt, outcome, commit, reason }: Deployment): Mark {
  const what =
    outcome === null ? 'under way' : outcome === 'ok' ? 'done' : `failed: ${reason ?? 'no reason'}`;
  const text = commit === null ? what : `${commit.slice(0, 7)} ${what}`;
  return { at: startedAt, kind: 'deployment', job: null, id, text };
}
