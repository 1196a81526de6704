/** The way back: jobs written in the form of other programs, and what they can't say as comments. */
import { type Cron, type Job, jobDefaults, type Worker } from '../domain/job.ts';
import { readLine } from '../domain/shell-words.ts';
import { formatDuration } from '../domain/units.ts';

/** The environment that the jobs come from. */
export interface Origin {
  readonly environment: string;
  readonly root: string;
  readonly user: string;
  /** Names of its variables; values are not written anywhere. */
  readonly variables: readonly string[];
}

/** What every export begins with, a line each, without the sign of a comment. */
export function preface({ environment, root, user, variables }: Origin, program: string): string[] {
  return [
    `The jobs of the environment "${environment}", written by Nightshift for ${program}.`,
    `They began in ${root} and ran as ${user}.`,
    ...(variables.length === 0
      ? []
      : [
          `Their variables are not in this file: ${variables.join(', ')}. "nightshift env show ${environment} --values" has them.`,
        ]),
    'Nightshift runs a command that names a PHP script with php: write "php" before it here where it is missing.',
  ];
}

/** A single command of plain words, which needs no shell. */
export const isPlainCommand = (command: string): boolean =>
  readLine(command).single && !/[$`*?[\]{}~<>|&;()#\\\n'"=%!]/.test(command);

/** Settings of the job that are not the usual ones and that the other program does not have, as in a sentence. */
export function unsaid(job: Job): string[] {
  return job.type === 'worker' ? unsaidOfWorker(job) : unsaidOfCron(job);
}

const unsaidOfWorker = ({ handover }: Worker): string[] =>
  handover === jobDefaults.handover ? [] : [`handover ${handover}`];

function unsaidOfCron(job: Cron): string[] {
  const duration = (seconds: number): string => formatDuration(seconds).replaceAll(' ', '');
  return [
    ...(job.maxRuntimeSeconds === jobDefaults.maxRuntimeSeconds
      ? []
      : [`max runtime ${duration(job.maxRuntimeSeconds)}`]),
    ...(job.maxInstances === jobDefaults.maxInstances ? [] : [`max instances ${job.maxInstances}`]),
    ...(job.catchUp === 'none' ? [] : [`catch up ${job.catchUp}`]),
    ...(job.retries === 0 ? [] : [`${job.retries} retries`]),
    ...(job.onDeploy === jobDefaults.onDeploy ? [] : [`on deploy ${job.onDeploy}`]),
    ...(job.exitSignal === jobDefaults.exitSignal ? [] : [`exit signal ${job.exitSignal}`]),
  ];
}
