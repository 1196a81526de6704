/** Metrics from the words of the use cases to those of the wire. */
import type { Metrics as WireMetrics, MetricsNow as WireMetricsNow } from '../contract/metrics.ts';
import type { LastHourView, MetricsView } from '../control/control.ts';
import type { Plan } from '../domain/plan.ts';
import { toTime } from './to-wire.ts';

const limitsOf = (plan: Plan | null) =>
  plan === null ? null : { memoryBytes: plan.memoryBytes, cpu: plan.cpu };

export function metricsToWire(view: MetricsView): WireMetrics {
  const { series } = view;
  const ofAll = view.job === null;
  return {
    environment: view.environment,
    job: view.job,
    from: toTime(view.from),
    until: toTime(view.until),
    stepSeconds: view.stepSeconds,
    series: {
      memoryBytes: [...series.memoryBytes],
      memoryMaxBytes: [...series.memoryMaxBytes],
      memoryWithCacheBytes: ofAll ? [...series.memoryWithCacheBytes] : null,
      swapBytes: ofAll ? [...series.swapBytes] : null,
      swapMaxBytes: ofAll ? [...series.swapMaxBytes] : null,
      cpu: [...series.cpu],
      cpuMax: [...series.cpuMax],
      throttled: ofAll ? [...series.throttled] : null,
      cronRuns: [...series.cronRuns],
      cronFails: [...series.cronFails],
      workerStarts: [...series.workerStarts],
      outOfMemoryKills: [...series.outOfMemoryKills],
      memoryLimitBytes: ofAll ? [...series.memoryLimitBytes] : null,
      cpuLimit: ofAll ? [...series.cpuLimit] : null,
      durationAvgSeconds: ofAll ? null : [...series.durationAvgSeconds],
      durationMaxSeconds: ofAll ? null : [...series.durationMaxSeconds],
    },
    marks: view.marks.map((mark) => ({ ...mark, at: toTime(mark.at) })),
    limits: limitsOf(view.plan),
  };
}

export const lastHourToWire = (view: LastHourView): WireMetricsNow => ({
  environment: view.environment,
  memoryBytes: [...view.memoryBytes],
  cpu: view.cpu,
  limits: limitsOf(view.plan),
  jobs: view.jobs.map(({ job, memoryBytes }) => ({ name: job, memoryBytes: [...memoryBytes] })),
});
