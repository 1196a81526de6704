/** A run in words. */
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Run } from '../../../../src/contract/run.ts';

export const triggerWords: Record<Run['trigger'], string> = {
  schedule: 'its due time',
  'catch-up': 'a due time that was missed',
  manual: 'a person',
  start: 'the start of the job',
  failure: 'the failure of the run before',
  exit: 'the end of the run before',
  deploy: 'a deployment',
  settings: 'changed settings or variables',
  remote: 'a remote command',
};

/** How long it took, or takes; undefined before it has started. */
export function lengthOf(
  { startedAt, endedAt }: Pick<Run, 'startedAt' | 'endedAt'>,
  now: number,
): number | undefined {
  if (startedAt === null) return undefined;
  const end = endedAt === null ? now : Date.parse(endedAt);
  return Math.max(0, (end - Date.parse(startedAt)) / 1_000);
}

/** `47 ms`, `1m 20s`; in whole seconds while it runs. */
export function lengthInWords(run: Pick<Run, 'startedAt' | 'endedAt'>, now: number): string {
  const seconds = lengthOf(run, now);
  if (seconds === undefined) return '–';
  return run.endedAt === null ? formatDuration(Math.floor(seconds)) : secondsInWords(seconds);
}

/** `47 ms`, `1m 20s` */
export const secondsInWords = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : formatDuration(seconds);

/** `exit 3`, `KILL`, `unknown`; `–` while it runs. */
export function exitInWords({
  exitCode,
  exitSignal,
  outcome,
}: Pick<Run, 'exitCode' | 'exitSignal' | 'outcome'>): string {
  if (outcome === null) return '–';
  if (exitCode !== null) return `exit ${exitCode}`;
  return exitSignal ?? 'unknown';
}
