import type { Incident } from '../../../src/contract/incident.ts';

/** The sentence of an incident beside the name of its job, which it begins with where it stands alone. */
export function reasonBesideJob({ job, reason }: Pick<Incident, 'job' | 'reason'>): string {
  const name = `"${job}" `;
  return job !== null && reason.startsWith(name) ? reason.slice(name.length) : reason;
}
