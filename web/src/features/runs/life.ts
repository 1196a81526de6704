/** What happened to a run, in order. */
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { exitInWords, triggerWords } from '../../parts/runs/run-words.ts';

export interface LifeEvent {
  readonly key: string;
  /** Wall time, ms; null where it stands for the moment before it. */
  readonly at: number | null;
  /** How long after the beginning: `+ 41s`. */
  readonly after: string;
  readonly words: string;
  readonly tone?: 'good' | 'bad' | 'warn';
}

export function eventsOf(run: Run): readonly LifeEvent[] {
  const created = Date.parse(run.createdAt);
  const events: LifeEvent[] = [];
  const add = (key: string, at: number | null, words: string, tone?: LifeEvent['tone']) =>
    events.push({
      key,
      at,
      after: at === null ? '' : sinceBeginning(at - created),
      words,
      ...(tone === undefined ? {} : { tone }),
    });
  if (run.dueAt !== null) add('due', Date.parse(run.dueAt), 'It was due.');
  const asked = run.askedBy === null ? '' : `, asked for by ${run.askedBy}`;
  add('created', created, `Recorded, because of ${triggerWords[run.trigger]}${asked}.`);
  if (run.startedAt !== null) add('started', Date.parse(run.startedAt), 'Its program started.');
  if (run.endRequestedAt !== null)
    add('asked', Date.parse(run.endRequestedAt), 'It was sent its exit signal.', 'warn');
  if (run.endedAt === null || run.outcome === null) {
    add(
      'running',
      null,
      run.startedAt === null
        ? 'It is being started.'
        : run.endRequestedAt === null
          ? 'It runs.'
          : 'It is ending.',
    );
    return events;
  }
  const how = run.outcome === 'lost' ? 'Nobody saw its end' : `It ended, ${exitInWords(run)}`;
  add('ended', Date.parse(run.endedAt), `${how}: ${run.reason ?? run.outcome}.`, toneOf(run.outcome));
  for (const { pid, command } of run.leftovers)
    add(`left ${pid}`, null, `Left behind and killed: ${command} (pid ${pid}).`, 'warn');
  return events;
}

const toneOf = (outcome: NonNullable<Run['outcome']>): LifeEvent['tone'] =>
  outcome === 'ok' ? 'good' : outcome === 'stopped' ? undefined : outcome === 'lost' ? 'warn' : 'bad';

function sinceBeginning(ms: number): string {
  if (ms === 0) return '0';
  const sign = ms < 0 ? '−' : '+';
  const amount = Math.abs(ms);
  return `${sign} ${amount < 1_000 ? `${Math.round(amount)} ms` : formatDuration(amount / 1_000)}`;
}
