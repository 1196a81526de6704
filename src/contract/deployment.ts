import { z } from 'zod';
import { count, name, seconds, time } from './wire.ts';

export const newDeployment = z.strictObject({ trigger: z.enum(['cli', 'dashboard']).default('cli') });

/** From `queued` on; `done`, `failed` and `undone` are the ends. */
export const deploymentStates = [
  'queued',
  'received',
  'checked',
  'laying',
  'commands',
  'undoing',
  'restarting',
  'done',
  'failed',
  'undone',
] as const;

export const deploymentStep = z.strictObject({
  state: z.enum(deploymentStates),
  startedAt: time,
  endedAt: time.nullable(),
  /** Until now where it goes on. */
  durationSeconds: seconds.nullable(),
  /** What it waited for, or did, in a few words. */
  detail: z.string().nullable(),
});

export const deployment = z.strictObject({
  id: z.string(),
  environment: z.string(),
  trigger: z.enum(['cli', 'hook', 'git', 'dashboard']),
  commit: z.string().nullable(),
  startedAt: time,
  endedAt: time.nullable(),
  outcome: z.enum(['ok', 'failed']).nullable(),
  reason: z.string().nullable(),
  /** The branch that was pushed; null for code that came another way. */
  branch: z.string().nullable(),
  askedBy: z.string().nullable(),
  state: z.enum(deploymentStates),
  /** In the order in which it passed them. */
  steps: z.array(deploymentStep),
});
export type Deployment = z.infer<typeof deployment>;

/** One deployment, with what it and its commands printed so far. */
export const deploymentWithOutput = deployment.extend({ output: z.string() });
export type DeploymentWithOutput = z.infer<typeof deploymentWithOutput>;

export const deploymentsQuery = z.strictObject({ limit: count(1_000, 50) });
export const deploymentParams = z.strictObject({ environment: name, deployment: name });

/** A deploy hook, without its secret. */
export const deployHook = z.strictObject({ createdAt: time, usedAt: time.nullable() });
export type DeployHook = z.infer<typeof deployHook>;

/** The one answer that has the secret: only a digest of it is kept. */
export const newDeployHook = z.strictObject({
  createdAt: time,
  /** `/hooks/deploy/SECRET`, below the address of the dashboard. */
  path: z.string(),
  /** The whole address, where the dashboard's is known. */
  url: z.string().nullable(),
});
export type NewDeployHook = z.infer<typeof newDeployHook>;

export const jobsFile = z.strictObject({
  /** The text of a nightshift.yml. */
  text: z.string().max(1_000_000),
  /** Only tells what it would change. */
  dryRun: z.boolean().default(false),
});

/** What nightshift.yml changes of an environment. */
export const fileDifference = z.strictObject({
  added: z.array(z.strictObject({ name: z.string(), type: z.enum(['worker', 'cron']), command: z.string() })),
  changed: z.array(
    z.strictObject({
      name: z.string(),
      settings: z.array(
        z.strictObject({ setting: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
      /** It was a job of people's until now. */
      taken: z.boolean(),
    }),
  ),
  removed: z.array(z.string()),
  /** No longer managed by the file, and kept. */
  released: z.array(z.string()),
  unchanged: z.array(z.string()),
  plan: z.strictObject({ from: z.string().nullable(), to: z.string() }).nullable(),
  /** The same as lines for people. */
  lines: z.array(z.string()),
});
export type FileDifference = z.infer<typeof fileDifference>;
