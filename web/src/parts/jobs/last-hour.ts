import { read } from '../../data/api.ts';

/** A step of the last hour is a minute. */
const stepMs = 60_000;

/** What an environment and its jobs used in the last hour. */
export const lastHourOf = (environment: string) => ({
  ...read('metricsNow', { query: { environment } }),
  refetchInterval: stepMs,
});
