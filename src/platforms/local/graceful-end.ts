/** The end of a run that is not a worker's: asked, and killed when its exit timeout has passed. Workers have their table. */
import type { Clock } from '../../domain/clock.ts';
import type { EndRequest } from '../../domain/run.ts';
import type { SignalName } from '../../domain/signals.ts';
import { killAgainMs } from '../../supervisor/instance.ts';
import type { Runs } from './runs.ts';

export interface Manners {
  readonly exitSignal: SignalName;
  readonly exitTimeoutSeconds: number;
}

/** Asks the run to end, and sends KILL after the exit timeout, again and again should something survive it. */
export function endGracefully(
  runs: Runs,
  clock: Clock,
  runId: string,
  request: EndRequest,
  manners: Manners,
): void {
  if (runs.get(runId)?.endRequest != null) return;
  runs.askToEnd(runId, request, manners.exitSignal);
  const insist = (): void => {
    if (runs.get(runId) === undefined) return;
    runs.kill(runId);
    clock.after(killAgainMs, insist);
  };
  clock.after(manners.exitTimeoutSeconds * 1000, insist);
}
