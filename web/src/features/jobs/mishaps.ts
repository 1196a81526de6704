/** What went wrong in an environment since a moment, from its runs, its ledger and its incidents. */
import type { DueTime } from '../../../../src/contract/cron.ts';
import type { Incident } from '../../../../src/contract/incident.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { reasonBesideJob } from '../../parts/incident-words.ts';

export interface Mishap {
  readonly key: string;
  readonly at: string;
  readonly job: string | null;
  readonly text: string;
  readonly run: string | null;
  readonly tone: 'bad' | 'warn';
  /** How many of the same kind in a row this line stands for. */
  readonly times: number;
}

/** Newest first; the same failure of one job in a row is one line. */
export function mishapsOf(
  runs: readonly Run[],
  dueTimes: readonly DueTime[],
  incidents: readonly Incident[],
  since: number,
): Mishap[] {
  const ends = runs.filter(wentWrong);
  const told = new Set(ends.map(({ id }) => id));
  const all = [
    ...ends.map(ofRun),
    ...dueTimes.filter(({ fate }) => fate === 'missed').map(ofDueTime),
    ...incidents
      .filter(({ kind, run }) => kind !== 'cron-missed' && !(ofAnEnd(kind) && told.has(run ?? '')))
      .map(ofIncident),
  ];
  return inRows(
    all.filter(({ at }) => Date.parse(at) >= since).sort((a, b) => Date.parse(b.at) - Date.parse(a.at)),
  );
}

const wentWrong = ({ outcome }: Run): boolean =>
  outcome !== null && outcome !== 'ok' && outcome !== 'stopped';

/** Such an incident says what its run says already. */
const ofAnEnd = (kind: Incident['kind']): boolean => kind === 'cron-failed' || kind === 'out-of-memory';

const ofRun = (run: Run): Mishap => ({
  key: run.id,
  at: run.endedAt ?? run.createdAt,
  job: run.job ?? 'remote command',
  text: run.reason ?? run.outcome ?? '',
  run: run.id,
  tone: 'bad',
  times: 1,
});

const ofDueTime = ({ job, dueAt, reason, count }: DueTime): Mishap => ({
  key: `${job} ${dueAt}`,
  at: dueAt,
  job,
  text: `missed${count > 1 ? ` ${count} due times` : ''}: ${reason ?? 'nobody knows why'}`,
  run: null,
  tone: 'warn',
  times: 1,
});

const ofIncident = (incident: Incident): Mishap => ({
  key: incident.id,
  at: incident.beganAt,
  job: incident.job,
  text: reasonBesideJob(incident),
  run: incident.run,
  tone: 'warn',
  times: 1,
});

function inRows(mishaps: readonly Mishap[]): Mishap[] {
  const rows: Mishap[] = [];
  const lastOf = new Map<string, number>();
  for (const mishap of mishaps) {
    const same = lastOf.get(mishap.job ?? '');
    const row = same === undefined ? undefined : rows[same];
    if (same !== undefined && row !== undefined && row.text === mishap.text) {
      rows[same] = { ...row, times: row.times + 1 };
      continue;
    }
    lastOf.set(mishap.job ?? '', rows.length);
    rows.push(mishap);
  }
  return rows;
}
