/** Paths in commands that a job can't reach: a run sees the programs of the machine, its settings and the environment's root, and no more. */
import type { Destination, ImportedJob, Note } from './imported.ts';
import { belowRoot, resolvePath } from './places.ts';

/** What a run sees nothing of, unless the root lies there; the last are the machine's own crons. */
const hidden =
  /(?<![\w./~-])\/(?:(?:home|srv|var|root|opt|mnt|media|data|run)\/[\w.@+/-]*\w|etc\/cron[\w.-]*)/g;

/** One note for each path that the job's command names and that it will not find. */
export function pathsOutside({ command, file, line }: ImportedJob, to: Destination): Note[] {
  const paths = [...new Set(command.match(hidden) ?? [])].filter(
    (path) => belowRoot(to, resolvePath('/', path)) === null,
  );
  return paths.map((path) => ({
    ...{ file, line, directive: path.slice(0, 120), fate: 'left out' as const },
    sentence: `jobs of "${to.environment}" see nothing of it, because it lies outside their root ${to.root}: put it there, or make an environment with the --root of that app`,
  }));
}
