/** What of a data folder a backup holds (docs/decisions/0009-backups.md has the reasons). */

/** The store copies these itself, all as of one moment. */
export const databases = ['nightshift.db', 'history.db', 'metrics.db'] as const;

/** What can be made again, is only true while the daemon runs, or is too large: logs, git, runtime state, automatic backups. */
const leftOut = /^(daemon\.(lock|pid)|.*\.sock|.*-(wal|shm|journal)|.*\.set-aside-.*|.*\.new|\..*)$/;

/** Nothing of these is secret. */
const open = new Set(['plans.yml']);

/** Larger files are nobody's settings. */
export const settingBytesMax = 1024 * 1024;

export type Place = 'database' | 'open' | 'sealed' | 'left out';

/** Where a file at the top of the data folder goes: what nobody has thought of is taken along, and taken for a secret. */
export function placeOf(name: string): Place {
  if ((databases as readonly string[]).includes(name)) return 'database';
  if (leftOut.test(name)) return 'left out';
  return open.has(name) ? 'open' : 'sealed';
}
