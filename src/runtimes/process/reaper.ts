/** Ends what a run left behind, and makes sure that it is gone. */
import type { Clock } from '../../domain/clock.ts';
import type { Leftover } from '../../domain/run.ts';
import { killProcess, type Member, type ProcessTable } from './process-table.ts';

/** A process that KILL does not end within this hangs in the kernel (a dead disk): the run is told as ended all the same. */
const stuckAfterMs = 10_000;
const longestPauseMs = 50;
/** So often it looks again for what could not be told; some processes never can. */
const unsureLooks = 4;

/**
 * Kills every process that `selects` takes until none is left, also those forked meanwhile; resolves with what was found,
 * each process once. Nothing else tells a process that is no child of ours has ended, so it looks again and again, ever
 * more rarely. When there is nothing, it costs one scan, and a few when somebody is in the middle of exec(2).
 */
export async function reap(
  table: ProcessTable,
  clock: Clock,
  selects: (member: Member) => boolean,
): Promise<readonly (Leftover & Member)[]> {
  const found = new Map<string, Leftover & Member>();
  const begun = clock.monotonic();
  let unsure = 0;
  for (let pauseMs = 1; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const members = table.scan().filter(selects);
    const lookAgain = members.length === 0 && table.unsure && ++unsure < unsureLooks;
    if ((members.length === 0 && !lookAgain) || clock.monotonic() - begun > stuckAfterMs)
      return [...found.values()];
    for (const member of members) {
      const key = `${member.pid} ${member.startedAt}`;
      if (!found.has(key)) found.set(key, { ...member, command: table.command(member) });
      killProcess(table, member);
    }
    await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
  }
}
