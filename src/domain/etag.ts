/**
 * Tags of what people define: another tag, another definition. Whoever changes something may say which one they have seen, and
 * is refused where it is not the one any more. What is observed and counted does not change them.
 */
import type { Environment } from './environment.ts';
import type { Job } from './job.ts';

const inBase36 = (wall: number): string => Math.floor(wall).toString(36);

/** A job that was removed and added again under its name is another one. */
export const jobTag = ({ version, createdAt }: Pick<Job, 'version' | 'createdAt'>): string =>
  `${version}.${inBase36(createdAt)}`;

/** Everything of an environment that people change. */
export const environmentTag = ({ plan, trial, paused, maskSecrets, createdAt }: Environment): string => {
  const flags = `${trial ? 't' : ''}${paused ? 'p' : ''}${maskSecrets ? 'm' : ''}`;
  return `${plan === null ? '' : encodeURIComponent(plan)}.${flags}.${inBase36(createdAt)}`;
};
